// npm run test:power: cuts the power at every step of a first backup, a later backup with changes, a
// prune and a restore, and right after their ends, on ext4 and xfs. --every N takes one step in N.
import {mkdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {isRoot} from '../native/workshop.js'
import {cutNames, cuts, Disk, type Cut} from './disk.js'
import type {Disturbed} from './disturbed.js'
import {Oracle} from './oracle.js'
import {FaultPage, type Plan} from './page.js'
import {shown, withDirectory, withDisk, type Filesystem} from './place.js'
import {scenarioNames, scenarioOf} from './scenarios.js'
import {Figures, readOptions, stepsOf} from './suite.js'
import {runTwin} from './twin.js'

const counting: Plan = {action: 'skip', mutating: true, oneThread: true}
/** Without these, nothing is sure to be on disk: the control. */
const flushes = ['syncfs', 'fsync']
/** How often the power is cut right after a successful run. */
const ends = 5

interface Bench {
  readonly page: FaultPage
  readonly oracle: Oracle
  readonly figures: Figures
  readonly every: number
}

/** One scenario on one filesystem. */
interface Case {
  readonly filesystem: Filesystem
  readonly scenario: Disturbed
  readonly disk: Disk
}

/**
 * The problems in the store after the power returns, including the markers, because files may be
 * empty.
 */
async function wrongWith({oracle}: Bench, {scenario}: Case): Promise<string[]> {
  const {problems, made} = await scenario.judge(oracle)
  for (const name of made) {
    const marker = readFileSync(join(scenario.store, name, '.backup_finished'), 'utf8')
    try {
      JSON.parse(marker)
    } catch {
      problems.push(`the marker of ${name} is damaged: ${JSON.stringify(marker)}`)
    }
  }
  return problems
}

/** Lets the next run finish, and returns the problems afterwards. */
async function wrongNext({page, oracle}: Bench, {scenario}: Case): Promise<string[]> {
  page.plan({action: 'none'})
  const {exit, err} = runTwin(page, scenario.argv)
  const wrong = exit === 0 && err === '' ? [] : [`the next run ended with ${exit}: ${err}`]
  const after = await scenario.judgeEnd(oracle)
  return [...wrong, ...after.map((what) => `after the next run: ${what}`)]
}

/** Cuts the power at one step, and returns the problems. */
async function strike(bench: Bench, at: Case, plan: Partial<Plan>): Promise<string[]> {
  const {page} = bench
  const {disk, scenario} = at
  return disk.withCopy(async () => {
    page.plan({...counting, action: 'powerCut', mount: disk.mount, ...plan})
    const {signal, exit, err} = runTwin(page, scenario.argv)
    const {hit} = page.outcome()
    disk.recover()
    const wrong = signal === 'SIGKILL' ? [] : [`ended with ${exit ?? signal}: ${err}`]
    wrong.push(...(await wrongWith(bench, at)), ...(await wrongNext(bench, at)))
    return wrong.map((what) => `${hit}: ${what}`)
  })
}

/**
 * Cuts the power right after a run that ended with 0, and returns what is missing of its result.
 */
async function strikeEnd(bench: Bench, at: Case, cut: Cut, plan: Plan): Promise<string[]> {
  const {page, oracle} = bench
  const {disk, scenario} = at
  return disk.withCopy(async () => {
    page.plan(plan)
    const {exit, err} = runTwin(page, scenario.argv)
    const done = shown(scenario.store)
    disk.cut(cut)
    if (exit !== 0) return [`ended with ${exit}: ${err}`]
    disk.recover()
    const wrong = [...(await wrongWith(bench, at)), ...(await scenario.judgeDone(oracle))]
    const found = shown(scenario.store)
    if (found.join() !== done.join()) wrong.push(`there was ${done.join()}, now ${found.join()}`)
    if (wrong.length > 0) return wrong
    wrong.push(...(await wrongNext(bench, at)))
    const {problems} = await scenario.judge(oracle)
    return [...wrong, ...problems]
  })
}

/** Returns the number of steps. */
async function sweep(bench: Bench, at: Case): Promise<number> {
  const {page, figures, every} = bench
  const {filesystem, scenario, disk} = at
  const title = `${filesystem}, ${scenario.name}`
  const steps = await disk.withCopy(() => {
    page.plan(counting)
    const {exit, err} = runTwin(page, scenario.argv)
    if (exit !== 0) throw new Error(`${title} ended with ${exit}: ${err}`)
    return Promise.resolve(page.outcome().calls)
  })
  figures.count(`${title}: steps that change something`, steps)
  for (const cut of cutNames) {
    for (const first of stepsOf(steps, every)) {
      const wrong = await strike(bench, at, {value: cuts[cut], first})
      for (const what of wrong) figures.problem(`${title}, ${cut}, cut at step ${first}, ${what}`)
      figures.count(`${title}: cuts, ${cut}`)
    }
    for (let time = 0; time < ends; ++time) {
      const wrong = await strikeEnd(bench, at, cut, {action: 'none'})
      for (const what of wrong) figures.problem(`${title}, ${cut}, cut after the end: ${what}`)
      figures.count(`${title}: cuts after the end`)
    }
  }
  return steps
}

/** The same without any flush: a power cut near the end must lose something. */
async function control(bench: Bench, at: Case, steps: number): Promise<void> {
  const {filesystem, scenario} = at
  const weaken = flushes
  for (const cut of cutNames) {
    const title = `${filesystem}, ${scenario.name} without a flush, ${cut}`
    // Prune writes no contents, and an unfinished run has promised nothing.
    const isPrune = scenario.name === 'prune'
    if (isPrune && cut === 'journal written') continue
    let found = 0
    for (let time = 0; time < ends; ++time) {
      const wrong = await strikeEnd(bench, at, cut, {action: 'none', weaken})
      if (wrong.length > 0) ++found
    }
    bench.figures.control(`${title}, after the end`, found, ends)
    if (isPrune || cut === 'nothing written') continue
    found = 0
    for (let first = steps - ends + 1; first <= steps; ++first) {
      const wrong = await strike(bench, at, {value: cuts[cut], first, weaken})
      if (wrong.length > 0) ++found
    }
    bench.figures.control(`${title}, at the last steps`, found, ends)
  }
}

/** Runs on one filesystem. The sources are on another one, which keeps its power. */
async function onFilesystem(bench: Bench, filesystem: Filesystem, sources: string): Promise<void> {
  const start = performance.now()
  await withDirectory(async (directory) => {
    for (const name of scenarioNames) {
      const docs = join(sources, `${filesystem}-${name}`)
      mkdirSync(docs)
      const scenario = scenarioOf(name, docs, join(directory, name, 'mount'))
      const disk = await Disk.make(filesystem, join(directory, name), async () => {
        bench.page.plan({action: 'none'})
        await scenario.prepare((argv) => runTwin(bench.page, argv), bench.oracle)
      })
      const steps = await sweep(bench, {filesystem, scenario, disk})
      await control(bench, {filesystem, scenario, disk}, steps)
    }
  })
  bench.figures.count(`${filesystem}: seconds`, Math.round((performance.now() - start) / 1000))
}

async function main(): Promise<void> {
  const {every} = readOptions('test:power', {every: 1})
  const figures = new Figures('test:power')
  if (!isRoot) throw new Error('Only root can mount a disk and cut its power.')
  await withDisk('ext4', async (sources) => {
    const oracle = new Oracle()
    const page = new FaultPage(join(sources, 'page'))
    try {
      for (const filesystem of ['ext4', 'xfs'] as const) {
        await onFilesystem({page, oracle, figures, every}, filesystem, sources)
      }
    } finally {
      await oracle.close()
      page.close()
    }
  })
  figures.end()
}

await main()
