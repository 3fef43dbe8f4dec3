// About how much the snapshots of a store hold together. Pure.
import {holdingsOf, type SeriesKey, type SeriesView} from '../store/series.js'
import type {Snapshot} from '../store/store.js'

/**
 * The sum of what each snapshot added, and all of the oldest ones; null if a marker does not say it.
 * An estimate: what snapshots added that are removed by now counts as far as the trees have grown.
 * `snapshots` are finished ones, the newest first.
 */
export function storedBytes(snapshots: readonly Snapshot[], view: SeriesView): number | null {
  const latest = new Map<SeriesKey, number>()
  let sum = 0
  for (const snapshot of [...snapshots].reverse()) {
    const {marker} = snapshot
    if (marker === null) return null
    const {total, added} = marker.bytes
    const keys = (holdingsOf(snapshot) ?? []).flatMap((held) => view.keysOf(held))
    const earlier = keys.flatMap((key) => latest.get(key) ?? [])
    sum += earlier.length === 0 ? total : Math.max(added, total - Math.max(...earlier))
    for (const key of keys) latest.set(key, total)
  }
  return sum
}
