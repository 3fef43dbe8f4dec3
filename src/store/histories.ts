// The histories in a store: each source with the snapshots that hold it. Pure.
import {isForeign} from './moves.js'
import {isHeldFor, matching, type Choice} from './selectors.js'
import {holdingsOf, nameOf, placeOf, SeriesView, type Holding, type SeriesKey} from './series.js'
import type {Snapshot} from './store.js'

export interface History {
  readonly key: SeriesKey
  /** The name of its source, which is its directory in each snapshot. */
  readonly name: string
  /** What distinguishes it from other histories, for people. */
  readonly label: string
  /** The newest first. */
  readonly snapshots: readonly Snapshot[]
  /** Where it is on this machine; null if it is on another one, or unknown. */
  readonly place: string | null
}

/** The path of a source of this machine. */
function placeHere(held: Holding | string, view: SeriesView, {host, filters}: Choice) {
  if (typeof held === 'string' || held.host !== undefined) return null
  const here = {name: '', path: '/', machine: host.name, hostId: host.id}
  return filters.host !== undefined || !isForeign(view, here, held) ? placeOf(held) : null
}

/** Each history that a snapshot holds, with the source that stands for it. */
function heldBy(snapshot: Snapshot, view: SeriesView, {filters}: Choice) {
  const held = (holdingsOf(snapshot) ?? []).filter((one) => isHeldFor(one, filters))
  return held.flatMap((one) => view.keysOf(one).map((key) => ({key, one})))
}

/** The histories of all snapshots that match the filters, in the order of their labels. */
export function historiesOf(choice: Choice): History[] {
  const view = new SeriesView(choice.snapshots)
  const found = new Map<SeriesKey, History & {readonly snapshots: Snapshot[]}>()
  for (const snapshot of matching(choice)) {
    for (const {key, one} of heldBy(snapshot, view, choice)) {
      const label = view.labelOf(key)
      const place = placeHere(one, view, choice)
      const known = found.get(key) ?? {key, name: nameOf(one), label, snapshots: [], place}
      if (known.snapshots.at(-1) !== snapshot) known.snapshots.push(snapshot)
      found.set(key, known)
    }
  }
  return [...found.values()].sort((a, b) => (a.label < b.label ? -1 : 1))
}
