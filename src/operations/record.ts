// Records in the store how a backup ended, whether it made a snapshot or not.
import type {BackupResult} from './backup-result.js'
import {findingsOf} from './backup-result.js'
import {CuraError} from '../base/errors.js'
import {exitCode, type Findings} from '../base/exit-code.js'
import {errorText, explain, isNativeError} from '../native/failure.js'
import type {NativeStore} from '../native/native.js'
import {withLock} from '../store/lock.js'
import {addRun, type RunRecord} from '../store/run-records.js'
import type {Holding, Host} from '../store/series.js'

interface Recording {
  readonly store: NativeStore
  readonly host: Host
  readonly holdings: readonly Holding[]
  readonly clock: () => Date
  readonly signal: AbortSignal
}

type Ending = Omit<RunRecord, 'start' | 'end'>

const messageLimit = 500

/** The signal that stopped the run, if there was one. */
const stoppedBy = ({reason}: {readonly reason: unknown}): Pick<Findings, 'stopped'> =>
  reason instanceof CuraError ? {stopped: reason.code} : {}

/** The names of the sources of which something could not be read. */
function incompleteIn({failures}: BackupResult, holdings: readonly Holding[]): string[] {
  const {list, errors, warnings} = failures
  if (errors === 0) return []
  // Of very many failures, only the first are listed.
  if (errors + warnings > list.length) return holdings.map(({name}) => name)
  const paths = list.filter(({warning}) => !warning).map(({path}) => path.toString())
  return [...new Set(paths.map((path) => path.split('/')[0] ?? ''))]
}

function endingOf(result: BackupResult, {signal, holdings}: Recording): Ending {
  const exit = exitCode({...findingsOf(result), ...stoppedBy(signal)})
  const good = result.snapshot === null ? 'unchanged' : 'success'
  const incomplete = incompleteIn(result, holdings)
  return {
    result: exit === 0 ? good : 'warning',
    exit,
    snapshot: result.snapshot,
    errors: result.failures.errors,
    warnings: result.failures.warnings,
    ...(incomplete.length > 0 && {incomplete}),
  }
}

function failureOf(error: unknown, {signal}: Recording): Ending {
  const known = explain(error, signal, 'no snapshot was made')
  const exit = exitCode({error: known instanceof CuraError ? known.code : 'failed'})
  const message = errorText(known).slice(0, messageLimit)
  return {result: 'failure', exit, snapshot: null, errors: 0, warnings: 0, message}
}

/** Writes the record of a run. Returns a sentence if that fails. */
function write(recording: Recording, start: Date, ending: Ending): string[] {
  const {store, host, holdings, clock} = recording
  const now = clock()
  const end = now < start ? start : now
  const sources = holdings.map(({name, path, named, host: remote}) => ({
    name,
    path,
    ...(named !== undefined && {named}),
    ...(remote !== undefined && {host: remote}),
  }))
  const run = {start: start.toISOString(), end: end.toISOString(), ...ending}
  try {
    addRun(store, {host: host.name, host_id: host.id, profile: null, sources, runs: [run]})
    return []
  } catch (error) {
    return [`the record of this run could not be written: ${errorText(error)}`]
  }
}

/**
 * Runs a backup and records how it ended; the caller holds the lock. `unrecorded` has a sentence if the
 * record could not be written, which does not change the exit code: the backup itself is done.
 */
export async function recorded(
  recording: Recording,
  work: (start: Date) => Promise<BackupResult>,
): Promise<{result: BackupResult; unrecorded: readonly string[]}> {
  const start = recording.clock()
  try {
    const result = await work(start)
    return {result, unrecorded: write(recording, start, endingOf(result, recording))}
  } catch (error) {
    if (!isUnfit(error)) write(recording, start, failureOf(error, recording))
    throw error
  }
}

/** Whether the directory cannot be a store, so that nothing is left in it. */
function isUnfit(error: unknown): boolean {
  const {cause = error} = error as {readonly cause?: unknown}
  return isNativeError(cause) && ['NO_HARDLINKS', 'SYMLINKS_FOLLOWED'].includes(cause.code)
}

/**
 * Records a run that failed before it had the lock, if nobody else has it. A wrong command line is no
 * run. Never throws, because the failure itself is what the user must read.
 */
export async function recordFailure(recording: Recording, error: unknown): Promise<void> {
  if (!(error instanceof CuraError) || error.code === 'usage') return
  const {store, clock, signal} = recording
  const start = clock()
  const ending = failureOf(error, recording)
  const work = (): Promise<unknown> => Promise.resolve(write(recording, start, ending))
  await withLock(store, {signal, force: false, now: start}, work).catch(() => undefined)
}
