// Which snapshots a verification looks at, what the addon has to know of them, and where the sources
// of damaged files are now. Pure.
import type {VerifyOptions} from './verify-options.js'
import {CuraError} from '../base/errors.js'
import type {Damage, DonorPath, VerifiedSnapshot} from '../native/native.js'
import {currentHost} from '../store/host.js'
import type {MarkerSource} from '../store/marker.js'
import {isOfHost} from '../store/moves.js'
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
function baseOf({marker}: Snapshot, byName: ReadonlyMap<string, Snapshot>): string | null {
  const base = byName.get(marker?.previous ?? '')
  const before = base?.marker ?? null
  if (marker === null || before === null || base?.future !== false) return null
  const isSameHost = marker.host === before.host && marker.host_id === before.host_id
  const isIn = ({name, path, host}: MarkerSource): boolean =>
    before.sources.some(
      (one) => one.name === name && one.path === path && one.host === host && one.carried !== true,
    )
  const isSame = marker.sources.every((source) => source.carried !== true && isIn(source))
  return isSameHost && isSame ? base.name : null
}

/** What the addon has to know of these snapshots; `all` are those of the store. */
export function verifiedFrom(
  snapshots: readonly Snapshot[],
  all: readonly Snapshot[],
): VerifiedSnapshot[] {
  const byName = new Map(all.map((snapshot) => [snapshot.name, snapshot]))
  return snapshots.map((snapshot) => ({
    name: snapshot.name,
    // Every program that wrote a marker with contents wrote a record, too.
    hasNoRecord: snapshot.form === 'old' || (snapshot.marker === null && !snapshot.damaged),
    base: baseOf(snapshot, byName),
  }))
}

/** The kinds of metadata that the store could not keep in some run. */
export const excusedIn = (all: readonly Snapshot[]): string[] => [
  ...new Set(all.flatMap(({marker}) => marker?.notes.map(({kind}) => kind) ?? [])),
]

/** Returns whether a source is one of this machine, with a path that can be looked at. */
export function liveTest(
  view: SeriesView,
  host: string | null,
): (held: Holding | string) => held is Holding {
  const here = currentHost(host)
  return (held): held is Holding =>
    typeof held !== 'string' && held.path.startsWith('/') && isOfHost(view, held, here)
}

/** Divides 'ann/docs/a.txt' into the source's name and the rest, in Latin-1 to keep all bytes. */
function parted(path: Buffer): [name: string, below: string] {
  const text = path.toString('latin1').replace(/^\.backup_delta\//, '')
  const end = text.includes('/') ? text.indexOf('/') : text.length
  return [Buffer.from(text.slice(0, end), 'latin1').toString(), text.slice(end)]
}

/** Where the damaged files may be on this machine; each damage has the number of its place here. */
export function donorPaths(
  damages: readonly Damage[],
  all: readonly Snapshot[],
  host: string | null,
): DonorPath[] {
  const byName = new Map(all.map((snapshot) => [snapshot.name, snapshot]))
  const isLive = liveTest(new SeriesView(all), host)
  return damages.flatMap(({paths}, damage) => {
    const places = paths.flatMap(({snapshot, path}) => {
      const [name, below] = parted(path)
      const holder = byName.get(snapshot)
      const held = (holder && holdingsOf(holder))?.find((one) => nameOf(one) === name)
      if (held === undefined || !isLive(held)) return []
      return [Buffer.from(placeOf(held)).toString('latin1') + below]
    })
    return [...new Set(places)].map((place) => ({damage, path: Buffer.from(place, 'latin1')}))
  })
}
