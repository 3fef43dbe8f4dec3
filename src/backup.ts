// The operation `backup`: one snapshot of the sources, or the finding that none is needed; then what
// no rule keeps any more is pruned.
import {setImmediate as nextTurn} from 'node:timers/promises'
import {appliedResult, comparedResult, findingsOf, markerFor} from './backup-result.js'
import type {BackupResult} from './backup-result.js'
import {refuseEmptied, shortageOf} from './checks.js'
import type {Engine, Workload} from './engine.js'
import {CuraError} from './errors.js'
import {printable} from './escape.js'
import {errorText, explain, isNativeError, isStop} from './failure.js'
import {withInterrupt} from './interrupt.js'
import type {Following} from './job.js'
import {discard, removeLeftovers} from './leftovers.js'
import {withLock} from './lock.js'
import type {Belief, Change, Comparison, NativeStore, Omission} from './native.js'
import type {SelectionOptions, Source} from './native.js'
import type {External} from './external/programs.js'
import {pruneStore, type Pruning} from './prune.js'
import {nextFreeName, partialName} from './snapshot-name.js'
import {parseSources} from './sources.js'
import {compileSelection, refuseForRsync} from './selection.js'
import {programsFor, workloadFor} from './workload.js'
import {choosePrevious, openStore, plannedSnapshot, readInventory, type Inventory} from './store.js'
import type {Snapshot} from './store.js'

const pageLimit = 1000

export interface BackupOptions extends Following {
  readonly storeDir: string
  /** As typed: PATH or NAME=PATH. */
  readonly operands: readonly string[]
  readonly dryRun: boolean
  readonly force: boolean
  /** Accepts a source that had entries in the previous snapshot and has none now. */
  readonly allowEmpty: boolean
  /** The stages that other programs are to do. */
  readonly external: External
  /** Null: nothing is left out. */
  readonly selection: SelectionOptions | null
  readonly belief: Belief
  /** Whether the files that are stored anew get digests, where the addon stores them. */
  readonly digests: boolean
  readonly tags: readonly string[]
  /** Null: nothing is pruned. */
  readonly pruning: Pruning | null
  readonly clock: () => Date
  /** Hears of every change, page by page, before anything is written. */
  readonly onChanges: ((page: readonly Change[]) => void) | null
  /** The same of what was left out. */
  readonly onOmissions: ((page: readonly Omission[]) => void) | null
}

/** What every step of one run needs to know. */
interface Run {
  readonly options: BackupOptions
  readonly store: NativeStore
  readonly sources: readonly Source[]
  readonly workload: Workload
  readonly start: Date
}

/** The clock may be set back while we work; the time taken is never below zero. */
function endOf({options, start}: Run): Date {
  const now = options.clock()
  return now < start ? start : now
}

/** Hands over page by page what the engine lists. A signal is heard only between turns. */
async function list<T>(
  next: (limit: number) => readonly T[],
  signal: AbortSignal,
  onPage: ((page: readonly T[]) => void) | null,
): Promise<void> {
  if (onPage === null) return
  for (;;) {
    signal.throwIfAborted()
    const page = next(pageLimit)
    if (page.length === 0) return
    onPage(page)
    await nextTurn()
  }
}

/** Makes the tree in a partial and publishes it. On any failure the partial is gone again. */
async function make(run: Run, engine: Engine, compared: BackupResult) {
  const {store, options} = run
  const {signal} = options
  const name = nextFreeName(run.start, new Set(store.list().map((entry) => entry.name)))
  const partial = partialName(name)
  try {
    const applied = await engine.apply(partial, options)
    signal.throwIfAborted()
    const result = appliedResult(compared, applied, {snapshot: name, end: endOf(run)})
    const marker = markerFor(result, run.sources, options.tags)
    await engine.publish({partial, name, marker}, options)
    return {...result, end: endOf(run)}
  } catch (error) {
    const remark = await discard(store, partial, options)
    throw explain(error, signal, `no snapshot was made${remark}`)
  }
}

const previousOf = ({sources}: Run, found: Inventory): string | null =>
  choosePrevious(
    found.snapshots,
    sources.map(({name}) => name),
  )?.name ?? null

/** Says what the comparison comes to, having refused what must not become a snapshot. */
function judge(run: Run, comparison: Comparison, found: Inventory, warnings: string[]) {
  const previous = previousOf(run, found)
  if (previous !== null && !run.options.allowEmpty) {
    refuseEmptied(comparison, run.sources, previous)
  }
  return comparedResult(comparison, {
    dryRun: run.options.dryRun,
    previous,
    start: run.start,
    end: endOf(run),
    future: found.snapshots.filter(({future}) => future).map(({name}) => name),
    warnings,
  })
}

/** Nothing differs: what was found to be equal by its content is remembered. */
async function keepProofs(
  engine: Engine,
  compared: BackupResult,
  options: BackupOptions,
): Promise<BackupResult> {
  try {
    await engine.keepProofs(options)
    return compared
  } catch (error) {
    if (!isNativeError(error) || isStop(error, options.signal)) throw error
    const note = {kind: 'proofs', count: 1, path: Buffer.alloc(0)}
    return {...compared, notes: [...compared.notes, note]}
  }
}

/** Compares, and goes on only if there is something to do. */
async function advance(
  run: Run,
  engine: Engine,
  found: Inventory,
  warnings: string[],
): Promise<BackupResult> {
  const {options, store} = run
  const {dryRun, signal} = options
  const comparison = await engine.compare(options)
  signal.throwIfAborted()
  const compared = judge(run, comparison, found, warnings)
  await list((limit) => engine.omitted(limit), signal, options.onOmissions)
  if (!compared.differs) return dryRun ? compared : keepProofs(engine, compared, options)
  await list((limit) => engine.changes(limit), signal, options.onChanges)
  const shortage = shortageOf(comparison, store.space())
  if (dryRun) return {...compared, shortage}
  if (shortage !== null) {
    const dir = printable(options.storeDir)
    throw new CuraError('noSpace', `no room in ${dir}: ${shortage}; no snapshot was made`)
  }
  return make(run, engine, compared)
}

/** The snapshot that this run has made, or in a dry run would make; none where nothing differs. */
function newSnapshot({sources, start}: Run, {differs, snapshot}: BackupResult): Snapshot[] {
  if (!differs) return []
  const names = sources.map(({name}) => name)
  return [plannedSnapshot(snapshot ?? nextFreeName(start, new Set()), start, names)]
}

/** Removes what no rule keeps any more. The snapshot is made by then: trouble here is only told. */
async function prune(run: Run, found: Inventory, result: BackupResult): Promise<BackupResult> {
  const {options, store} = run
  const {pruning, signal} = options
  // Where there is no room for the snapshot, the real run ends before it prunes.
  if (pruning === null || signal.aborted || result.shortage !== null) return result
  try {
    const snapshots = [...newSnapshot(run, result), ...found.snapshots]
    const following = {...options, ...pruning}
    const {removal} = await pruneStore(store, snapshots, endOf(run), following)
    return {...result, pruned: removal}
  } catch (error) {
    if (isStop(error, signal)) return result
    const problem = `pruning failed: ${errorText(error)}`
    return {...result, warnings: [...result.warnings, problem]}
  }
}

/** Clears up behind earlier runs, chooses what to link against, makes the snapshot, and prunes. */
async function work(run: Run): Promise<BackupResult> {
  const {options, store, workload} = run
  const found = readInventory(store, run.start)
  const warnings = options.dryRun ? [] : await removeLeftovers(store, found.leftovers, options)
  const engine = workload.engine(previousOf(run, found))
  let result: BackupResult
  try {
    result = await advance(run, engine, found, warnings)
  } finally {
    engine.close()
  }
  return prune(run, found, result)
}

/** Throws a CuraError whose code says what the process ends with. */
export async function backup(options: BackupOptions): Promise<BackupResult> {
  const {storeDir, operands, external, belief, digests, dryRun, signal} = options
  const sources = parseSources(operands, external.rsync)
  if (external.rsync) refuseForRsync(options.selection, belief)
  const selection = compileSelection(options.selection, options.onOmissions !== null)
  const programs = await programsFor(external)
  const store = openStore(storeDir)
  try {
    const workload = await workloadFor(store, sources, programs, {selection, belief, digests})
    // The run begins once the lock is ours: a snapshot that another run has published while we
    // waited must not look as if it were dated in the future.
    const start = () => work({options, store, sources, workload, start: options.clock()})
    try {
      const result = dryRun
        ? await start()
        : await withLock(store, {...options, now: options.clock()}, start)
      return await withInterrupt(result, findingsOf(result), signal)
    } finally {
      workload.close()
    }
  } catch (error) {
    throw explain(error, signal, 'no snapshot was made')
  } finally {
    store.close()
  }
}
