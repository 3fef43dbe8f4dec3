// The operations on a store, as data that can be printed, left out and replayed.
import {constants} from 'node:os'
import type {BackupResult} from '../../../src/operations/backup-result.js'
import {policyFrom} from '../../../src/retention/policy.js'
import {localZone} from '../../../src/retention/retention.js'
import {fullTrust, selectionFrom} from '../../../src/engine/selection.js'
import {backupOptions} from '../../support/backup-options.js'
import {forGood, type FaultPage, type Plan} from '../page.js'
import {endOfError, runTwin, type loadTwin} from '../twin.js'
import {refusals, type RefusalName} from './refusal.js'
import {exclusionFlags, exclusions, type ExclusionName} from './exclusion.js'
import type {Edit, Lie} from './source.js'

/**
 * The fault, and the call at which it occurs: of all calls, or for signals of those that change
 * something.
 */
export interface Fault {
  readonly what: 'SIGKILL' | 'SIGTERM' | 'short' | keyof typeof constants.errno
  readonly step: number
  /** Only the call of that refusal fails, from its step on; with `lasts`, every time. */
  readonly refused?: RefusalName
  readonly lasts?: boolean
}

interface Run {
  readonly minute: number
  readonly dryRun: boolean
  /** For --keep-last. */
  readonly keep: number
  readonly fault: Fault | null
}

export interface BackupRun extends Run {
  readonly do: 'backup'
  readonly sources: readonly string[]
  /** Without it nothing is pruned. */
  readonly prunes: boolean
  readonly allowEmpty: boolean
  readonly without: ExclusionName
  readonly checksum: boolean
}

export interface PruneRun extends Run {
  readonly do: 'prune'
}

/** `place`: 0 is the newest snapshot, 1 the one before. */
export type Operation =
  | {readonly do: 'edit'; readonly edit: Edit}
  | BackupRun
  | PruneRun
  | {readonly do: 'pin'; readonly place: number}
  | {
      readonly do: 'spoil'
      readonly place: number
      readonly file: '.backup_finished' | '.backup_manifest'
      readonly how: 'delete' | 'empty' | 'garbage' | 'flip'
      readonly at: number
    }
  | {readonly do: 'leave'; readonly what: 'partial' | 'trash' | 'lock'; readonly place: number}
  /** Waits until the last write is clearly older than the next scan, if times are fine. */
  | {readonly do: 'settle'}
  /** Replaces the whole source by a copy of itself. */
  | {readonly do: 'copy source'}
  /** Remounts the source's filesystem; if `fresh`, as another filesystem. */
  | {readonly do: 'remount'; readonly fresh: boolean; readonly lies: readonly Lie[]}
  /** Replaces the store by a copy; without `links`, each name becomes a file of its own. */
  | {readonly do: 'copy store'; readonly links: boolean}
  | {
      readonly do: 'spoil proofs'
      readonly how: 'delete' | 'empty' | 'garbage' | 'flip'
      readonly at: number
    }

/** The result of a run. */
export interface End {
  /** Null if it was killed. */
  readonly exit: number | null
  /** The call that its fault hit, or ''. */
  readonly hit: string
  /** Paths that the run reports as incomplete. */
  readonly named: readonly string[]
  readonly notes: number
  /** Sources that stay as they were. */
  readonly carried: readonly string[]
  /** Null if the run does not report it. */
  readonly differs: boolean | null
  readonly text: string
  readonly isBug: boolean
}

export interface Bench {
  readonly page: FaultPage
  readonly twin: Awaited<ReturnType<typeof loadTwin>>
  /** A weakened program, as a control. Applies if no other fault is planned. */
  readonly weakness: Plan | null
  /** Another weakness: trusts size and mtime alone. */
  readonly isQuick: boolean
}

interface Place {
  readonly store: string
  readonly source: string
}

const begin_ms = Date.UTC(2025, 0, 15, 10)
export const timeOf = ({minute}: Run): number => begin_ms + minute * 60_000
/** In a process whose time zone is UTC. */
export const nameAt = (time_ms: number): string =>
  new Date(time_ms).toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-')

function planOf(fault: Fault | null, weakness: Plan | null): Plan {
  const counting: Plan = weakness ?? {action: 'skip'}
  if (fault === null) return counting
  const {what, step, refused} = fault
  const weaken = weakness?.weaken ?? []
  if (refused !== undefined) {
    const last = fault.lasts === true ? forGood : step
    return {...errorOf(what), only: refusals[refused].call, first: step, last, weaken}
  }
  const rest = {first: step, oneThread: true, weaken}
  if (what === 'SIGKILL' || what === 'SIGTERM') {
    return {...rest, action: 'signal', value: constants.signals[what], mutating: true}
  }
  return {...rest, ...errorOf(what)}
}

const isErrno = (what: Fault['what']): what is keyof typeof constants.errno =>
  what in constants.errno

const errorOf = (what: Fault['what']): Plan =>
  isErrno(what) ? {action: 'error', value: constants.errno[what]} : {action: 'short'}

const operandsOf = ({sources}: BackupRun, {source}: Place): string[] =>
  sources.map((name) => `${name}=${source}/${name}`)

/** Runs a process with a fixed clock. Only a process can be killed. */
function runProcess(bench: Bench, run: BackupRun | PruneRun, place: Place): Omit<End, 'hit'> {
  const time = timeOf(run)
  const clock = `const Real = Date
    globalThis.Date = class extends Real {
      constructor(...given) { super(...(given.length === 0 ? [${time}] : given)) }
      static now() { return ${time} }
    }`
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(clock)}`]
  const keep = ['--keep-last', String(run.keep)]
  const argv =
    run.do === 'prune'
      ? ['prune', '-b', place.store, ...keep]
      : [
          ...['backup', '-b', place.store, ...(run.prunes ? keep : ['--no-prune'])],
          ...(run.allowEmpty ? ['--allow-empty'] : []),
          ...(run.checksum ? ['--checksum'] : []),
          ...(bench.isQuick ? ['--quick-check'] : []),
          ...exclusionFlags(run.without),
          ...operandsOf(run, place),
        ]
  const {exit, err} = runTwin(bench.page, argv, flags)
  const isBug = exit === 70 || err.includes('    at ')
  return {exit, named: [], notes: 0, carried: [], differs: null, text: err, isBug}
}

function endOfBackup(result: BackupResult): Omit<End, 'hit'> {
  const {exit, differs, failures, notes, warnings} = result
  const named = failures.list.map(({path}) => path.toString('latin1'))
  const told = failures.list.map(({code, syscall}, i) => `${syscall} ${named[i]} (${code})`)
  const pruning = result.pruned?.problems ?? []
  const text = [...warnings, ...told, ...notes.map(({kind}) => kind), ...pruning].join('\n')
  const carried = result.carried.map(({name}) => name)
  return {exit, named, notes: notes.length, carried, differs, text, isBug: false}
}

const noExclusions = {'exclude-caches': false, 'one-file-system': false}

/** The selection and the comparison of a run. */
const choiceOf = ({without, checksum}: BackupRun, quick: boolean) => ({
  selection: selectionFrom({...noExclusions, ...exclusions[without].texts}),
  trust: {...fullTrust, contents: !checksum, quick},
})

type Interrupt = ReturnType<Bench['twin']['onInterrupt']>

async function runHere(
  bench: Bench,
  run: BackupRun | PruneRun,
  place: Place,
  {signal}: Interrupt,
): Promise<Omit<End, 'hit'>> {
  const {backup, prune} = bench.twin
  const pruning = {policy: policyFrom({'keep-last': String(run.keep)}), zone: localZone}
  const clock = (): Date => new Date(timeOf(run))
  const {store: storeDir} = place
  const {dryRun} = run
  const common = {storeDir, dryRun, clock, signal, force: false, emit: () => Promise.resolve()}
  if (run.do === 'prune') {
    const {exit, warnings, removal} = await prune({...common, ...pruning})
    const text = [...warnings, ...removal.problems].join('\n')
    return {exit, named: [], notes: 0, carried: [], differs: null, text, isBug: false}
  }
  const {allowEmpty, prunes} = run
  const rest = {allowEmpty, operands: operandsOf(run, place), pruning: prunes ? pruning : null}
  return endOfBackup(
    await backup(backupOptions({...common, ...rest, ...choiceOf(run, bench.isQuick)})),
  )
}

/** Lets a backup or a prune run to its end, however it ends. */
export async function letRun(
  bench: Bench,
  run: BackupRun | PruneRun,
  place: Place,
): Promise<End & {calls: number}> {
  const {page, twin, weakness} = bench
  page.plan(planOf(run.fault, weakness))
  let ended: Omit<End, 'hit'>
  if (run.fault?.what === 'SIGKILL') {
    ended = runProcess(bench, run, place)
  } else {
    const interrupt = twin.onInterrupt(() => undefined)
    try {
      ended = await runHere(bench, run, place, interrupt)
    } catch (error) {
      const {exit, text, bug} = endOfError(error)
      ended = {exit, text, isBug: bug !== null, named: [], notes: 0, carried: [], differs: null}
    } finally {
      interrupt.stop()
    }
  }
  const {hit, calls} = page.outcome()
  page.plan({action: 'none'})
  return {...ended, hit: run.fault === null ? '' : hit, calls}
}
