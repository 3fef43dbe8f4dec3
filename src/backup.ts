// The operation `backup`: one snapshot of the sources, or the finding that none is needed.
import {appliedResult, comparedResult, markerFor, type BackupResult} from './backup-result.js'
import {refuseEmptied, shortageOf} from './checks.js'
import {CuraError, exitCodes} from './errors.js'
import {printable} from './escape.js'
import {explain} from './failure.js'
import {follow} from './job.js'
import {discard, removeLeftovers} from './leftovers.js'
import {withLock} from './lock.js'
import type {
  Change,
  Comparison,
  NativeSnapshot,
  NativeSources,
  NativeStore,
  Progress,
  Source,
} from './native.js'
import {nextFreeName, partialName} from './snapshot-name.js'
import {openSources, parseSources} from './sources.js'
import {choosePrevious, newestFinished, openStore, readInventory, type Inventory} from './store.js'

const changesPage = 1000

export interface BackupOptions {
  readonly storeDir: string
  /** As typed: PATH or NAME=PATH. */
  readonly operands: readonly string[]
  readonly dryRun: boolean
  readonly force: boolean
  /** Accepts a source that had entries in the previous snapshot and has none now. */
  readonly allowEmpty: boolean
  readonly tags: readonly string[]
  readonly clock: () => Date
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  /** Hears of every change, page by page, before anything is written. */
  readonly onChanges: ((page: readonly Change[]) => void) | null
}

/** What every step of one run needs to know. */
interface Run {
  readonly options: BackupOptions
  readonly store: NativeStore
  readonly sources: readonly Source[]
  readonly opened: NativeSources
  readonly start: Date
}

/** The clock may be set back while we work; the time taken is never below zero. */
function endOf({options, start}: Run): Date {
  const now = options.clock()
  return now < start ? start : now
}

function listChanges(snapshot: NativeSnapshot, {signal, onChanges}: BackupOptions): void {
  if (onChanges === null) return
  for (;;) {
    signal.throwIfAborted()
    const page = snapshot.changes(changesPage)
    if (page.length === 0) return
    onChanges(page)
  }
}

/** Makes the tree in a partial and publishes it. On any failure the partial is gone again. */
async function make(run: Run, snapshot: NativeSnapshot, compared: BackupResult) {
  const {store, options} = run
  const {signal, onProgress} = options
  const name = nextFreeName(run.start, new Set(store.list().map((entry) => entry.name)))
  const partial = partialName(name)
  try {
    const applied = await follow(snapshot.apply(partial), signal, onProgress)
    signal.throwIfAborted()
    const result = appliedResult(compared, applied, {snapshot: name, end: endOf(run)})
    const marker = markerFor(result, run.sources, options.tags)
    await follow(snapshot.publish({partial, name, marker}), signal, onProgress)
    return {...result, end: endOf(run)}
  } catch (error) {
    const remark = await discard(store, partial, options)
    throw explain(error, signal, remark)
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
  const result = comparedResult(comparison, {
    dryRun: run.options.dryRun,
    previous,
    start: run.start,
    end: endOf(run),
    future: found.snapshots.filter(({future}) => future).map(({name}) => name),
    warnings,
  })
  // These sources are as an older snapshot has them, but not in the newest one. There they must be,
  // or a time would come when no snapshot holds them any more.
  const isNewest = newestFinished(found.snapshots)?.name === (previous ?? undefined)
  return {...result, differs: result.differs || !isNewest}
}

/** Compares, and goes on only if there is something to do. */
async function advance(
  run: Run,
  snapshot: NativeSnapshot,
  found: Inventory,
  warnings: string[],
): Promise<BackupResult> {
  const {options, store} = run
  const {dryRun, signal, onProgress} = options
  const comparison = await follow(snapshot.compare(), signal, onProgress)
  signal.throwIfAborted()
  const compared = judge(run, comparison, found, warnings)
  if (!compared.differs) return compared
  listChanges(snapshot, options)
  const shortage = shortageOf(comparison, store.space())
  if (dryRun) return shortage === null ? compared : {...compared, shortage, exit: exitCodes.noSpace}
  if (shortage !== null) {
    const dir = printable(options.storeDir)
    throw new CuraError('noSpace', `no room in ${dir}: ${shortage}; no snapshot was made`)
  }
  return make(run, snapshot, compared)
}

/** Clears up behind earlier runs, chooses what to link against, and makes the snapshot. */
async function work(run: Run): Promise<BackupResult> {
  const {options, store} = run
  const found = readInventory(store, run.start)
  const warnings = options.dryRun ? [] : await removeLeftovers(store, found.leftovers, options)
  const snapshot = store.snapshot({sources: run.opened, previous: previousOf(run, found)})
  try {
    return await advance(run, snapshot, found, warnings)
  } finally {
    snapshot.close()
  }
}

/** Whoever interrupts wants to see that in the exit code, even where all was done by then. */
function withExit(result: BackupResult, signal: AbortSignal): BackupResult {
  const reason: unknown = signal.reason
  return reason instanceof CuraError ? {...result, exit: reason.oclif.exit} : result
}

/** Throws a CuraError whose code says what the process ends with. */
export async function backup(options: BackupOptions): Promise<BackupResult> {
  const {storeDir, operands, dryRun, force, signal} = options
  const sources = parseSources(operands)
  const store = openStore(storeDir)
  try {
    const opened = openSources(store, sources)
    // The run begins once the lock is ours: a snapshot that another run has published while we
    // waited must not look as if it were dated in the future.
    const start = () => work({options, store, sources, opened, start: options.clock()})
    try {
      const result = dryRun
        ? await start()
        : await withLock(store, {force, now: options.clock(), signal}, start)
      return withExit(result, signal)
    } finally {
      opened.close()
    }
  } catch (error) {
    throw explain(error, signal)
  } finally {
    store.close()
  }
}
