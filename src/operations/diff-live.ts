// Compares a snapshot with its sources as they are now, as a backup would.
import {followingOf, type Observer} from './events.js'
import type {Query} from './query.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {counted} from '../base/units.js'
import {prepareNative} from '../engine/engine.js'
import {fullTrust} from '../engine/selection.js'
import {sourceProblem} from '../engine/sources.js'
import type {Change, ChangeKind, Comparison, KindCounts, Source} from '../native/native.js'
import {holdingsOf, placeOf, SeriesView, type Holding} from '../store/series.js'
import {isOfHost} from '../store/moves.js'
import type {Selected} from '../store/selectors.js'

export type NextChanges = (limit: number) => readonly Change[]

/** What a comparison finds, besides the list. */
export interface Found {
  readonly counts: {readonly files: KindCounts; readonly directories: KindCounts}
  /** Of new and changed files. */
  readonly bytes: number
  /** Something could not be read. */
  readonly incomplete: boolean
}

type Counts = Record<ChangeKind, number>

const noCounts = (): Counts => ({new: 0, changed: 0, metadata: 0, renamed: 0, deleted: 0})

/** The source as this machine has it. Throws a CuraError if it is on another one. */
function sourceOf(query: Query, held: Holding | string, snapshot: string): Source {
  const {choice, snapshots} = query
  if (typeof held === 'string') {
    throw new CuraError('usage', `${snapshot} does not record where ${printable(held)} came from`)
  }
  if (!isOfHost(new SeriesView(snapshots), held, choice.host)) {
    const where = printable(held.host ?? held.machine)
    throw new CuraError(
      'usage',
      `${printable(held.name)} in ${snapshot} came from ${where}: --live compares only sources of ` +
        'this machine. Name a path in one of them',
    )
  }
  return {name: held.name, path: held.path, ...(held.named === true && {named: true})}
}

/** The sources that hold the path, or all that the filters admit. */
function sourcesOf(query: Query, {snapshot, path}: Selected): Source[] {
  const {source} = query.choice.filters
  const held = holdingsOf(snapshot) ?? []
  const wanted = held.filter((item) => {
    const name = typeof item === 'string' ? item : item.name
    if (path !== null) return path.split('/')[0] === name
    const place = typeof item === 'string' ? name : placeOf(item)
    return source === undefined || [name, place].includes(source)
  })
  if (wanted.length === 0) {
    throw new CuraError('usage', `${snapshot.name} does not record where its sources are`)
  }
  return wanted.map((item) => sourceOf(query, item, snapshot.name))
}

/** A change as it looks from inside `top`; null if it lies elsewhere. */
function within(top: Buffer, change: Change): Change | null {
  const isIn = (path: Buffer): boolean =>
    top.length === 0 ||
    path.equals(top) ||
    (path.subarray(0, top.length).equals(top) && path[top.length] === 0x2f)
  const {from, ...rest} = change
  if (isIn(change.path)) return from === undefined || isIn(from) ? change : {...rest, kind: 'new'}
  return from !== undefined && isIn(from) ? {...rest, kind: 'deleted', path: from} : null
}

/** Sentences about what the comparison could not see. */
function warningsOf(comparison: Comparison, {snapshot}: Selected): string[] {
  const {failures} = comparison
  const {marker, selection = null} = snapshot
  const hasRules = (selection !== null && selection !== '') || (marker?.counts.excluded ?? 0) > 0
  return [
    ...(hasRules
      ? [
          `${snapshot.name} does not record what was excluded from it, so excluded entries count ` +
            'as new.',
        ]
      : []),
    ...(failures.errors > 0
      ? [`${counted(failures.errors, 'entry', 'entries')} could not be read.`]
      : []),
  ]
}

/** Without a change, the path may exist nowhere. */
async function refuseMissing(query: Query, {snapshot: {name}, path}: Selected): Promise<void> {
  if (path === null) return
  const top = Buffer.from(path)
  const found = await query.withRecord(name, {whole: false}, (records) =>
    Promise.resolve(records.lookup(0, top)),
  )
  if (found !== null) return
  const where = `neither in ${name} nor on this machine`
  throw new CuraError('notFound', `there is no ${printable(top)}, ${where}`)
}

/** Counts the changes, because the engine does not tell files from directories. */
class Tally {
  readonly counts = {files: noCounts(), directories: noCounts()}
  bytes = 0
  isEmpty = true

  add({kind, type, bytes}: Change): void {
    this.counts[type === 'directory' ? 'directories' : 'files'][kind] += 1
    this.isEmpty = false
    if (kind === 'new' || kind === 'changed') this.bytes += bytes
  }
}

/** `list` gets the changes, and is done when it has read them all or needs no more. */
export async function compareLive(
  query: Query,
  from: Selected,
  observer: Observer,
  list: (next: NextChanges) => Promise<void>,
): Promise<Found> {
  const sources = sourcesOf(query, from)
  const means = {selection: null, trust: fullTrust, digests: false}
  const prepared = prepareNative(query.store, sources, means)
  const {name: snapshot, instant} = from.snapshot
  const rest = {snapshot, own: true, instant, foreign: false, older: [], lookBack: []}
  const engine = prepared.engine(sources.map(({name}) => ({name, ...rest})))
  try {
    const comparison = await engine.compare(followingOf(observer))
    const failed = prepared.failed().map(({path, code}) => sourceProblem(path, code))
    query.warnings.push(...failed, ...warningsOf(comparison, from))
    const top = Buffer.from(from.path ?? '')
    const tally = new Tally()
    const next: NextChanges = (limit) => {
      // An empty page would end the list.
      for (;;) {
        const page = engine.changes(limit)
        const inside = page.flatMap((change) => within(top, change) ?? [])
        for (const change of inside) tally.add(change)
        if (page.length === 0 || inside.length > 0) return inside
      }
    }
    await list(next)
    if (tally.isEmpty) await refuseMissing(query, from)
    const incomplete = failed.length > 0 || comparison.failures.errors > 0
    return {counts: tally.counts, bytes: tally.bytes, incomplete}
  } finally {
    engine.close()
    prepared.close()
  }
}
