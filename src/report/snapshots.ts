// The output of snapshots: a table of at most 80 columns, and JSON.
import {printable} from '../base/escape.js'
import {count, size} from '../base/units.js'
import type {SnapshotsResult} from '../operations/snapshots.js'
import type {Verdict} from '../retention/retention.js'
import type {Snapshot} from '../store/store.js'
import {table, type Align} from './table.js'

/** What removing each snapshot alone would free, by name. */
export type ExclusiveSizes = ReadonlyMap<string, {readonly bytes: number; readonly inodes: number}>

type Row = Verdict<Snapshot>

const tableWidth = 80
const gap = 2

const ageUnits = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const

/** '3 d', '36 h', '5 min': short, in the largest unit of at least two. */
function shortAge(ms: number): string {
  if (ms < 0) return 'future'
  const seconds = Math.floor(ms / 1000)
  for (const [unit, length] of ageUnits) {
    if (seconds >= 2 * length) return `${count(Math.floor(seconds / length))} ${unit}`
  }
  return `${seconds} s`
}

/** As many of the texts as fit into a width, at least one, and how many others there are. */
function fitted(texts: readonly string[], width: number): string {
  for (let shown = texts.length; shown > 1; shown -= 1) {
    const rest = texts.length - shown
    const text = texts.slice(0, shown).join(', ') + (rest === 0 ? '' : ` +${rest}`)
    if (text.length <= width) return text
  }
  const more = texts.length > 1 ? ` +${texts.length - 1}` : ''
  const [first = ''] = texts
  const room = width - more.length
  return (first.length <= room ? first : `${first.slice(0, Math.max(room - 3, 1))}...`) + more
}

const sourcesOf = ({snapshot: {sources}}: Row): string[] => (sources ?? []).map(printable)

/** Pin and tags come first, because the user gave them. */
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
    ...(pinned ? ['pinned'] : []),
    ...tags.map((tag) => `#${printable(tag)}`),
    ...(keep ? rules.map(printable) : ['not kept']),
  ]
}

interface Column {
  readonly head: string
  readonly align: Align
  readonly texts: readonly string[]
}

const widthOf = ({head, texts}: Column): number =>
  Math.max(...[head, ...texts].map((text) => text.length))

/** The columns whose texts are never shortened; a text is empty if the marker does not have it. */
function columnsOf(rows: readonly Row[], now: Date, sizes: ExclusiveSizes | null): Column[] {
  const column = (head: string, textOf: (row: Row) => string, align: Align = 'right'): Column => ({
    head,
    align,
    texts: rows.map(textOf),
  })
  type TextOf = (marker: NonNullable<Snapshot['marker']>) => string
  const amount = (head: string, textOf: TextOf): Column =>
    column(head, ({snapshot: {marker}}) => (marker === null ? '' : textOf(marker)))
  const alone = ({snapshot: {name}}: Row): string => {
    const bytes = sizes?.get(name)?.bytes
    return bytes === undefined ? '' : size(bytes)
  }
  return [
    column('Snapshot', ({snapshot: {name}}) => name, 'left'),
    column('Age', ({snapshot: {instant}}) => shortAge(now.getTime() - instant.getTime())),
    amount('Files', ({counts}) => count(counts.files)),
    amount('Size', ({bytes}) => size(bytes.total)),
    amount('Added', ({bytes}) => size(bytes.added)),
    column('Alone', alone),
  ].filter(({texts}) => texts.some((text) => text !== ''))
}

/** A list in each row, shortened to a width. */
function listColumn(head: string, lists: ReadonlyArray<readonly string[]>, width: number): Column {
  return {head, align: 'left', texts: lists.map((list) => fitted(list, width))}
}

/** The table, newest last. Columns without content are left out; long lists are shortened. */
export function snapshotsText({now, verdicts}: SnapshotsResult, sizes: ExclusiveSizes | null) {
  const rows = [...verdicts].reverse()
  if (rows.length === 0) return 'There are no such snapshots.\n'
  const fixed = columnsOf(rows, now, sizes)
  const room = tableWidth - fixed.reduce((sum, column) => sum + widthOf(column) + gap, 0)
  const third = Math.max(Math.floor((room - gap) / 3), 'Sources'.length)
  const sources = listColumn('Sources', rows.map(sourcesOf), third)
  const reasons = listColumn('Kept by', rows.map(keptBy), room - widthOf(sources) - gap)
  const columns = [...fixed.slice(0, 2), sources, ...fixed.slice(2), reasons]
  const lines = [
    columns.map(({head}) => head),
    ...rows.map((_, at) => columns.map(({texts}) => texts[at] ?? '')),
  ]
  const aligns = columns.map(({align}) => align)
  return table(lines, aligns)
    .map((line) => `${line}\n`)
    .join('')
}

/** `sizes` is null if they were not asked for. */
export const snapshotsJson =
  (sizes: ExclusiveSizes | null) =>
  ({snapshot, keep, reasons}: Row): object => {
    const {name, instant, sources, marker, tags, pinned} = snapshot
    return {
      name,
      instant,
      sources: sources ?? [],
      files: marker?.counts.files ?? null,
      bytes: marker?.bytes.total ?? null,
      added_bytes: marker?.bytes.added ?? null,
      exclusive_bytes: sizes?.get(name)?.bytes ?? null,
      keep,
      reasons,
      tags,
      pinned,
    }
  }
