// Which histories a path may mean, and how to tell them apart. Pure.
import type {ReadingSeries} from './reading-series.js'
import {hostName, nameOf, placeOf, type Holding, type Host, type SeriesKey} from './series.js'
import {pathInside, type Place, type SnapshotPath} from './snapshot-path.js'
import {printable} from '../base/escape.js'

/** A history that holds a path. */
export interface Holder {
  readonly key: SeriesKey
  /** The path in its snapshots. */
  readonly inner: string
  readonly held: Holding | string
}

/** The longest source wins. */
function longest(places: readonly Place[]): Place[] {
  const length = Math.max(...places.map((place) => place.length))
  return places.filter((place) => place.length === length)
}

/**
 * The histories that hold a path; one alone if it is unknown which one. `held` are the sources of all
 * snapshots that count, the newest first; `host` as for pathInside.
 */
export function holdersOf(
  path: SnapshotPath,
  held: ReadonlyArray<Holding | string>,
  {
    series,
    host,
  }: {readonly series: Pick<ReadingSeries, 'view' | 'keysOf'>; readonly host: Host | null},
): Holder[] {
  const best = longest(held.flatMap((item) => pathInside(path, item, {view: series.view, host})))
  const holders = new Map<SeriesKey, Holder>()
  for (const place of [...best].reverse()) {
    const [key = '', ...more] = series.keysOf(place.held)
    // A holding that may belong to several histories adds none.
    if (more.length === 0) holders.set(key, {key, inner: place.inner, held: place.held})
  }
  const [first] = best
  if (holders.size > 0 || first === undefined) return [...holders.values()]
  return [{...first, key: series.keysOf(first.held)[0] ?? ''}]
}

/** Says that a path is ambiguous, and names only flags that tell the histories apart. */
export function severalText(
  holders: readonly Holder[],
  series: ReadingSeries,
  text: string,
): string {
  const differ = (textOf: (held: Holding) => string): boolean =>
    new Set(holders.map(({held}) => (typeof held === 'string' ? held : textOf(held)))).size > 1
  const flags = [
    ...(differ(placeOf) || differ(nameOf) ? ['--source'] : []),
    ...(differ(hostName) ? ['--host'] : []),
  ]
  const means = flags.length > 0 ? flags.join(' or ') : 'the full name of a snapshot'
  const labels = holders.map(({key}) => printable(series.labelOf(key))).join('; ')
  return `${printable(text)} matches several histories: ${labels}. Choose one with ${means}`
}
