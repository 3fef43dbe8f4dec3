// The operation `status`: lists the snapshots of a store and reports its health. It takes no lock and
// writes nothing.
import {cloneNotices} from '../store/bases.js'
import {printable} from '../base/escape.js'
import {leasedAmong} from '../store/lease.js'
import {currentFacts} from '../store/lock.js'
import {judgeLock, type LockOwner} from '../store/lock-judge.js'
import {isNativeError, nativeErrorText} from '../native/failure.js'
import {CuraError} from '../base/errors.js'
import type {LockAttempt, Space} from '../native/native.js'
import type {Pruning} from './prune.js'
import {keepLeased} from './removal.js'
import {withoutGuards} from '../retention/guards.js'
import {judge, type Verdict} from '../retention/retention.js'
import {nameOf, holdingsOf, SeriesView, type SeriesKey} from '../store/series.js'
import {
  newestFinished,
  openStore,
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
  /** What prune would do with each snapshot, newest first. */
  readonly verdicts: ReadonlyArray<Verdict<Snapshot>>
  /** Suggestions for the user. */
  readonly hints: readonly string[]
  /** Hidden directories: work in progress if the lock is held, otherwise left by a killed run. */
  readonly leftovers: readonly string[]
  /** The newest finished snapshot that is not dated in the future, and no guard. */
  readonly lastSuccess: {
    readonly name: string
    readonly instant: Date
    readonly age_ms: number
  } | null
  /** Null if no run is active. */
  readonly lock: LockStatus | null
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
}

export function status({storeDir, now, policy, zone}: StatusOptions): StatusResult {
  const store = openStore(storeDir)
  try {
    const {snapshots, leftovers} = readInventory(store, now)
    const last = newestFinished(snapshots)
    const lastSuccess = last && {
      name: last.name,
      instant: last.instant,
      age_ms: now.getTime() - last.instant.getTime(),
    }
    const lock = lockStatus(store.readLock())
    const lasting = withoutGuards(snapshots)
    const view = new SeriesView(lasting)
    const judged = judge(withSeries(view, snapshots), policy, now, zone)
    const expired = judged.filter(({keep}) => !keep).map(({snapshot: {name}}) => name)
    const verdicts = keepLeased(judged, leasedAmong(store, expired))
    const hints = [...hintsOn(view, lasting), ...cloneNotices(view, () => true)]
    return {storeDir, now, space: store.space(), verdicts, hints, leftovers, lastSuccess, lock}
  } catch (error) {
    if (!isNativeError(error)) throw error
    const message = `the store ${printable(storeDir)} cannot be read: ${nativeErrorText(error)}`
    throw new CuraError('failed', message, {cause: error})
  } finally {
    store.close()
  }
}
