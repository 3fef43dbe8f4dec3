// Which snapshots a verification looks at, what the addon has to know of them, and where the sources
// of damaged files are now. Pure.
import type {VerifyOptions} from './verify-options.js'
import {CuraError} from '../base/errors.js'
import type {Damage, DonorPath, VerifiedSnapshot} from '../native/native.js'
import {currentHost} from '../store/host.js'
import {isForeign} from '../store/moves.js'
import {snapshotsFrom} from '../store/operands.js'
import {holdingsOf, nameOf, placeOf, SeriesView, type Holding} from '../store/series.js'
import type {Snapshot} from '../store/store.js'

export interface Choice {
  /** The newest first. */
  readonly snapshots: readonly Snapshot[]
  /** Sentences about snapshots that were named and cannot be verified. */
  readonly warnings: readonly string[]
}

/** Throws a CuraError as `resolve` in selectors.ts does, and 'notFound' if nothing is left. */
export function chosen(
  all: readonly Snapshot[],
  options: Pick<VerifyOptions, 'host' | 'now' | 'snapshots' | 'zone'>,
): Choice {
  const finished = all.filter(({finished: isFinished}) => isFinished)
  if (options.snapshots.length === 0) return {snapshots: finished, warnings: []}
  const {now, zone} = options
  const choice = {snapshots: all, host: currentHost(options.host), now, zone, filters: {}}
  const found = new Set(snapshotsFrom(options.snapshots, choice, 'verified'))
  const unfinished = all.filter((one) => found.has(one) && !one.finished).map(({name}) => name)
  const snapshots = finished.filter((snapshot) => found.has(snapshot))
  const why = 'is unfinished, so it has no record to compare it with'
  if (snapshots.length === 0) throw new CuraError('notFound', `${unfinished.join(', ')} ${why}`)
  return {snapshots, warnings: unfinished.map((name) => `${name} ${why}.`)}
}

/** The snapshot that all sources of this one were compared with; null if that is not certain. */
function baseOf(snapshot: Snapshot, byName: ReadonlyMap<string, Snapshot>): string | null {
  const {marker} = snapshot
  const previous = byName.get(marker?.previous ?? '')
  if (marker === null || !previous?.marker || previous.future) return null
  const isSameHost = marker.host === previous.marker.host && marker.host_id === previous.marker.host_id // prettier-ignore
  const isIn = ({name, path, host}: Snapshot['marker'] & object extends never ? never : {name: string; path: string; host?: string}): boolean => // prettier-ignore
    previous.marker?.sources.some(
      (one) => one.name === name && one.path === path && one.host === host && one.carried !== true,
    ) === true
  const isSame = marker.sources.every((source) => source.carried !== true && isIn(source))
  return isSameHost && isSame ? previous.name : null
}
