// Injects errors at every system call, in a separate process so that a crash or a hang is reported
// as well.
import {fork} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync, rmSync} from 'node:fs'
import {constants} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {backupOptions} from '../support/backup-options.js'
import type {BackupResult} from '../../src/operations/backup-result.js'
import type {PruneOptions} from '../../src/operations/prune.js'
import {localZone} from '../../src/retention/retention.js'
import {policyFrom} from '../../src/retention/policy.js'
import {endRestore, forgetOwnTemporaries, wrongWithRestore} from './errors-restore.js'
import {Oracle} from './oracle.js'
import {FaultPage, forGood, type Plan} from './page.js'
import {hidden, withDisk} from './place.js'
import {RestoreScenario} from './restore-scenario.js'
import {inTurn, Scenario} from './scenarios.js'
import {stepsOf, type Figures} from './suite.js'
import {endOfError, loadTwin, runTwin, type Twin} from './twin.js'

const errnos = [
  ...['EIO', 'ENOSPC', 'EDQUOT', 'EMLINK', 'EXDEV', 'EPERM', 'EROFS', 'ESTALE', 'EACCES'],
  ...['ENOENT', 'ENOMEM', 'EMFILE', 'EINTR'],
] as const
/** Errors that last: from that step on, every call that changes something fails. */
const lasting = ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'] as const
type Errno = (typeof errnos)[number]

/** Nothing takes this long with a tree of twenty entries. */
const patience_ms = 60_000

type Message =
  | {readonly at: string}
  | {readonly count: string}
  | {readonly problem: string}
  | {readonly control: string; readonly found: number}

/** Runs the sweep in another process, on a disk of this one. */
export async function superviseErrors(figures: Figures, every: number): Promise<void> {
  await withDisk('ext4', async (disk) => {
    const child = fork(fileURLToPath(import.meta.url), [disk, String(every)], {
      execArgv: ['--import', 'tsx'],
    })
    let last = 'the beginning'
    const timer = setTimeout(() => child.kill('SIGKILL'), patience_ms)
    child.on('message', (message: Message) => {
      timer.refresh()
      if ('at' in message) last = message.at
      else if ('count' in message) figures.count(message.count)
      else if ('control' in message) figures.control(message.control, message.found, 1)
      else figures.problem(message.problem)
    })
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    clearTimeout(timer)
    if (code !== 0) figures.problem(`crashed or hung (${code ?? signal}) at ${last}`)
  })
}

function tell(message: Message): void {
  process.send?.(message)
}

/** The result of a run, and what it reports as missing. */
interface End {
  readonly exit: number
  /** Its text output. */
  readonly text: string
  readonly snapshot: string | null
  /** Paths that it names, without the source. */
  readonly named: readonly string[]
  readonly notes: number
  /** A failure that is our bug. */
  readonly bug: string | null
}

const signal = new AbortController().signal
const following = {signal, emit: () => Promise.resolve()}

function endOfBackup(result: BackupResult): End {
  const {exit, snapshot, failures, notes, warnings} = result
  const named = failures.list.map(({path}) => path.toString('latin1').replace(/^docs\/?/, ''))
  const text = [...warnings, ...failures.list.map(({code}) => `(${code})`)].join('\n')
  return {exit, text, snapshot, named, notes: notes.length, bug: null}
}

async function end(twin: Twin, scenario: Scenario | RestoreScenario): Promise<End> {
  const rest = {snapshot: null, named: [], notes: 0}
  if (scenario instanceof RestoreScenario) return {...rest, ...(await endRestore(twin, scenario))}
  const {backup, prune} = twin
  const {store, docs} = scenario
  try {
    if (scenario.name !== 'prune') {
      const clock = (): Date => new Date()
      const options = {storeDir: store, operands: [docs], clock}
      return endOfBackup(await backup(backupOptions(options)))
    }
    const options: PruneOptions = {
      ...{storeDir: store, dryRun: false, force: false, zone: localZone, ...following},
      ...{policy: policyFrom({'keep-last': '1'}), clock: () => new Date()},
    }
    const {exit, warnings, removal} = await prune(options)
    return {...rest, exit, text: [...warnings, ...removal.problems].join('\n'), bug: null}
  } catch (error) {
    return {...rest, ...endOfError(error)}
  }
}

const isNamed = (path: string, named: readonly string[]): boolean =>
  named.some((name) => name === '' || path === name || path.startsWith(`${name}/`))

// eslint-disable-next-line no-control-regex -- what must not be there
const controls = /[\u0000-\u0009\u000b-\u001f\u007f]/

/** The error that a run met. */
interface Met {
  readonly errno: Errno | null
  /** The call that failed. */
  readonly hit: string
}

/** The problems with what a run says at its end. */
function wrongWithText(
  {exit, text, named, bug}: End,
  source: string,
  errno: Errno | null,
): string[] {
  const wrong: string[] = []
  if (bug !== null) wrong.push(`a bug: ${bug}`)
  if (controls.test(text)) wrong.push(`control characters: ${JSON.stringify(text)}`)
  const codes = /\((E[A-Z0-9]+|NO_HARDLINKS|DAMAGED|CHANGED)\)|cannot be read/
  const isTold = codes.test(text) || text.includes(source)
  // What does not seem to exist is not found.
  const isGone = errno === 'ENOENT' && exit === 7
  if (exit !== 0 && errno !== null && !isTold && !isGone && ![10, 11].includes(exit)) {
    wrong.push(`ended with ${exit} and does not name ${errno}: ${text}`)
  }
  if (exit === 0 && named.length > 0 && errno !== 'ENOENT') {
    wrong.push(`ended with 0, though it names ${named.join(', ')}`)
  }
  return wrong
}

/** The problems with the snapshot of a run that met an error. */
async function wrongWithSnapshot(
  {exit, snapshot, named, notes}: End,
  scenario: Scenario,
  oracle: Oracle,
  hit: string,
): Promise<string[]> {
  const wrong: string[] = []
  if (exit === 0 && scenario.name !== 'prune' && snapshot === null && named.length === 0) {
    wrong.push('says that all is well')
  }
  if (snapshot === null) return wrong
  const twins = scenario.twinsOf((path) => isNamed(path, named))
  const known = (path: string): boolean => isNamed(path, named) || twins.has(path)
  const unnamed = await scenario.missing(oracle, snapshot, {known, grouped: hit !== 'linkat'})
  if (unnamed.length > 0 && notes === 0) wrong.push(`not named: ${unnamed.join(', ')}`)
  return wrong
}

/** The problems with the end of a run that met an error. */
async function wrongWith(
  ended: End,
  scenario: Scenario | RestoreScenario,
  oracle: Oracle,
  {errno, hit}: Met,
): Promise<string[]> {
  const wrong = wrongWithText(ended, scenario.source, errno)
  const more =
    scenario instanceof RestoreScenario
      ? wrongWithRestore(ended, scenario, oracle, hit)
      : wrongWithSnapshot(ended, scenario, oracle, hit)
  wrong.push(...(await more))
  const left = hidden(scenario.store)
  if (left.length > 0 && !ended.text.includes('could not be removed')) {
    // A lock that could not be removed has no owner, and may not have its final name yet.
    const odd = left.filter((name) => !/^\.backups_lock(-[0-9a-f-]+)?$/.test(name))
    if (odd.length > 0) wrong.push(`left behind and not named: ${odd.join(', ')}`)
  }
  return wrong
}

interface Bench {
  readonly twin: Twin
  readonly page: FaultPage
  readonly oracle: Oracle
  readonly every: number
}

/**
 * A lock that could not be removed loses its owner when its process ends, but this process
 * continues.
 */
function forgetOwn(scenario: Scenario | RestoreScenario): void {
  if (scenario instanceof RestoreScenario) forgetOwnTemporaries(scenario)
  const {store} = scenario
  const lock = join(store, '.backups_lock')
  if (!existsSync(lock) || !readFileSync(lock, 'utf8').startsWith(`${process.pid}\n`)) return
  rmSync(lock)
}

async function strike(
  {twin, page, oracle}: Bench,
  scenario: Scenario | RestoreScenario,
  plan: Plan,
  errno: Errno | null,
): Promise<void> {
  const title = `${errno ?? plan.action}${plan.last === forGood ? ' for good' : ''}`
  tell({at: `${title} at step ${plan.first} of ${scenario.name}`})
  scenario.reset()
  page.plan(plan)
  const ended = await end(twin, scenario)
  const {hit, hits} = page.outcome()
  page.plan({action: 'none'})
  if (hits === 0) return
  tell({count: `${scenario.name}: ${title}`})
  const problem = (what: string): void => {
    tell({problem: `${title} at ${hit}, step ${plan.first} of ${scenario.name}: ${what}`})
  }
  // An entry that cannot be linked is copied, so names that share an inode in the source may have
  // two.
  const short = ended.exit !== 0 || ended.named.length > 0 || ended.notes > 0 || hit === 'linkat'
  const excused = short ? ended.snapshot : null
  const wrong = await wrongWith(ended, scenario, oracle, {errno, hit})
  if (scenario instanceof RestoreScenario) {
    // What seems to have vanished is not in a guard, and what cannot be linked is a copy there.
    scenario.mayLackInGuard = errno === 'ENOENT' || hit === 'linkat'
    scenario.mayLackMetadata = ended.notes > 0
  }
  const {problems} = await scenario.judge(oracle, excused)
  wrong.concat(problems).forEach(problem)
  forgetOwn(scenario)
  const next = await end(twin, scenario)
  if (next.exit !== 0) problem(`the next run ended with ${next.exit}: ${next.text}`)
  // The next snapshot has what the run reported as missing, unless it was fixed without one. Only
  // refused metadata and links remain.
  const lasts = ended.notes > 0 || hit === 'linkat'
  const after =
    scenario instanceof Scenario
      ? await scenario.judgeEnd(oracle, excused, lasts)
      : await scenario.judgeEnd(oracle)
  for (const what of after) problem(`after the next run: ${what}`)
}

/** The number of calls of a run without errors. */
async function callsOf(
  {twin, page}: Bench,
  scenario: Scenario | RestoreScenario,
  mutating: boolean,
): Promise<number> {
  scenario.reset()
  page.plan({action: 'skip', oneThread: true, mutating})
  await end(twin, scenario)
  const {calls} = page.outcome()
  if (calls === 0) tell({problem: `the twin counts no calls in ${scenario.name}`})
  return calls
}

const errorPlan = (errno: Errno): Plan => ({action: 'error', value: constants.errno[errno]})

async function sweep(bench: Bench, scenario: Scenario | RestoreScenario): Promise<void> {
  const {every} = bench
  const all = await callsOf(bench, scenario, false)
  const mutating = await callsOf(bench, scenario, true)
  for (const [i, errno] of errnos.entries()) {
    for (const first of stepsOf(all, every, i)) {
      await strike(bench, scenario, {...errorPlan(errno), first, oneThread: true}, errno)
    }
  }
  // With several threads no two runs are alike, so this is only a sample.
  for (const first of stepsOf(all, every)) {
    await strike(bench, scenario, {...errorPlan('EIO'), first}, 'EIO')
  }
  for (const first of stepsOf(all, every)) {
    await strike(bench, scenario, {action: 'short', first, oneThread: true}, null)
  }
  for (const [i, errno] of lasting.entries()) {
    for (const first of stepsOf(mutating, every, i)) {
      const rest = {first, last: forGood, mutating: true, oneThread: true}
      await strike(bench, scenario, {...errorPlan(errno), ...rest}, errno)
    }
  }
}

/** Calls without which a snapshot is wrong. The same checks must notice that. */
const vital = ['fsetxattr', 'futimens', 'fchown'] as const

async function control(
  {twin, page, oracle}: Bench,
  scenario: Scenario | RestoreScenario,
): Promise<void> {
  if (scenario.name === 'prune') return
  for (const only of vital) {
    scenario.reset()
    page.plan({action: 'skip', only, first: 1, last: forGood, oneThread: true})
    await end(twin, scenario)
    page.plan({action: 'none'})
    const {problems} = await scenario.judge(oracle)
    problems.push(...(await scenario.judgeDone(oracle)))
    tell({control: `${scenario.name} without ${only}`, found: problems.length})
    forgetOwn(scenario)
  }
}

async function work(disk: string, every: number): Promise<void> {
  const oracle = new Oracle()
  const page = new FaultPage(join(disk, 'page'))
  const twin = await loadTwin(page)
  const bench = {twin, page, oracle, every}
  await inTurn(
    disk,
    (argv) => runTwin(page, argv),
    oracle,
    async (scenario) => {
      await control(bench, scenario)
      await sweep(bench, scenario)
    },
  )
  page.close()
  await oracle.close()
}

// This file runs in both processes: the waiting process imports it, the other one starts it.
if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('disconnect', () => process.exit(1)) // the other process has ended
  const [, , disk = '', every = '1'] = process.argv
  await work(disk, Number(every)).catch((error: unknown) => {
    tell({problem: error instanceof Error ? String(error.stack) : String(error)})
  })
  process.removeAllListeners('disconnect').disconnect()
}
