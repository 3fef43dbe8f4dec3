// The operation `delete`: removes the snapshots that a user names, unless a safety rule refuses it.
import {followingOf, type Observer} from './events.js'
import {keepLeased, measure, partByLease, remove, type Removal} from './removal.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import {withInterrupt} from '../base/interrupt.js'
import {explain} from '../native/failure.js'
import type {Following} from '../native/job.js'
import type {NativeStore} from '../native/native.js'
import {isGuard} from '../retention/guards.js'
import {counts, newestFirst, type Verdict, type Zone} from '../retention/retention.js'
import {currentHost} from '../store/host.js'
import {refuseUnknownSource} from '../store/known-sources.js'
import {removeLeftovers} from '../store/leftovers.js'
import {selectorsFor, snapshotsFrom} from '../store/operands.js'
import {withLock} from '../store/lock.js'
import {Sieve} from '../store/filters.js'
import {matching, type Choice, type Filters} from '../store/selectors.js'
import {SeriesView, type SeriesKey} from '../store/series.js'
import {openStore, readInventory, withSeries, type Snapshot} from '../store/store.js'

export interface DeleteOptions extends Observer {
  readonly storeDir: string
  /** Selectors as in selectors.ts, without paths. */
  readonly snapshots: readonly string[]
  /** All snapshots that hold only the source that the filters name. */
  readonly all: boolean
  /** Also the last snapshot of a series. */
  readonly allowLast: boolean
  readonly dryRun: boolean
  readonly force: boolean
  /** How long to wait for another run; absent: not at all. */
  readonly wait_ms?: number
  /** The user's name for this machine; null: its own id. */
  readonly host: string | null
  readonly filters: Filters
  readonly zone: Zone
  readonly clock: () => Date
}

export interface DeleteResult {
  readonly storeDir: string
  readonly dryRun: boolean
  readonly start: Date
  readonly end: Date
  /** One for each snapshot that was asked for, newest first. */
  readonly verdicts: ReadonlyArray<Verdict<Snapshot>>
  readonly removal: Removal
  /** Kept, because they hold other sources as well. */
  readonly kept: readonly string[]
  readonly warnings: readonly string[]
  readonly exit: number
}

function usage(message: string): never {
  throw new CuraError('usage', message)
}

/** Refuses operands and flags that do not say clearly what to delete. */
function checkRequest({snapshots, all, filters}: DeleteOptions): void {
  if (all && snapshots.length > 0) usage('give either snapshots or --all --source NAME, not both')
  if (all && filters.source === undefined) {
    usage('--all needs --source NAME: it deletes all snapshots of that source')
  }
  if (!all && snapshots.length === 0) {
    usage('name the snapshots to delete, or give --all --source NAME')
  }
}

/** The one series that the filters name. */
function retiredSeries(view: SeriesView, found: readonly Snapshot[], sieve: Sieve): SeriesKey {
  const {filters} = sieve
  const held = found.flatMap((snapshot) => sieve.heldIn(snapshot) ?? [])
  const keys = [...new Set(held.flatMap((item) => sieve.keysOf(item)))]
  const [key, ...more] = keys
  const source = printable(filters.source ?? '')
  if (key === undefined) {
    throw new CuraError(
      'notFound',
      `no snapshot holds the source ${source}: status lists the sources`,
    )
  }
  if (more.length === 0) return key
  const labels = keys.map((one) => printable(view.labelOf(one))).join('; ')
  usage(`${source} matches several histories: ${labels}. Give --source PATH or --host HOST`)
}

/** The snapshots that hold only that series, and those that hold others as well. */
function retired(choice: Choice) {
  const found = matching(choice)
  const view = new SeriesView(choice.snapshots)
  const sieve = new Sieve(choice.snapshots, choice.filters)
  const key = retiredSeries(view, found, sieve)
  const isOnly = (snapshot: Snapshot): boolean =>
    [...(view.of(snapshot) ?? view.all)].every((other) => other === key)
  // A guard of the source has its files, too.
  const guards = choice.snapshots.filter((one) => isGuard(one) && sieve.passes(one))
  const doomed = [...new Set([...found, ...guards])].filter(isOnly)
  return {doomed: doomed.sort(newestFirst), mixed: found.filter((snapshot) => !isOnly(snapshot))}
}

function named({snapshots}: DeleteOptions, choice: Choice) {
  const found = new Set(snapshotsFrom(snapshots, choice, 'deleted'))
  const doomed = choice.snapshots.filter((snapshot) => found.has(snapshot))
  return {doomed, mixed: []}
}

function refusePinned(doomed: readonly Snapshot[]): void {
  const pinned = doomed.filter((snapshot) => snapshot.pinned).map(({name}) => name)
  if (pinned.length === 0) return
  const [what, them] = pinned.length === 1 ? ['is pinned', 'it'] : ['are pinned', 'them']
  throw new CuraError(
    'refused',
    `${pinned.join(', ')} ${what}: unpin ${them} first, or leave ${them} out; nothing was deleted`,
  )
}

/** The snapshots that hold a history: guards are kept for a while only. */
const ofHistory = (snapshots: readonly Snapshot[]): Snapshot[] => snapshots.filter(counts)

/** How surely the surest of these snapshots holds each series. */
function ranksIn(snapshots: readonly Snapshot[]): Map<SeriesKey, number> {
  const best = new Map<SeriesKey, number>()
  for (const {keys, ranks} of snapshots) {
    for (const [at, key] of (keys ?? []).entries()) {
      best.set(key, Math.max(best.get(key) ?? -1, ranks?.[at] ?? 0))
    }
  }
  return best
}

/**
 * Refuses to leave a series without any finished snapshot. One that may only hold the series does not
 * replace one that certainly does.
 */
function refuseLast(all: readonly Snapshot[], doomed: readonly Snapshot[]): void {
  const view = new SeriesView(all)
  const before = withSeries(view, ofHistory(all))
  const gone = new Set(doomed.map(({name}) => name))
  const left = withSeries(
    view,
    ofHistory(all).filter(({name}) => !gone.has(name)),
  )
  const kept = ranksIn(left)
  const dying = before.filter(({name}) => gone.has(name))
  const isLost = ([key, rank]: [SeriesKey, number]): boolean => (kept.get(key) ?? -1) < rank
  const lost = [...ranksIn(dying)].filter(isLost).map(([key]) => key)
  // A snapshot of unknown sources may belong to any series.
  const isLast = lost.length > 0 || (dying.length > 0 && left.length === 0)
  if (!isLast) return
  const labels = lost.map((key) => printable(view.labelOf(key))).join(', ')
  const isUnsure = lost.some((key) => kept.has(key))
  const of = labels === '' ? 'the last snapshot of the store' : `the last snapshot of ${labels}`
  const why = isUnsure ? ' (others may hold it, but that is not certain)' : ''
  throw new CuraError(
    'refused',
    `this would delete ${of}${why}: give --allow-last to do it; nothing was deleted`,
  )
}

function verdictsOf(doomed: readonly Snapshot[], mixed: readonly Snapshot[]) {
  const reasons = new Map<Snapshot, string>([
    ...doomed.map((snapshot) => [snapshot, 'chosen'] as const),
    ...mixed.map((snapshot) => [snapshot, 'holds other sources as well'] as const),
  ])
  return (snapshot: Snapshot): Array<Verdict<Snapshot>> => {
    const reason = reasons.get(snapshot)
    if (reason === undefined) return []
    return [{snapshot, keep: mixed.includes(snapshot), reasons: [reason]}]
  }
}

async function work(store: NativeStore, options: DeleteOptions & Following): Promise<DeleteResult> {
  const {storeDir, dryRun, all, allowLast, host, filters, zone, clock} = options
  const start = clock()
  const {snapshots, leftovers} = readInventory(store, start)
  const choice = {snapshots, host: currentHost(host), now: start, zone, filters}
  refuseUnknownSource(choice)
  const {doomed, mixed} = all ? retired(choice) : named(options, choice)
  refusePinned(doomed)
  if (!all && !allowLast) refuseLast(snapshots, doomed)
  const warnings = dryRun ? [] : await removeLeftovers(store, leftovers, options)
  // The oldest first, so that an interrupted run keeps the newer ones.
  const {leased, free} = partByLease(store, [...doomed].reverse())
  const verdicts = snapshots.flatMap(verdictsOf(doomed, mixed))
  await options.emit({event: 'entry', verdicts: keepLeased(verdicts, leased)})
  const done = await (dryRun ? measure : remove)(store, free, options)
  const removal = {...done, leased: [...leased, ...done.leased]}
  const now = clock()
  return {
    storeDir,
    dryRun,
    start,
    end: now < start ? start : now,
    verdicts: keepLeased(verdicts, removal.leased),
    removal,
    kept: mixed.map(({name}) => name),
    warnings,
    exit: exitCode({}), // until the run ends
  }
}

/** Throws a CuraError that carries the exit code. */
export async function deleteSnapshots(given: DeleteOptions): Promise<DeleteResult> {
  const snapshots = given.all ? given.snapshots : selectorsFor(given.snapshots, given.filters)
  const options = {...given, ...followingOf(given), snapshots}
  checkRequest(options)
  const {storeDir, dryRun, clock, signal} = options
  const store = openStore(storeDir)
  try {
    const start = () => work(store, options)
    const locking = {...options, command: 'delete', now: clock()}
    const result = dryRun ? await start() : await withLock(store, locking, start)
    const {removal, warnings, kept} = result
    const failed = removal.problems.length > 0 || warnings.length > 0
    const incomplete = removal.leased.length > 0 || kept.length > 0
    return await withInterrupt(result, {failed, incomplete}, signal)
  } catch (error) {
    throw explain(error, signal, 'no snapshot was deleted')
  } finally {
    store.close()
  }
}
