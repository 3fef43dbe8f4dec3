// The operation `restore`: brings back what a snapshot holds, after a plan, a brake and a guard.
import {setImmediate as nextTurn} from 'node:timers/promises'
import {followingOf} from './events.js'
import {makeGuard} from './guard.js'
import {Query} from './query.js'
import {deletionRefusal} from './restore-brake.js'
import {wantedFrom} from './restore-operands.js'
import type {EmptyPlace, RestoreOptions, RestoreResult} from './restore-options.js'
import {placeOfPath, placesOf, targetOf} from './restore-places.js'
import {planOperands, type Planned} from './restore-plan.js'
import {appliedResult, findingsOf, plannedResult} from './restore-result.js'
import {beforeRestore, duringRestore} from './restore-stop.js'
import {undoCommand} from './restore-undo.js'
import {withInterrupt} from '../base/interrupt.js'
import {compileSelection} from '../engine/selection.js'
import {hasUnknownRules, recordedSelection} from '../engine/recorded-rules.js'
import {follow} from '../native/job.js'
import type {
  Job,
  NativeRestore,
  NativeStore,
  RestoreChange,
  Restored,
  RestorePlan,
  SelectionOptions,
  Source,
} from '../native/native.js'
import {withLease} from '../store/lease.js'
import {holdingsOf, placeOf} from '../store/series.js'
import {withLock} from '../store/lock.js'
import {openStore, type Snapshot} from '../store/store.js'

const pageLimit = 1000

/** What all steps of one run share. */
interface Run {
  readonly options: RestoreOptions
  readonly query: Query
  readonly snapshot: Snapshot
  readonly planned: Planned
  /** What stays as it is; null: nothing. */
  readonly rules: SelectionOptions | null
  readonly start: Date
}

/** In place and with --overwrite, what is kept was asked for. */
const mayKeep = ({target, overwrite}: RestoreOptions): boolean =>
  target.inPlace || overwrite !== null

/** The clock may be set back during a run. */
function endOf({options, start}: Run): Date {
  const now = options.clock()
  return now < start ? start : now
}

/** Snapshots that may have another copy of a damaged file: those made at about the same time. */
function donorsFor({query, snapshot}: Run): string[] {
  const distance = ({instant}: Snapshot): number => Math.abs(+instant - +snapshot.instant)
  return query.snapshots
    .filter((other) => other !== snapshot && other.finished && !other.future)
    .sort((a, b) => distance(a) - distance(b))
    .map(({name}) => name)
}

/** The user's rules come last, because the last match decides. */
function allRules(
  recorded: SelectionOptions | null,
  given: SelectionOptions | null,
): SelectionOptions | null {
  if (recorded === null || given === null) return recorded ?? given
  const {patterns, ...rest} = recorded
  return {...rest, patterns: [...patterns, ...given.patterns]}
}

function openJob(run: Run): NativeRestore {
  const {options, query, snapshot, planned, rules} = run
  const {target, overwrite, checksum, deletes, keepsOwner, keepsXattrs, keepsSuid} = options
  const isRoot = process.getuid?.() === 0
  return query.store.restore({
    snapshot: snapshot.name,
    operands: planned.operands,
    overwrite: overwrite ?? (target.inPlace ? 'if-changed' : 'never'),
    checksum,
    deletes,
    selection: compileSelection(rules, false),
    keepsOwner,
    keepsXattrs,
    keepsSuid: keepsSuid ?? (target.inPlace && isRoot),
    donors: donorsFor(run),
  })
}

/** So many are named at most, as failures are. */
const keptLimit = 1000
const deletedLimit = 10

/**
 * Passes the list on page by page, and returns where the first deleted entries are, and those that
 * are kept without being asked to.
 */
async function list({options, planned}: Run, job: NativeRestore, plan: RestorePlan) {
  const {lists, signal, emit} = options
  const keptPaths: Buffer[] = []
  const deletedPaths: Buffer[] = []
  const namesKept = plan.kept > 0 && !mayKeep(options)
  const add = (to: Buffer[], limit: number, changes: readonly RestoreChange[]): void => {
    for (const {path} of changes.slice(0, limit - to.length)) {
      to.push(placeOfPath(planned.operands, path))
    }
  }
  if (!lists && !namesKept && plan.deleted === 0) return {keptPaths, deletedPaths}
  for (;;) {
    signal.throwIfAborted()
    const changes = job.changes(pageLimit)
    if (changes.length === 0) return {keptPaths, deletedPaths}
    const of = (wanted: string) => changes.filter(({action}) => action === wanted)
    if (namesKept) add(keptPaths, keptLimit, of('kept'))
    add(deletedPaths, deletedLimit, of('deleted'))
    if (lists) await emit({event: 'restore', changes})
    await nextTurn() // lets a signal in
  }
}

/** The sources as paths of this machine, also those that came from another one. */
const sourcesHere = (snapshot: Snapshot): Source[] =>
  (holdingsOf(snapshot) ?? [])
    .filter((held) => typeof held !== 'string')
    .map((held) => {
      const {name, named} = held
      return {name, path: placeOf(held), ...(named === true && {named})}
    })

interface Saved {
  /** Null if nothing is there to save. */
  readonly guard: string | null
  readonly emptyPlaces: readonly EmptyPlace[]
}

/** Saves what is there. */
async function save(run: Run, plan: RestorePlan): Promise<Saved> {
  const {options, query, snapshot, planned, rules} = run
  if (!options.target.inPlace || !options.guards) return {guard: null, emptyPlaces: []}
  const places = await placesOf(planned)
  if (plan.operands.every(({existing}) => existing === 0)) return {guard: null, emptyPlaces: places}
  const covered: Buffer[] = []
  const absent: Buffer[] = []
  for (const [at, path] of planned.paths.entries()) {
    const isThere = (plan.operands[at]?.existing ?? 0) > 0 || places[at]?.isThere === true
    ;(isThere ? covered : absent).push(path)
  }
  const guard = await makeGuard({
    ...options,
    store: query.store,
    of: snapshot,
    sources: sourcesHere(snapshot),
    selection: rules, // exactly what the restore may touch
    covered,
    absent,
  })
  return {guard, emptyPlaces: []}
}

const differs = ({restored, updated, deleted}: RestorePlan): boolean =>
  restored + updated + deleted > 0

/** Also without a difference, because a killed restore may have left something behind. */
async function apply(run: Run, job: NativeRestore, plan: RestorePlan, result: RestoreResult) {
  const {options} = run
  const {signal} = options
  const nothing: Saved = {guard: null, emptyPlaces: []}
  const {guard, emptyPlaces} = differs(plan) ? await save(run, plan) : nothing
  const undo = guard === null ? null : undoCommand(options, guard, plan.restored)
  let applying: Job<Restored> | null = null
  try {
    const {onProgress} = followingOf(options)
    signal.throwIfAborted()
    applying = job.apply()
    const done = await follow(applying, signal, onProgress)
    return appliedResult(result, done, {guard, undo, emptyPlaces, end: endOf(run)})
  } catch (error) {
    const done = applying?.progress().entries ?? 0
    const total = plan.restored + plan.updated
    throw duringRestore(error, signal, {done, total, guard, undo})
  }
}

async function advance(run: Run, job: NativeRestore): Promise<RestoreResult> {
  const {options, snapshot, start} = run
  const {signal, emit, maxDelete, dryRun} = options
  const plan = await follow(job.compare(), signal, followingOf(options).onProgress)
  const existing = plan.operands.reduce((sum, operand) => sum + operand.existing, 0)
  const {target: where} = options
  const directory = where.inPlace ? null : where.directory
  const refusal = deletionRefusal({deleted: plan.deleted, existing, directory}, maxDelete)
  const target = targetOf(run.planned, options)
  const about = {snapshot: snapshot.name, age_ms: +start - +snapshot.instant, target, dryRun}
  await emit({event: 'plan', plan, about})
  const paths = await list(run, job, plan)
  const named = {...paths, snapshot: snapshot.name, target}
  const rest = {...named, dryRun, start, end: endOf(run), refusal}
  const result = plannedResult(plan, {...rest, warnings: run.query.warnings})
  return refusal !== null || dryRun ? result : apply(run, job, plan, result)
}

/** Rules that nobody recorded cannot protect what they left out. */
function unknownRulesText({snapshot, options}: Run): string[] {
  if (!options.deletes || options.deletesExcluded || !hasUnknownRules(snapshot.marker)) return []
  return [
    `${snapshot.name} does not record what was excluded from it, so --delete takes excluded ` +
      'entries for surplus ones.',
  ]
}

async function work(query: Query, options: RestoreOptions): Promise<RestoreResult> {
  const {operands, from, deletesExcluded} = options
  const start = options.clock()
  const wanted = wantedFrom(operands, from, query.choice, options.here)
  const {snapshot} = wanted
  return withLease(query.store, snapshot.name, async () => {
    const planned = await planOperands(query, wanted, options)
    const recorded = deletesExcluded ? null : recordedSelection(snapshot.marker)
    const rules = allRules(recorded, options.selection)
    const run: Run = {options, query, snapshot, planned, rules, start}
    const job = openJob(run)
    try {
      const result = await advance(run, job)
      return {...result, notices: unknownRulesText(run)}
    } finally {
      job.close()
    }
  })
}

/**
 * The guard needs the lock. Waits for it before the plan is made, because the plan would be old
 * after a long wait.
 */
async function waitForOthers(store: NativeStore, options: RestoreOptions): Promise<void> {
  const {target, guards, dryRun, wait_ms = 0, clock} = options
  if (!target.inPlace || !guards || dryRun || wait_ms === 0) return
  const locking = {...followingOf(options), force: false, wait_ms, now: clock()}
  await withLock(store, {...locking, command: 'restore'}, () => Promise.resolve())
}

/** Throws a CuraError that carries the exit code. */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const {storeDir, signal} = options
  const store = openStore(storeDir)
  try {
    await waitForOthers(store, options)
    const result = await work(new Query(store, options), options)
    await options.emit({event: 'failure', failures: result.failures.list})
    return await withInterrupt(result, findingsOf(result), signal)
  } catch (error) {
    throw beforeRestore(error, signal)
  } finally {
    store.close()
  }
}
