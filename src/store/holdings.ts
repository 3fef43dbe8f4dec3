// The sources that a snapshot holds, by its marker. Pure.
import type {Marker, MarkerSource} from './marker.js'

/** A source as a snapshot holds it, or as a run will store it. */
export interface Holding extends MarkerSource {
  /** The name of the machine that made the backup. */
  readonly machine: string
  /** The id of that machine or of the remote host; null in markers of older versions. */
  readonly hostId: string | null
  /** When the snapshot was made; absent for a run's source. */
  readonly time_ms?: number
  /** The names of all machines that were known to share the id. */
  readonly clones?: readonly string[]
  /** For a run's source: the path without symlinks. */
  readonly realPath?: string
}

/** The part of a snapshot that series need. */
export interface Member {
  readonly marker: Marker | null
  /** The names of its sources; null if they are unknown. */
  readonly sources: readonly string[] | null
  /** Only for a planned snapshot. */
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

/** Holdings, or only names if the marker has no more; null if nothing is known. */
export function holdingsOf(member: Member): ReadonlyArray<Holding | string> | null {
  const {marker, sources, holdings} = member
  if (holdings !== undefined) return holdings
  if (marker === null || marker.sources.length === 0) return sources
  const known = made.get(marker) ?? holdingsIn(marker)
  made.set(marker, known)
  return known
}
