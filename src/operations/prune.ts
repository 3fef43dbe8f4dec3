// The operation `prune`: judges snapshots by a policy and removes those that no rule keeps.
import {exitCode} from '../base/exit-code.js'
import {followingOf, type Observer} from './events.js'
import {explain} from '../native/failure.js'
import {withInterrupt} from '../base/interrupt.js'
import type {Following} from '../native/job.js'
import {removeLeftovers} from '../store/leftovers.js'
import {currentHost} from '../store/host.js'
import {withLock} from '../store/lock.js'
import type {NativeStore} from '../native/native.js'
import {keepAlso, keepLeased, measure, partByLease, remove, type Removal} from './removal.js'
import type {Policy} from '../retention/policy.js'
import {withoutGuards} from '../retention/guards.js'
import {judge, type Verdict, type Zone} from '../retention/retention.js'
import {snapshotsFrom} from '../store/operands.js'
import {SeriesView, type Holding} from '../store/series.js'
import {openStore, readInventory, withSeries, type Snapshot} from '../store/store.js'

/** The policy, and the zone in which days begin. */
export interface Pruning {
  readonly policy: Policy
  readonly zone: Zone
}

/** Limits which snapshots may be removed. */
interface Reach {
  /** Only snapshots all of whose series are those of these sources; null: all. */
  readonly within: readonly Holding[] | null
  /** Only these snapshots, by name; absent: all. */
  readonly only?: ReadonlySet<string>
}

export interface PruneOptions extends Pruning, Observer {
  readonly storeDir: string
  readonly dryRun: boolean
  readonly force: boolean
  /** How long to wait for another run; absent: not at all. */
  readonly wait_ms?: number
  /** Only the snapshots that they mean may be removed, though the rules count all. */
  readonly selectors?: readonly string[]
  /** The user's name for this machine, as in backup --host. */
  readonly host?: string | null
  readonly clock: () => Date
}

export interface PruneResult {
  readonly storeDir: string
  readonly dryRun: boolean
  readonly policy: Policy
  readonly start: Date
  readonly end: Date
  /** One for each snapshot, newest first. */
  readonly verdicts: ReadonlyArray<Verdict<Snapshot>>
  readonly removal: Removal
  /** Sentences about other problems. */
  readonly warnings: readonly string[]
  readonly exit: number
}

/** The snapshots to remove, oldest first, so that an interrupted run keeps the newer ones. */
function expired(
  verdicts: ReadonlyArray<Verdict<Snapshot>>,
  view: SeriesView,
  {within, only}: Reach,
): Snapshot[] {
  const all = verdicts
    .filter(({keep, snapshot: {name}}) => !keep && (only === undefined || only.has(name)))
    .map(({snapshot}) => snapshot)
  if (within === null) return all.reverse()
  const ours = new Set(within.flatMap((held) => view.keysOf(held)))
  // A snapshot of unknown sources may hold any series.
  const isOurs = (snapshot: Snapshot): boolean =>
    [...(view.of(snapshot) ?? view.all)].every((key) => ours.has(key))
  return all.filter(isOurs).reverse()
}

/** Judges these snapshots by the policy, and lists those that it removes. */
function judgeSnapshots(snapshots: readonly Snapshot[], now: Date, options: Pruning & Reach) {
  // A snapshot without a marker joins every series of its names, and this run may begin one.
  const {within} = options
  const planned = within === null ? [] : [{marker: null, sources: null, holdings: within}]
  const view = new SeriesView([...planned, ...withoutGuards(snapshots)])
  const verdicts = judge(withSeries(view, snapshots), options.policy, now, options.zone)
  return {verdicts, removable: expired(verdicts, view, options)}
}

/** What the selectors allow to be removed. */
function reachOf(
  snapshots: readonly Snapshot[],
  now: Date,
  {selectors = [], host = null, zone}: PruneOptions,
): Reach {
  if (selectors.length === 0) return {within: null}
  const choice = {snapshots, host: currentHost(host), now, zone, filters: {}}
  return {
    within: null,
    only: new Set(snapshotsFrom(selectors, choice).map(({name}) => name)),
  }
}

/** Judges these snapshots and removes those that no rule keeps; the caller holds the lock. */
export async function pruneStore(
  store: NativeStore,
  snapshots: readonly Snapshot[],
  now: Date,
  options: Pruning & Following & Reach & {readonly dryRun: boolean},
): Promise<Removal> {
  const {removable} = judgeSnapshots(snapshots, now, options)
  if (!options.dryRun) return remove(store, removable, options)
  const {leased, free} = partByLease(store, removable)
  return {...(await measure(store, free, options)), leased}
}

async function work(store: NativeStore, options: PruneOptions & Following): Promise<PruneResult> {
  const {storeDir, dryRun, policy, clock} = options
  const start = clock()
  const {snapshots, leftovers} = readInventory(store, start)
  const reach = reachOf(snapshots, start, options)
  const warnings = dryRun ? [] : await removeLeftovers(store, leftovers, options)
  const judged = judgeSnapshots(snapshots, start, {...options, ...reach})
  const {leased, free} = partByLease(store, judged.removable)
  const isOther = ({keep, snapshot: {name}}: Verdict<Snapshot>): boolean =>
    !keep && reach.only?.has(name) === false
  const chosen = keepAlso(judged.verdicts, isOther, 'not selected')
  await options.emit({event: 'entry', verdicts: keepLeased(chosen, leased)})
  const done = await (dryRun ? measure : remove)(store, free, options)
  const removal = {...done, leased: [...leased, ...done.leased]}
  const verdicts = keepLeased(chosen, removal.leased)
  const now = clock()
  const end = now < start ? start : now
  const exit = exitCode({}) // until the run ends
  return {storeDir, dryRun, policy, start, end, verdicts, removal, warnings, exit}
}

/** Throws a CuraError that carries the exit code. */
export async function prune(given: PruneOptions): Promise<PruneResult> {
  const options = {...given, ...followingOf(given)}
  const {storeDir, dryRun, clock, signal} = options
  const store = openStore(storeDir)
  try {
    const start = () => work(store, options)
    const locking = {...options, command: 'prune', now: clock()}
    const result = dryRun ? await start() : await withLock(store, locking, start)
    const failed = result.removal.problems.length > 0 || result.warnings.length > 0
    return await withInterrupt(result, {failed}, signal)
  } catch (error) {
    throw explain(error, signal, 'no snapshot was removed')
  } finally {
    store.close()
  }
}
