// Removes snapshots that another operation has chosen, or measures what that would free.
import {errorText, isStop} from '../native/failure.js'
import {follow, type Following} from '../native/job.js'
import type {NativeStore, Progress, Removed} from '../native/native.js'
import type {Verdict} from '../retention/retention.js'
import {leasedAmong} from '../store/lease.js'
import {trashName} from '../store/snapshot-name.js'
import type {Snapshot} from '../store/store.js'

/** The removed snapshots, or in a dry run, those that would be removed. */
export interface Removal extends Removed {
  /** The oldest first. */
  readonly names: readonly string[]
  /** Not removed, because a reader has a lease on them: the next run tries again. */
  readonly leased: readonly string[]
  /** Sentences about snapshots that could not be removed. */
  readonly problems: readonly string[]
}

export const nothingRemoved: Removal = {
  names: [],
  entries: 0,
  bytes: 0,
  inodes: 0,
  leased: [],
  problems: [],
}

/** About how many entries a removal will find; NaN if the marker is missing. */
function entriesOf({marker}: Snapshot): number {
  if (marker === null) return NaN
  const {files, directories, symlinks, specials, changes} = marker.counts
  const tree = 3 + files + directories + symlinks + specials // 3: its top, marker and manifest
  if (marker.previous === null) return tree
  const delta = 1 + changes.new + changes.changed + changes.metadata + changes.renamed
  return tree + delta
}

/** Measures what removing them all would free. */
export async function measure(
  store: NativeStore,
  snapshots: readonly Snapshot[],
  {signal, onProgress}: Following,
): Promise<Removal> {
  const set = snapshots.map(({name}) => name)
  signal.throwIfAborted()
  const job = store.measure(set, {set, top: 0, topOfSet: false})
  const {all, gone} = await follow(job, signal, onProgress)
  const {entries, bytes, inodes} = all
  const names = set.filter((name) => !gone.includes(name))
  return {names, entries, bytes, inodes, leased: [], problems: []}
}

/**
 * Removes them one after the other. A snapshot that cannot be removed becomes a problem and does not
 * stop the others. An interrupt ends the loop, and the next run continues.
 */
export async function remove(
  store: NativeStore,
  snapshots: readonly Snapshot[],
  {signal, onProgress}: Following,
): Promise<Removal> {
  const names: string[] = []
  const leased: string[] = []
  const problems: string[] = []
  let [entries, bytes, inodes] = [0, 0, 0]
  for (const [at, snapshot] of snapshots.entries()) {
    const {name} = snapshot
    const doomed = {what: 'snapshot', number: at + 1, of: snapshots.length} as const
    const toDo = snapshots.slice(at).reduce((sum, one) => sum + entriesOf(one), 0)
    const totalEntries = Number.isNaN(toDo) ? 0 : entries + toDo
    const show = (progress: Progress): void => {
      onProgress({...progress, entries: entries + progress.entries, totalEntries, doomed})
    }
    let isHidden = false
    try {
      signal.throwIfAborted()
      isHidden = store.trash(name, trashName(name))
      if (!isHidden) {
        leased.push(name)
        continue
      }
      const removed = await follow(store.remove(trashName(name)), signal, show)
      names.push(name)
      entries += removed.entries
      bytes += removed.bytes
      inodes += removed.inodes
    } catch (error) {
      if (isStop(error, signal)) break
      const rest = isHidden ? '; it is hidden, and the next run tries again' : ''
      problems.push(`${name} could not be removed: ${errorText(error)}${rest}`)
    }
  }
  return {names, entries, bytes, inodes, leased, problems}
}

/** Divides these snapshots into those that a reader has a lease on, by name, and the others. */
export function partByLease(store: NativeStore, snapshots: readonly Snapshot[]) {
  const names = snapshots.map(({name}) => name)
  const leased = leasedAmong(store, names)
  return {leased, free: snapshots.filter(({name}) => !leased.includes(name))}
}

/** The verdicts with some snapshots kept for another reason. */
export function keepAlso(
  verdicts: ReadonlyArray<Verdict<Snapshot>>,
  isKept: (verdict: Verdict<Snapshot>) => boolean,
  reason: string,
): Array<Verdict<Snapshot>> {
  return verdicts.map((verdict) =>
    isKept(verdict) ? {...verdict, keep: true, reasons: [reason]} : verdict,
  )
}

/** The verdicts with the leased snapshots kept. */
export const keepLeased = (
  verdicts: ReadonlyArray<Verdict<Snapshot>>,
  leased: readonly string[],
): Array<Verdict<Snapshot>> =>
  keepAlso(verdicts, ({snapshot: {name}}) => leased.includes(name), 'leased')
