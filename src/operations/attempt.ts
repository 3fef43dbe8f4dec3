// One attempt at a snapshot: compares, checks whether a snapshot is safe to make, and makes it.
import {setImmediate as nextTurn} from 'node:timers/promises'
import {appliedResult, comparedResult, heldIn} from './backup-result.js'
import type {BackupResult, Carried} from './backup-result.js'
import type {Following} from '../native/job.js'
import {
  emptiedSources,
  emptiedText,
  refuseEmptied,
  shortageOf,
  unreadableSources,
} from './checks.js'
import {isUnreadableSource, linkBase, soleBase, type Engine} from '../engine/engine.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {explain, isNativeError, isStop} from '../native/failure.js'
import {discard} from '../store/leftovers.js'
import type {Comparison, Progress} from '../native/native.js'
import {clearExpired, spaceWith, TooLarge} from './room.js'
import {endOf, withMarker, type Attempt, type Run, type RunOptions} from './run.js'
import {nextFreeName, partialName} from '../store/snapshot-name.js'
import {sourceProblem} from '../engine/sources.js'
import {plannedSnapshot, type Snapshot} from '../store/store.js'

const pageLimit = 1000

/** Passes the engine's list on page by page. Signals are handled between event loop turns only. */
async function list<T>(
  next: (limit: number) => readonly T[],
  signal: AbortSignal,
  onPage: (page: readonly T[]) => Promise<void>,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const page = next(pageLimit)
    if (page.length === 0) return
    await onPage(page)
    await nextTurn()
  }
}

async function listChanges(engine: Engine, {lists, signal, emit}: RunOptions): Promise<void> {
  if (!lists.changes) return
  const next = (limit: number) => engine.changes(limit)
  await list(next, signal, (changes) => emit({event: 'change', changes}))
}

async function listOmissions(engine: Engine, {lists, signal, emit}: RunOptions): Promise<void> {
  if (!lists.omissions) return
  const next = (limit: number) => engine.omitted(limit)
  await list(next, signal, (omissions) => emit({event: 'omission', omissions}))
}

/** Makes the tree in a partial and publishes it. After a failure the partial is removed. */
async function make(run: Run, engine: Engine, compared: BackupResult, attempt: Attempt) {
  const {store, options, guarding} = run
  const {signal} = options
  const name = nextFreeName(run.start, new Set(store.list().map((entry) => entry.name)))
  const partial = partialName(name)
  let entries = 0
  const onProgress = (progress: Progress): void => {
    if (progress.phase === 'apply') ({entries} = progress)
    options.onProgress(progress)
  }
  try {
    const applied = await engine.apply(partial, {...options, onProgress})
    signal.throwIfAborted()
    const all = appliedResult(compared, applied, {snapshot: name, end: endOf(run)})
    guarding?.check(all)
    const {result, marker} = withMarker(run, all, attempt)
    await engine.publish({partial, name, marker}, options)
    return {...result, end: endOf(run)}
  } catch (error) {
    const remark = await discard(store, partial, {...options, entries})
    throw explain(error, signal, `no snapshot was made${remark}`)
  }
}

/** The sources that could not be read, each with the snapshot that it is carried over from. */
function carriedIn(run: Run, comparison: Comparison, {lineage}: Attempt): Carried[] {
  const held = new Set(comparison.sources.map(({name}) => name))
  const failed = new Map(run.prepared.failed().map((source) => [source.name, source]))
  return run.sources.flatMap(({name}) => {
    const source = failed.get(name)
    if (source === undefined) return []
    const {path, code, syscall} = source
    const base = lineage.bases.find((one) => one.name === name)
    const from = base?.own === true && held.has(name) ? base.snapshot : null
    const why = run.dropped.get(name) ?? {code, reason: sourceProblem(path, code)}
    return [{name, path, syscall, from, ...why}]
  })
}

/** The result of the comparison. */
function judge(run: Run, comparison: Comparison, attempt: Attempt): BackupResult {
  const {found, lineage, warnings} = attempt
  const carried = carriedIn(run, comparison, attempt)
  const begins = lineage.fresh.some((name) => !carried.some((source) => source.name === name))
  const differs = comparison.differs || begins || lineage.narrows || run.guarding !== undefined
  const {dryRun, external} = run.options
  return comparedResult(
    {...comparison, differs},
    {
      dryRun,
      previous: (external.rsync ? soleBase : linkBase)(lineage.bases),
      start: run.start,
      end: endOf(run),
      carried,
      future: found.snapshots.filter(({future}) => future).map(({name}) => name),
      notices: lineage.notices,
      warnings,
    },
  )
}

/** The sources to carry over: those that turned out to be empty or unreadable. */
function toDrop(run: Run, comparison: Comparison, {lineage}: Attempt): Run['dropped'] {
  const {sources, options, prepared} = run
  const failed = new Set(prepared.failed().map(({name}) => name))
  const left = sources.filter(({name}) => !failed.has(name))
  const drop: Run['dropped'] = new Map()
  for (const {name, path, code} of unreadableSources(comparison, left)) {
    drop.set(name, {code, reason: sourceProblem(path, code)})
  }
  // Only a base of the source's own series shows whether it was emptied.
  const own = new Set(lineage.bases.flatMap((base) => (base.own ? [base.name] : [])))
  const judged = left.filter(({name}) => own.has(name))
  const emptied = options.allowEmpty ? [] : emptiedSources(comparison, judged)
  for (const {name} of emptied) {
    drop.set(name, {code: 'EMPTIED', reason: emptiedText(comparison, sources, name)})
  }
  if (drop.size < left.length) return drop
  // No source would be left. Entries reported as unreadable are carried over anyway.
  if (emptied.length > 0) refuseEmptied(comparison, judged, soleBase(lineage.bases) ?? '')
  return new Map()
}

/**
 * The scan's total is the size of the previous snapshot. It says nothing if that snapshot is of other
 * sources, or has more of them than this scan visits.
 */
function scanFollowing({options, prepared}: Run, {lineage}: Attempt): Following {
  const {bases, narrows} = lineage
  const isAlike = bases.every(({own, snapshot}) => own && snapshot === bases[0]?.snapshot)
  if (isAlike && !narrows && prepared.failed().length === 0) return options
  return {
    ...options,
    onProgress: (progress) => {
      options.onProgress(progress.phase === 'scan' ? {...progress, totalEntries: 0} : progress)
    },
  }
}

/** Compares until every remaining source can be read, then uses the comparison. */
async function compared<T>(
  run: Run,
  attempt: Attempt,
  use: (engine: Engine, comparison: Comparison) => Promise<T>,
): Promise<T> {
  const {prepared, options, sources, dropped} = run
  for (;;) {
    const engine = prepared.engine(attempt.lineage.bases)
    try {
      const comparison = await engine.compare(scanFollowing(run, attempt))
      options.signal.throwIfAborted()
      const drop = toDrop(run, comparison, attempt)
      if (drop.size === 0) return await use(engine, comparison)
      for (const [name, why] of drop) dropped.set(name, why)
    } catch (error) {
      if (!isUnreadableSource(error)) throw error
      if (prepared.failed().length + 1 >= sources.length) throw error
      dropped.set(error.source, {code: 'UNREACHABLE', reason: error.reason})
    } finally {
      engine.close()
    }
    for (const name of dropped.keys()) prepared.drop(name)
  }
}

/** Why there is no room, and whether removing all expired snapshots would not be enough. */
async function shortageFor(run: Run, comparison: Comparison, {found, lineage}: Attempt) {
  const {options, store} = run
  const space = store.space()
  const shortage = shortageOf(comparison, space)
  if (shortage === null) return {shortage, lasts: false}
  const room = {...options, ...found, store, holdings: lineage.holdings, now: endOf(run)}
  const later = spaceWith(space, await clearExpired(room, true))
  return {shortage, lasts: shortageOf(comparison, later) !== null}
}

/** Nothing differs: remembers which files were compared by content. */
async function keepProofs(
  engine: Engine,
  compared: BackupResult,
  options: Following,
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

/** Compares, and continues only if something differs. */
export function advance(run: Run, attempt: Attempt): Promise<BackupResult> {
  const {options} = run
  const {dryRun, storeDir} = options
  return compared(run, attempt, async (engine, comparison) => {
    const result = judge(run, comparison, attempt)
    run.guarding?.check(result)
    if (attempt.isFirst) await listOmissions(engine, options)
    if (!result.differs) return dryRun ? result : keepProofs(engine, result, options)
    if (attempt.isFirst) await listChanges(engine, options)
    const {shortage, lasts} = await shortageFor(run, comparison, attempt)
    if (dryRun) return lasts ? {...result, shortage} : result
    if (shortage === null) return make(run, engine, result, attempt)
    const message = `no room in ${printable(storeDir)}: ${shortage}; no snapshot was made`
    throw lasts ? new TooLarge(message) : new CuraError('noSpace', message)
  })
}

/** The snapshot that this run made, or would make in a dry run; empty if nothing differs. */
export function newSnapshot({start}: Run, {lineage}: Attempt, result: BackupResult): Snapshot[] {
  if (!result.differs) return []
  const name = result.snapshot ?? nextFreeName(start, new Set())
  const {selection, earlier} = lineage
  return [{...plannedSnapshot(name, start, heldIn(result, lineage.holdings)), selection, earlier}]
}
