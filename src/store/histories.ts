// The histories in a store: each source with the snapshots that hold it. Pure.
import {isForeign} from './moves.js'
import {Sieve} from './filters.js'
import {matching, type Choice} from './selectors.js'
import {ReadingSeries} from './reading-series.js'
import {nameOf, placeOf, type Holding, type SeriesKey, type SeriesView} from './series.js' // prettier-ignore
import type {Snapshot} from './store.js'

export interface History {
  readonly key: SeriesKey
  /** The name of its source, which is its directory in each snapshot. */
  readonly name: string
  /** What distinguishes it from other histories, for people. */
  readonly label: string
  /** The newest first. */
  readonly snapshots: readonly Snapshot[]
  /** The newest snapshot of the series, even if the filters leave it out. */
  readonly newest: Snapshot
  /** Where it is and was on this machine; none if it is on another one, or unknown. */
  readonly places: readonly string[]
}

/** The path of a source of this machine; null for one of another machine. */
function placeHere(held: Holding | string, view: SeriesView, {host, filters}: Choice) {
  if (typeof held === 'string' || held.host !== undefined) return null
  const here = {name: '', path: '/', machine: host.name, hostId: host.id}
  return filters.host !== undefined || !isForeign(view, here, held) ? placeOf(held) : null
}

/** Each history that a snapshot holds, with the source that stands for it. */
function heldBy(snapshot: Snapshot, sieve: Sieve) {
  const held = sieve.heldIn(snapshot) ?? []
  return held.flatMap((one) => sieve.keysOf(one).map((key) => ({key, one})))
}

/** The newest snapshot of each series, whatever tags the filters want. */
function newestOf(choice: Choice, series: ReadingSeries): Map<SeriesKey, Snapshot> {
  const {tag, ...filters} = choice.filters
  const every = tag === undefined ? choice : {...choice, filters}
  const sieve = new Sieve(choice.snapshots, every.filters, series)
  const pairs = matching(every).flatMap((snapshot) =>
    heldBy(snapshot, sieve).map(({key}) => [key, snapshot] as const),
  )
  return new Map(pairs.reverse())
}

interface Growing extends History {
  readonly snapshots: Snapshot[]
  readonly places: string[]
}

/** The histories of all snapshots that match the filters, in the order of their labels. */
export function historiesOf(choice: Choice): History[] {
  const series = new ReadingSeries(choice.snapshots)
  const sieve = new Sieve(choice.snapshots, choice.filters, series)
  const newest = newestOf(choice, series)
  const found = new Map<SeriesKey, Growing>()
  for (const snapshot of matching(choice)) {
    for (const {key, one} of heldBy(snapshot, sieve)) {
      const known = found.get(key) ?? {
        ...{key, name: nameOf(one), label: series.labelOf(key), snapshots: [], places: []},
        newest: newest.get(key) ?? snapshot,
      }
      const place = placeHere(one, series.view, choice)
      if (place !== null && !known.places.includes(place)) known.places.push(place)
      if (known.snapshots.at(-1) !== snapshot) known.snapshots.push(snapshot)
      found.set(key, known)
    }
  }
  return [...found.values()].sort((a, b) => (a.label < b.label ? -1 : 1))
}
