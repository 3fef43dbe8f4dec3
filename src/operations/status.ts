// The operation `status`: lists the snapshots of a store and reports its health. It takes no lock and
// writes nothing.
import {cloneNotices} from '../store/bases.js'
import {printable} from '../base/escape.js'
import {leasedAmong} from '../store/lease.js'
import {currentFacts} from '../store/lock.js'
import {Sieve} from '../store/filters.js'
import {refuseUnknownSource} from '../store/known-sources.js'
import {holdingsOfRun, readRecords, type RunGroup} from '../store/run-records.js'
import {judgeLock, type LockOwner} from '../store/lock-judge.js'
import {isNativeError, nativeErrorText} from '../native/failure.js'
import {CuraError} from '../base/errors.js'
import {exitCode} from '../base/exit-code.js'
import type {LockAttempt, NativeStore, ScrubSummary, Space} from '../native/native.js'
import type {Pruning} from './prune.js'
import {keepLeased} from './removal.js'
import {storedBytes} from './status-amount.js'
import {problemsOf, type Problem} from './status-health.js'
import {historyRuns, lastRunOf, type HistoryRuns, type PastRun} from './status-runs.js'
import {withoutGuards} from '../retention/guards.js'
import {judge, type Verdict} from '../retention/retention.js'
import {nameOf, holdingsOf, SeriesView, type SeriesKey} from '../store/series.js'
import {
  newestFinished,
  openStore,
  plannedSnapshot,
  readInventory,
  withSeries,
  type Snapshot,
} from '../store/store.js'

export interface LockStatus {
  /** 'odd': something other than a regular file has the lock's name. */
  readonly state: 'held' | 'stale' | 'odd'
  readonly owner: LockOwner | null
}

export interface StatusResult {
  readonly storeDir: string
  readonly now: Date
  readonly space: Space
  /** About how much the snapshots hold together; null if it is unknown. */
  readonly storedBytes: number | null
  /** What prune would do with each snapshot, newest first. */
  readonly verdicts: ReadonlyArray<Verdict<Snapshot>>
  /** Suggestions for the user. */
  readonly hints: readonly string[]
  /** Hidden directories: work in progress if the lock is held, otherwise left by a killed run. */
  readonly leftovers: readonly string[]
  /** The newest finished snapshot that is not dated in the future, and no guard. */
  readonly lastSnapshot: LastSnapshot | null
  /** The newest recorded run; null if there is no record. */
  readonly lastRun: PastRun | null
  /** When each history was last backed up. */
  readonly histories: readonly HistoryRuns[]
  /** Null if no run is active. */
  readonly lock: LockStatus | null
  /** What verify has read and found; null if it never ran. */
  readonly scrub: ScrubSummary | null
  /** What is wrong; empty if the store is healthy. */
  readonly problems: readonly Problem[]
  readonly maxAge_ms: number | null
  readonly exit: number
}

interface LastSnapshot {
  readonly name: string
  readonly instant: Date
  readonly age_ms: number
  /** How many entries could not be read. */
  readonly errors: number
}

function lockStatus(lock: LockAttempt | null): LockStatus | null {
  if (lock === null) return null
  if (lock.state !== 'exists') return {state: 'odd', owner: null}
  const {state, owner} = judgeLock(lock, currentFacts())
  return {state, owner}
}

/** This many histories of one name with one snapshot each are no coincidence. */
const manySeries = 3

/** A machine whose id changes at each start begins a new history each time. */
function hintsOn(view: SeriesView, snapshots: readonly Snapshot[]): string[] {
  const counts = new Map<SeriesKey, {readonly name: string; times: number}>()
  for (const held of snapshots.flatMap((snapshot) => holdingsOf(snapshot) ?? [])) {
    if (typeof held === 'string') continue
    for (const key of view.keysOf(held)) {
      const count = counts.get(key) ?? {name: nameOf(held), times: 0}
      count.times += 1
      counts.set(key, count)
    }
  }
  const single = [...counts.values()].filter(({times}) => times === 1).map(({name}) => name)
  return [...new Set(single)]
    .map((name) => ({name, times: single.filter((other) => other === name).length}))
    .filter(({times}) => times >= manySeries)
    .map(
      ({name, times}) =>
        `${times} histories of ${name} have one snapshot each. If they come from one machine whose ` +
        'id changes, such as a container, give it a fixed name: --host NAME.',
    )
}

interface StatusOptions extends Pruning {
  readonly storeDir: string
  readonly now: Date
  /** Only snapshots and runs of this source: its name or path. */
  readonly source?: string | undefined
  /** The age that the last good run of each history may have; null: any. */
  readonly maxAge_ms?: number | null
}

/** Filesystems and desktops make these in a directory that is empty for its user. */
const isSystemName = (name: string): boolean =>
  /^(lost\+found|System Volume Information|\$RECYCLE\.BIN|\.(?!backups?_).*)$/.test(name)

/** Refuses a directory that holds other things and nothing of ours. */
function refuseOther(store: NativeStore, storeDir: string): void {
  const names = store.list().map(({name}) => name)
  if (names.every(isSystemName) || names.some((name) => /^\.backups?_/.test(name))) return
  throw new CuraError(
    'noStore',
    `${printable(storeDir)} is not a store: it holds no snapshot, but other files. Check the path; ` +
      'to start a store there, run a backup',
  )
}

function lastSnapshotOf(snapshots: readonly Snapshot[], now: Date): LastSnapshot | null {
  const last = newestFinished(snapshots)
  if (last === null) return null
  const {name, instant, marker} = last
  const errors = marker?.errors.count ?? 0
  return {name, instant, age_ms: now.getTime() - instant.getTime(), errors}
}

/** The groups of runs of these sources. */
function groupsWithin(groups: readonly RunGroup[], sieve: Sieve): readonly RunGroup[] {
  if (sieve.filters.source === undefined) return groups
  const planned = (group: RunGroup): Snapshot => {
    const [run] = group.runs
    return plannedSnapshot('', new Date(0), run === undefined ? [] : holdingsOfRun(group, run))
  }
  return groups.filter((group) => sieve.passes(planned(group)))
}

/** The parts that a filter narrows. */
function narrowed(store: NativeStore, all: readonly Snapshot[], options: StatusOptions) {
  const {now, policy, zone, source} = options
  const lasting = withoutGuards(all)
  const view = new SeriesView(lasting)
  const sieve = new Sieve(all, source === undefined ? {} : {source})
  const judged = judge(withSeries(view, all), policy, now, zone)
  const expired = judged.filter(({keep}) => !keep).map(({snapshot: {name}}) => name)
  const verdicts = keepLeased(judged, leasedAmong(store, expired)).filter(({snapshot}) =>
    sieve.passes(snapshot),
  )
  const snapshots = verdicts.map(({snapshot}) => snapshot)
  const groups = groupsWithin(readRecords(store), sieve)
  const wanted = source === undefined ? null : keysOf(snapshots, sieve)
  return {
    verdicts,
    histories: historyRuns({snapshots, groups, view, now, wanted}),
    lastRun: lastRunOf(groups, now),
    lastSnapshot: lastSnapshotOf(snapshots, now),
    hints: [...hintsOn(view, lasting), ...cloneNotices(view, () => true)],
    storedBytes: storedBytes(
      snapshots.filter(({finished}) => finished),
      view,
    ),
  }
}

const keysOf = (snapshots: readonly Snapshot[], sieve: Sieve): ReadonlySet<SeriesKey> =>
  new Set(
    snapshots.flatMap((one) => (sieve.heldIn(one) ?? []).flatMap((held) => sieve.keysOf(held))),
  )

/** Throws a CuraError that carries the exit code. */
export function status(options: StatusOptions): StatusResult {
  const {storeDir, now, source, maxAge_ms = null} = options
  const store = openStore(storeDir)
  try {
    const {snapshots, leftovers} = readInventory(store, now)
    if (snapshots.length === 0 && leftovers.length === 0) refuseOther(store, storeDir)
    if (source !== undefined) refuseUnknownSource({snapshots, filters: {source}})
    const lock = lockStatus(store.readLock())
    const parts = narrowed(store, snapshots, options)
    const isBlocked = lock?.state === 'odd'
    const listed = parts.verdicts.map(({snapshot}) => snapshot)
    const scrub = store.readScrub()
    const damaged = scrub?.damagedInodes ?? 0
    const problems = problemsOf({...parts, snapshots: listed, isBlocked, maxAge_ms, now, damaged})
    const exit = exitCode({incomplete: problems.some(({isGrave}) => isGrave)})
    const space = store.space()
    const found = {leftovers, lock, scrub, problems, maxAge_ms, exit}
    return {storeDir, now, space, ...parts, ...found}
  } catch (error) {
    if (!isNativeError(error)) throw error
    const message = `the store ${printable(storeDir)} cannot be read: ${nativeErrorText(error)}`
    throw new CuraError('failed', message, {cause: error})
  } finally {
    store.close()
  }
}
