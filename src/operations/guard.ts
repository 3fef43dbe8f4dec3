// Makes a guard: the snapshot of what a restore in place is about to replace, with which the restore
// can be undone.
import {advance} from './attempt.js'
import type {Guarding, Run} from './run.js'
import type {BackupResult} from './backup-result.js'
import {followingOf, type Observer} from './events.js'
import {prepareNative} from '../engine/engine.js'
import {compileSelection, fingerprintOf, fullTrust} from '../engine/selection.js'
import {holdingFor} from '../engine/sources.js'
import {CuraError} from '../base/errors.js'
import {pathJson, printable} from '../base/escape.js'
import {counted} from '../base/units.js'
import {errnoText, errorText, explain, isNativeError} from '../native/failure.js'
import type {Failure, NativeStore, Progress, SelectionOptions, Source} from '../native/native.js'
import {guardTag} from '../retention/guards.js'
import {lineageOf} from '../store/bases.js'
import {currentHost} from '../store/host.js'
import {removeLeftovers} from '../store/leftovers.js'
import {withLock} from '../store/lock.js'
import type {Host} from '../store/series.js'
import {readInventory, type Snapshot} from '../store/store.js'

export interface GuardOptions extends Observer {
  readonly store: NativeStore
  readonly storeDir: string
  readonly clock: () => Date
  /** The name that identifies this machine in the store; null: its own id. */
  readonly host: string | null
  /** The snapshot that is restored. */
  readonly of: Pick<Snapshot, 'name'>
  /** The sources of the paths: names as in the snapshot, and where they are on this machine. */
  readonly sources: readonly Source[]
  /** Null: nothing is excluded. */
  readonly selection: SelectionOptions | null
  /** The paths to keep, with everything below them; each begins with a source's name. Not empty. */
  readonly covered: readonly Buffer[]
  /** How long to wait for another run; absent: not at all. */
  readonly wait_ms?: number
  /** Paths that do not exist. */
  readonly absent: readonly Buffer[]
}

const nothingExcluded: SelectionOptions = {
  ...{patterns: [], ignoreFiles: [], tags: [], attributes: [], largest: null},
  oneFileSystem: false,
}

/** The last copy of a file that changes again and again is stored, as in a backup. */
const isStored = ({code, syscall, warning}: Failure): boolean =>
  warning || (code === 'CHANGED' && syscall === 'read')

/** Refuses a guard that would not hold everything. */
function refuseIncomplete({failures, carried}: BackupResult): void {
  const [source] = carried
  if (source !== undefined) throw new CuraError('refused', source.reason)
  const lost = failures.list.filter((failure) => !isStored(failure))
  // Of very many failures, only the first are listed.
  const isCut = failures.errors + failures.warnings > failures.list.length
  const [first] = lost
  if (first === undefined && !isCut) return
  const number = isCut ? failures.errors : lost.length
  const example =
    first === undefined
      ? ''
      : `, first ${printable(first.path)}: ${errnoText(first.code)} (${first.code})`
  throw new CuraError(
    'refused',
    `${counted(number, 'entry', 'entries')} could not be read${example} (-e PATTERN leaves alone ` +
      'what matches)',
  )
}

const nameIn = (path: Buffer): string => path.toString().split('/')[0] ?? ''

/** The sources of these paths. */
function sourcesOf(sources: readonly Source[], paths: readonly Buffer[]): Source[] {
  const names = new Set(paths.map(nameIn))
  return sources.filter(({name}) => names.has(name))
}

function guardingOf({of, sources, covered, absent}: GuardOptions, host: Host): Guarding {
  const held = new Set(sourcesOf(sources, covered).map(({name}) => name))
  const missing = sourcesOf(sources, absent).filter(({name}) => !held.has(name))
  return {
    marker: {of: of.name, covered: covered.map(pathJson), absent: absent.map(pathJson)},
    beside: missing.map((source) => holdingFor(source, host)),
    check: refuseIncomplete,
  }
}

/** Chooses the bases as a backup does, and makes the guard. The caller holds the lock. */
async function work(run: Run): Promise<string> {
  const {options, store, sources, host, start} = run
  const found = readInventory(store, start)
  const warnings = await removeLeftovers(store, found.leftovers, options)
  const typed = sources.map((source) => holdingFor(source, host))
  const selection = fingerprintOf(options.selection)
  const lineage = lineageOf(found.snapshots, typed, {moved: false, selection})
  const result = await advance(run, {found, lineage, warnings, isFirst: true})
  await options.emit({event: 'failure', failures: result.failures.list})
  if (result.snapshot === null) throw new Error('a guard is always made')
  return result.snapshot
}

/** Copying for a guard must not look like the restore itself. */
const renamed = (phase: Progress['phase']): Progress['phase'] =>
  phase === 'apply' ? 'save' : phase

function saving(emit: Observer['emit']): Observer['emit'] {
  return (event) => {
    if (event.event === 'phase') return emit({...event, phase: renamed(event.phase)})
    if (event.event !== 'progress') return emit(event)
    const {progress} = event
    return emit({event: 'progress', progress: {...progress, phase: renamed(progress.phase)}})
  }
}

/** The error to end with. A lock that another process holds, and an interrupt, keep their own. */
function refusal(error: unknown, signal: AbortSignal): unknown {
  const reason: unknown = signal.reason
  if (reason instanceof CuraError) {
    return new CuraError(reason.code, `${reason.message}; nothing was restored`)
  }
  const known = explain(error, signal, 'nothing was restored')
  const isOther = !(known instanceof CuraError) || known.code === 'locked'
  if (isOther) return known
  const isReadOnly = isNativeError(error) && error.code === 'EROFS'
  const why = isReadOnly ? 'the store is read-only (EROFS)' : errorText(error)
  return new CuraError(
    'refused',
    `cannot save what is there now: ${why}; nothing was restored; --no-guard restores without a ` +
      'way back',
    {cause: error},
  )
}

/**
 * Makes the guard and returns its name. It is an ordinary snapshot with a tag, so it costs only what
 * differs from the last backup. Throws a CuraError 'refused' if it cannot hold everything, or if the
 * store is read-only or full; nothing is left behind then.
 */
export async function makeGuard(given: GuardOptions): Promise<string> {
  const options = {...given, emit: saving(given.emit)}
  const {store, signal, selection, covered, clock, wait_ms = 0} = options
  const following = followingOf(options)
  const host = currentHost(options.host)
  const sources = sourcesOf(options.sources, covered)
  try {
    const only = {...(selection ?? nothingExcluded), only: covered}
    const compiled = compileSelection(only, false)
    const means = {selection: compiled, trust: fullTrust, digests: true}
    const prepared = prepareNative(store, sources, means)
    const rest = {
      ...{dryRun: false, allowEmpty: true, moved: false, pruning: null, tags: [guardTag]},
      external: {rsync: false, hardlink: false},
      lists: {changes: false, omissions: false},
    }
    const run = (): Run => ({
      options: {...options, ...following, ...rest},
      ...{store, host, sources, prepared, dropped: new Map(), start: clock()},
      guarding: guardingOf(options, host),
    })
    try {
      const locking = {...following, force: false, wait_ms, command: 'restore', now: clock()}
      return await withLock(store, locking, () => work(run()))
    } finally {
      prepared.close()
    }
  } catch (error) {
    throw refusal(error, signal)
  }
}
