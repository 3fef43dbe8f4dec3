// The table of snapshots that status and snapshots share. On a terminal it fits; in a pipe it is whole.
import {printable} from '../base/escape.js'
import {count, shortAge, size} from '../base/units.js'
import type {Verdict} from '../retention/retention.js'
import type {Snapshot} from '../store/store.js'
import type {Screen} from './screen.js'
import {table, type Align} from './table.js'
import {cut, measureFor, type Measure} from './width.js'

/** What removing each snapshot alone would free, by name. */
export type ExclusiveSizes = ReadonlyMap<string, {readonly bytes: number; readonly inodes: number}>

type Row = Verdict<Snapshot>

const gap = 2
/** Columns that are dropped on a narrow terminal, the first one first. */
const dropped = ['FILES', 'ADDED', 'SIZE', 'SOURCES', 'AGE']
/** A list column is worth showing if it has so much room, or all it needs. */
const shortest = 10

interface Column {
  readonly head: string
  readonly align: Align
  /** The parts of each row's text; only lists have several. */
  readonly lists: ReadonlyArray<readonly string[]>
  readonly isList: boolean
}

/** 'docs (/srv/docs)' instead of 'docs' if several histories have that name. */
function sourcesOf({snapshot: {sources, series}}: Row): string[] {
  return (sources ?? []).map((name) => {
    const labels = (series ?? []).filter((label) => label.startsWith(`${name} (`))
    return printable(labels.length === 1 ? (labels[0] ?? name) : name)
  })
}

function carriedIn({marker}: Snapshot): string[] {
  const carried = (marker?.sources ?? []).filter((source) => source.carried === true)
  return carried.map(({name}) => `${printable(name)} carried over`)
}

/** Trouble comes first, then pin and tags, because the user gave them. */
function keptBy({snapshot, keep, reasons}: Row): string[] {
  const {pinned, tags, damaged, tagsUnreadable, series} = snapshot
  const rules = reasons
    .filter((reason) => reason !== 'pinned' && !tags.some((tag) => reason === `tag ${tag}`))
    .map((reason) =>
      series?.length === 1 ? reason.replace(/^newest with .*$/s, 'newest') : reason,
    )
  return [
    ...(damaged ? ['marker damaged'] : []),
    ...(tagsUnreadable === true ? ['.backup_tags damaged'] : []),
    ...carriedIn(snapshot),
    ...(pinned ? ['pinned'] : []),
    ...tags.map((tag) => `#${printable(tag)}`),
    ...(keep ? rules.map(printable) : ['not kept']),
  ]
}

/** The columns with content; a text is empty if the marker does not have it. */
function columnsOf(rows: readonly Row[], now: Date, sizes: ExclusiveSizes | null): Column[] {
  const column = (head: string, textOf: (row: Row) => string, align: Align = 'right'): Column => ({
    ...{head, align, isList: false},
    lists: rows.map((row) => [textOf(row)]),
  })
  const list = (head: string, listOf: (row: Row) => string[]): Column => ({
    ...{head, align: 'left', isList: true},
    lists: rows.map(listOf),
  })
  type TextOf = (marker: NonNullable<Snapshot['marker']>) => string
  const amount = (head: string, textOf: TextOf): Column =>
    column(head, ({snapshot: {marker}}) => (marker === null ? '' : textOf(marker)))
  const alone = ({snapshot: {name}}: Row): string => {
    const bytes = sizes?.get(name)?.bytes
    return bytes === undefined ? '' : size(bytes)
  }
  return [
    column('SNAPSHOT', ({snapshot: {name}}) => name, 'left'),
    column('AGE', ({snapshot: {instant}}) => shortAge(now.getTime() - instant.getTime())),
    list('SOURCES', sourcesOf),
    amount('FILES', ({counts}) => count(counts.files)),
    amount('SIZE', ({bytes}) => size(bytes.total)),
    amount('ADDED', ({bytes}) => size(bytes.added)),
    amount('ERRORS', ({errors}) => (errors.count === 0 ? '' : count(errors.count))),
    column('ALONE', alone),
    list('KEPT BY', keptBy),
  ].filter(({lists}) => lists.some((texts) => texts.some((text) => text !== '')))
}

/** As many of the texts as fit into a width, at least one, and how many others there are. */
function fitted(texts: readonly string[], width: number, measure: Measure, ellipsis: string) {
  for (let shown = texts.length; shown > 1; shown -= 1) {
    const rest = texts.length - shown
    const text = texts.slice(0, shown).join(', ') + (rest === 0 ? '' : ` +${rest}`)
    if (measure(text) <= width) return text
  }
  const more = texts.length > 1 ? ` +${texts.length - 1}` : ''
  return cut(texts[0] ?? '', width - more.length, measure, ellipsis) + more
}

const naturalWidth = ({head, lists}: Column, measure: Measure): number =>
  Math.max(head.length, ...lists.map((texts) => measure(texts.join(', '))))

/** How much of the room each list gets: the last one the larger part, if both need more. */
function shares(needs: readonly number[], room: number): number[] {
  const [first = 0, second] = needs
  if (second === undefined) return [room]
  const third = Math.floor((room - gap) / 3)
  const given = Math.min(first, Math.max(room - gap - second, third))
  return [given, room - gap - given]
}

/** Drops columns until the lists have room, and says how wide each list is. */
function arranged(columns: readonly Column[], width: number, measure: Measure) {
  const widthOf = (column: Column): number => naturalWidth(column, measure)
  for (let drop = 0; ; drop += 1) {
    const gone = dropped.slice(0, drop)
    const kept = columns.filter(({head}) => !gone.includes(head))
    const fixed = kept.filter(({isList}) => !isList)
    const needs = kept.filter(({isList}) => isList).map(widthOf)
    const room = width - fixed.reduce((sum, column) => sum + widthOf(column) + gap, 0)
    const least = needs.reduce((sum, need) => sum + Math.min(need, shortest) + gap, -gap)
    if (room >= least || drop === dropped.length) {
      return {kept, widths: shares(needs, Math.max(room, shortest))}
    }
  }
}

/** The lines of the table; `rows` and its lines have the newest last. */
export async function snapshotTable(
  rows: readonly Row[],
  {now, sizes, screen}: {now: Date; sizes: ExclusiveSizes | null; screen: Screen},
): Promise<string[]> {
  const columns = columnsOf(rows, now, sizes)
  const measure = await measureFor(columns.flatMap(({lists}) => lists.flat()))
  const {width, hasSigns} = screen
  const {kept, widths} =
    width === null ? {kept: columns, widths: []} : arranged(columns, width, measure)
  const lists = kept.filter(({isList}) => isList)
  const ellipsis = hasSigns ? '…' : '...'
  const textsOf = (column: Column): string[] => {
    const room = widths[lists.indexOf(column)]
    if (room === undefined) return column.lists.map((texts) => texts.join(', '))
    return column.lists.map((texts) => fitted(texts, room, measure, ellipsis))
  }
  const texts = kept.map((column) => [column.head, ...textsOf(column)])
  const lines = [-1, ...rows.keys()].map((at) => texts.map((column) => column[at + 1] ?? ''))
  return table(
    lines,
    kept.map(({align}) => align),
    measure,
  )
}
