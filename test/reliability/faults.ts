// npm run test:faults: kills, signals and errors at every system call of a first backup, a later
// backup, a prune and a restore. --every N takes one step in N.
import {constants} from 'node:os'
import {join} from 'node:path'
import {superviseErrors} from './errors.js'
import type {Disturbed} from './disturbed.js'
import {Oracle} from './oracle.js'
import {FaultPage, type Plan} from './page.js'
import {withDisk} from './place.js'
import {RestoreScenario} from './restore-scenario.js'
import {inTurn} from './scenarios.js'
import {Figures, readOptions, stepsOf} from './suite.js'
import {runTwin} from './twin.js'

const counting: Plan = {action: 'skip', mutating: true, oneThread: true}

interface Bench {
  readonly page: FaultPage
  readonly oracle: Oracle
  readonly figures: Figures
  readonly every: number
}

/** Each signal has its own exit code; SIGKILL has none. */
const exits = {SIGKILL: null, SIGINT: 130, SIGTERM: 143, SIGHUP: 129} as const
type SignalName = keyof typeof exits

/** Sends one signal at one step, and returns the problems afterwards. */
async function strike(
  {page, oracle, figures}: Bench,
  scenario: Disturbed,
  name: SignalName,
  step: number,
): Promise<void> {
  scenario.reset()
  page.plan({...counting, action: 'signal', value: constants.signals[name], first: step})
  const {exit, signal, err} = runTwin(page, scenario.argv)
  const {hit} = page.outcome()
  page.plan({action: 'none'})
  const tell = (what: string): void => {
    figures.problem(`${name} at ${hit}, step ${step} of ${scenario.name}: ${what}`)
  }
  const killed = name === 'SIGKILL'
  const left = scenario.leftovers()
  if (exit !== exits[name] || (killed && signal !== name)) {
    tell(`ended with ${exit}: ${err}`)
  }
  const {problems} = await scenario.judge(oracle)
  problems.forEach(tell)
  if (!killed) {
    if (left.length > 0) tell(`left behind: ${left.join(', ')}`)
    return
  }
  // Half of the restores are undone first, the others only repeated.
  if (scenario instanceof RestoreScenario && step % 2 === 0) {
    for (const problem of await scenario.undo((argv) => runTwin(page, argv), oracle)) {
      tell(`after the undo: ${problem}`)
    }
  }
  const next = runTwin(page, scenario.argv)
  if (next.exit !== 0) tell(`the next run ended with ${next.exit}: ${next.err}`)
  for (const problem of await scenario.judgeEnd(oracle)) tell(`after the next run: ${problem}`)
}

async function sweep(bench: Bench, scenario: Disturbed): Promise<void> {
  const {page, figures, every} = bench
  scenario.reset()
  page.plan(counting)
  const {exit, err} = runTwin(page, scenario.argv)
  if (exit !== 0) throw new Error(`${scenario.name} ended with ${exit}: ${err}`)
  const steps = page.outcome().calls
  figures.count(`${scenario.name}: steps that change something`, steps)
  for (const name of Object.keys(exits) as SignalName[]) {
    // SIGHUP takes the same path as the other signals, so fewer steps are enough.
    for (const step of stepsOf(steps, name === 'SIGHUP' ? every * 20 : every)) {
      await strike(bench, scenario, name, step)
      figures.count(`${scenario.name}: ${name}`)
    }
  }
}

async function main(): Promise<void> {
  const {every} = readOptions('test:faults', {every: 1})
  const figures = new Figures('test:faults')
  const oracle = new Oracle()
  await withDisk('ext4', async (disk) => {
    const page = new FaultPage(join(disk, 'page'))
    await inTurn(
      disk,
      (argv) => runTwin(page, argv),
      oracle,
      (scenario) => sweep({page, oracle, figures, every}, scenario),
    )
    page.close()
  })
  await oracle.close()
  await superviseErrors(figures, every)
  figures.end()
}

await main()
