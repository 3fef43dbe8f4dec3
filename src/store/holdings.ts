// What a snapshot holds, as its marker says. Pure.
import type {Marker, MarkerSource} from './marker.js'

/** A source as a snapshot, or a run that is to make one, holds it. */
export interface Holding extends MarkerSource {
  /** Name of the machine that made the backup. */
  readonly machine: string
  /** What that machine, or the remote host, is known by; null in markers of older versions. */
  readonly hostId: string | null
  /** When the snapshot was made; absent of a run's source. */
  readonly time_ms?: number
  /** Names of all machines that were known to share the id. */
  readonly clones?: readonly string[]
  /** Of a run's source: the path without symlinks. */
  readonly realPath?: string
}

/** What is looked at of a snapshot. */
export interface Member {
  readonly marker: Marker | null
  /** Names of its sources; null where it is not known what it holds. */
  readonly sources: readonly string[] | null
  /** Of a snapshot that is only planned. */
  readonly holdings?: readonly Holding[]
}

/** Made once for each marker, because many questions are about all snapshots of a store. */
const made = new WeakMap<Marker, readonly Holding[]>()

function holdingsIn(marker: Marker): readonly Holding[] {
  const {host: machine, host_id: id = null, clones, start} = marker
  const time_ms = Date.parse(start)
  return marker.sources.map((source) => ({
    ...source,
    machine,
    hostId: id === null ? null : (source.host ?? id),
    ...(!Number.isNaN(time_ms) && {time_ms}),
    ...(clones !== undefined && {clones}),
  }))
}

/** Holdings, or only names if the marker says no more; null if nothing is known. */
export function holdingsOf(member: Member): ReadonlyArray<Holding | string> | null {
  const {marker, sources, holdings} = member
  if (holdings !== undefined) return holdings
  if (marker === null || marker.sources.length === 0) return sources
  const known = made.get(marker) ?? holdingsIn(marker)
  made.set(marker, known)
  return known
}
