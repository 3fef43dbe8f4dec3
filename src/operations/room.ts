// Makes room in a full store by removing expired snapshots before the new one is made.
import {CuraError} from '../base/errors.js'
import type {Following} from '../native/job.js'
import type {NativeStore, Space} from '../native/native.js'
import {pruneStore, type Pruning} from './prune.js'
import {nothingRemoved, type Removal} from './removal.js'
import type {Holding} from '../store/series.js'
import type {Snapshot} from '../store/store.js'
import {counted, size} from '../base/units.js'

/** How a run prunes. */
export interface RunPruning extends Pruning {
  /** Removes nothing; a run without room only reports what could be removed. */
  readonly tellsOnly?: true
}

export interface Room extends Following {
  readonly store: NativeStore
  /** The existing ones. The new one is not among them, so the newest of each series is kept. */
  readonly snapshots: readonly Snapshot[]
  /** The sources of the run. */
  readonly holdings: readonly Holding[]
  readonly pruning: RunPruning | null
  readonly now: Date
}

/** No room for a snapshot, even after removing all expired ones. */
export class TooLarge extends CuraError {
  constructor(message: string) {
    super('noSpace', message)
  }
}

export const isNoRoom = (error: unknown): error is CuraError =>
  error instanceof CuraError && error.code === 'noSpace'

const mayRemove = (pruning: RunPruning | null): pruning is RunPruning =>
  pruning !== null && pruning.tellsOnly !== true

/** Removes expired snapshots of the run's own series, or in a dry run measures them. */
export async function clearExpired(room: Room, dryRun: boolean): Promise<Removal> {
  const {store, snapshots, holdings, pruning, now, signal, onProgress} = room
  if (!mayRemove(pruning)) return nothingRemoved
  const how = {...pruning, signal, onProgress, within: holdings, dryRun}
  return pruneStore(store, snapshots, now, how)
}

/** The free space after that removal. */
export const spaceWith = (space: Space, {inodes, bytes}: Removal): Space => ({
  ...space,
  freeBytes: space.freeBytes + bytes,
  freeInodes: space.freeInodes + inodes,
})

/** Advice for the case that prune would free nothing. */
function adviceWithout(snapshots: readonly Snapshot[], leased: readonly string[]): string {
  if (leased.length > 0) {
    return `No rule keeps ${leased.join(', ')}, but another process reads it: try again later`
  }
  if (snapshots.length === 0) return 'Free some space, or exclude something'
  return (
    'No snapshot may be removed under these rules: free some space, exclude something, or keep ' +
    'fewer (--keep-last and the other --keep flags)'
  )
}

/** The error to end with: it reports what prune would free, or how else to make room. */
export async function noRoomLeft(room: Room, error: CuraError): Promise<CuraError> {
  const {store, snapshots, pruning, now, signal, onProgress} = room
  if (pruning === null) return error
  try {
    const how = {...pruning, signal, onProgress, within: null, dryRun: true}
    const {names, bytes, leased} = await pruneStore(store, snapshots, now, how)
    const what = `would remove ${counted(names.length, 'snapshot')} and free ${size(bytes)}`
    const advice =
      names.length === 0
        ? adviceWithout(snapshots, leased)
        : `With the same --keep flags "cura-te-ipsum prune" ${what}`
    return new CuraError(error.code, `${error.message}. ${advice}`, {cause: error})
  } catch {
    return error // report the first error, not this one
  }
}
