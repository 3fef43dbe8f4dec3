// The operation `backup`: makes a snapshot of the sources if anything has changed, then removes the
// snapshots that no rule keeps.
import {followingOf} from './events.js'
import {advance, newSnapshot} from './attempt.js'
import {endOf, type Attempt, type Run} from './run.js'
import type {BackupOptions} from './backup-options.js'
import {findingsOf, type BackupResult} from './backup-result.js'
import {lineageOf} from '../store/bases.js'
import {errorText, explain, isStop} from '../native/failure.js'
import {withInterrupt} from '../base/interrupt.js'
import {removeLeftovers} from '../store/leftovers.js'
import {withLock} from '../store/lock.js'
import {currentHost} from '../store/host.js'
import {pruneStore} from './prune.js'
import {recorded, recordFailure} from './record.js'
import type {Removal} from './removal.js'
import {clearExpired, isNoRoom, noRoomLeft, TooLarge, type Room} from './room.js'
import {holdingFor, parseSources} from '../engine/sources.js'
import {compileSelection, fingerprintOf, refuseForRsync} from '../engine/selection.js'
import {programsFor, prepareSources} from '../engine/prepared-sources.js'
import {openStore, readInventory} from '../store/store.js'

export type {BackupOptions} from './backup-options.js'

/**
 * Removes the snapshots that no rule keeps. The new snapshot is safe by now, so errors become
 * warnings. This also runs after a source was carried over: that snapshot does not count for the
 * source (see withSeries), so the source loses nothing, and a disk that stays away cannot fill the
 * store.
 */
async function prune(run: Run, attempt: Attempt, result: BackupResult): Promise<BackupResult> {
  const {options, store} = run
  const {pruning, signal} = options
  // Without room for the snapshot, a real run ends before it prunes.
  if (pruning === null || pruning.tellsOnly === true) return result
  if (signal.aborted || result.shortage !== null) return result
  try {
    const snapshots = [...newSnapshot(run, attempt, result), ...attempt.found.snapshots]
    const following = {...options, ...pruning, within: attempt.lineage.holdings}
    const pruned = await pruneStore(store, snapshots, endOf(run), following)
    return {...result, pruned}
  } catch (error) {
    if (isStop(error, signal)) return result
    const problem = `pruning failed: ${errorText(error)}`
    return {...result, warnings: [...result.warnings, problem]}
  }
}

/** Adds the snapshots that were removed before the new one was made. */
function withRoom(result: BackupResult, freed: Removal | null): BackupResult {
  if (freed === null) return result
  const later = result.pruned
  const pruned = {
    names: [...freed.names, ...(later?.names ?? [])],
    leased: later?.leased ?? freed.leased,
    problems: [...freed.problems, ...(later?.problems ?? [])],
    entries: freed.entries + (later?.entries ?? 0),
    bytes: freed.bytes + (later?.bytes ?? 0),
    inodes: freed.inodes + (later?.inodes ?? 0),
  }
  return {...result, pruned, madeRoom: freed.names}
}

/** Removes leftovers, chooses the bases, makes the snapshot, and prunes. */
async function work(run: Run): Promise<BackupResult> {
  const {options, store, start, host, sources} = run
  const {moved} = options
  const selection = fingerprintOf(options.selection)
  let found = readInventory(store, start)
  const warnings = options.dryRun ? [] : await removeLeftovers(store, found.leftovers, options)
  let freed: Removal | null = null
  const typed = sources.map((source) => holdingFor(source, host))
  for (;;) {
    const lineage = lineageOf(found.snapshots, typed, {moved, selection})
    const {holdings} = lineage
    const attempt = {found, lineage, warnings, isFirst: freed === null}
    try {
      return withRoom(await prune(run, attempt, await advance(run, attempt)), freed)
    } catch (error) {
      if (!isNoRoom(error) || options.signal.aborted) throw error
      const room: Room = {...options, ...found, store, holdings, now: endOf(run)}
      const mayHelp: boolean = freed === null && !(error instanceof TooLarge)
      const removal: Removal | null = mayHelp ? await clearExpired(room, false) : null
      if (removal === null || removal.names.length === 0) throw await noRoomLeft(room, error)
      freed = removal
      const gone = new Set(removal.names)
      found = {...found, snapshots: found.snapshots.filter(({name}) => !gone.has(name))}
    }
  }
}

/** Throws a CuraError that carries the exit code. */
export async function backup(given: BackupOptions): Promise<BackupResult> {
  const options = {...given, ...followingOf(given)}
  const {storeDir, operands, external, trust, digests, dryRun, signal} = options
  const sources = parseSources(operands, external.rsync)
  if (external.rsync) refuseForRsync(options.selection, trust)
  const selection = compileSelection(options.selection, options.lists.omissions)
  const programs = await programsFor(external)
  const store = openStore(storeDir)
  try {
    const host = currentHost(options.host)
    const holdings = sources.map((source) => holdingFor(source, host))
    const recording = {...options, store, host, holdings}
    const means = {selection, trust, digests}
    const prepared = await prepareSources(store, sources, programs, means).catch(
      async (error: unknown) => {
        if (!dryRun) await recordFailure(recording, error)
        throw error
      },
    )
    // The start time is taken after the lock. Otherwise a snapshot that another run published during
    // the wait would seem to be dated in the future.
    const rest = {options, store, host, sources, prepared, dropped: new Map()}
    const start = (at: Date) => work({...rest, start: at})
    try {
      const locking = {...options, command: 'backup', now: options.clock()}
      const {result, unrecorded} = dryRun
        ? {result: await start(options.clock()), unrecorded: []}
        : await withLock(store, locking, () => recorded(recording, start))
      await options.emit({event: 'failure', failures: result.failures.list})
      const warnings = [...result.warnings, ...unrecorded]
      return await withInterrupt({...result, warnings}, findingsOf(result), signal)
    } finally {
      prepared.close()
    }
  } catch (error) {
    throw explain(error, signal, 'no snapshot was made')
  } finally {
    store.close()
  }
}
