// npm run test:model: random edits, backups, faults and prunes against a model in memory. --runs N of
// them, the first with --seed N; a run that fails is told with its seed and its shortest sequence.
import {join} from 'node:path'
import {seeded, type Random} from '../native/manifests.js'
import {EditChooser, scrambled} from './model/choices.js'
import {Editor} from './model/editor.js'
import {nextOperation} from './model/sequence.js'
import type {Operation} from './model/operation.js'
import {World, type Tools} from './model/world.js'
import {Oracle} from './oracle.js'
import {FaultPage, forGood, type Plan} from './page.js'
import {withDirectory, withDisk, type Filesystem} from './place.js'
import {Figures, readOptions} from './suite.js'
import {loadTwin} from './twin.js'

const filesystems = ['ext4', 'xfs', 'btrfs'] as const
const shrinkLimit = 60

interface Failure {
  readonly problems: readonly string[]
  readonly operations: readonly Operation[]
}

interface Lab {
  readonly tools: Tools
  readonly disks: Readonly<Record<Filesystem, string>>
}

type Next = (world: World) => Operation | null

/** A new store and a new source; what is wrong at the first operation after which something is. */
async function play({tools, disks}: Lab, seed: number, next: Next): Promise<Failure | null> {
  const disk = disks[filesystems[seed % filesystems.length] ?? 'ext4']
  const world = new World(tools, join(disk, 'run'))
  const operations: Operation[] = []
  try {
    for (let operation = next(world); operation !== null; operation = next(world)) {
      const problems = await world.perform(operation)
      if (problems === null) continue
      operations.push(operation)
      if (operation.do === 'edit') tools.count(editName(operation))
      if (problems.length > 0) return {problems, operations}
    }
    const problems = await world.sourceProblems()
    return problems.length > 0 ? {problems, operations} : null
  } finally {
    await tools.editor.edit(disk, [{do: 'remove', path: 'run'}])
  }
}

function editName({edit}: Operation & {do: 'edit'}): string {
  if (edit.do === 'make') return `edit: make ${edit.kind}`
  return edit.do === 'write' && edit.stamp === null ? 'edit: hidden write' : `edit: ${edit.do}`
}

function fromSeed(seed: number): Next {
  const random: Random = seeded(scrambled(seed))
  let sequence: Generator<Operation, void, void> | undefined
  return (world) => {
    sequence ??= nextOperation(world, new EditChooser(world.tree, random, random(2) === 0))
    const {value, done} = sequence.next()
    return done === true ? null : value
  }
}

function fromList(operations: readonly Operation[]): Next {
  let at = 0
  return () => operations[at++] ?? null
}

/** What stays of a problem when its names and numbers are others. */
const kindOf = ({problems}: Failure): string => /^[^\d"]*[\d_-]*([^\d"]*)/.exec(problems[0] ?? '')?.[1] ?? '' // prettier-ignore

/** Leaves out what the failure does not need, larger parts first. */
async function shrunk(lab: Lab, seed: number, failure: Failure): Promise<Failure> {
  let best = failure
  let tries = 0
  for (let size = best.operations.length >> 1; size > 0; size >>= 1) {
    for (let at = best.operations.length - size; at >= 0 && tries < shrinkLimit; at -= size) {
      const rest = best.operations.filter((_, i) => i < at || i >= at + size)
      tries += 1
      // What is left may ask for what cannot be done on a disk: that proves nothing.
      const failure = await play(lab, seed, fromList(rest)).catch(() => null)
      if (failure !== null && kindOf(failure) === kindOf(best)) best = failure
    }
  }
  return best
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (key, text: unknown) => (key === 'fill' ? JSON.stringify(text) : text))

async function report(figures: Figures, lab: Lab, seed: number, failure: Failure): Promise<void> {
  const silent = {...lab, tools: {...lab.tools, count: () => undefined}}
  const {problems, operations} = await shrunk(silent, seed, failure)
  const steps = operations.map((operation) => `\n    ${shown(operation)}`)
  figures.problem(`--runs 1 --seed ${seed}: ${problems.join('\n  ')}${steps.join('')}`)
}

/** The same comparison over a program that leaves something out. */
async function control(lab: Lab, figures: Figures, name: string, weakness: Plan): Promise<void> {
  const among = 10
  const tools = {...lab.tools, count: () => undefined, weakness}
  let found = 0
  for (let seed = 1; seed <= among; seed += 1) {
    if ((await play({...lab, tools}, seed, fromSeed(seed))) !== null) found += 1
  }
  figures.control(name, found, among)
}

async function work(lab: Lab, figures: Figures, runs: number, first: number): Promise<void> {
  for (let seed = first; seed < first + runs; seed += 1) {
    figures.count('runs')
    const failure = await play(lab, seed, fromSeed(seed))
    if (failure !== null) await report(figures, lab, seed, failure)
  }
  for (const only of ['futimens', 'fsetxattr', 'linkat']) {
    const weakness = {action: 'skip', only, first: 1, last: forGood} as const
    await control(lab, figures, `${only} does nothing`, weakness)
  }
}

type Disks = Lab['disks']

/** The page is on none of them, for this process has it mapped to its end. */
async function withDisks(work: (disks: Disks, directory: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) =>
    withDisk('ext4', async (ext4) =>
      withDisk('xfs', async (xfs) =>
        withDisk('btrfs', async (btrfs) => work({ext4, xfs, btrfs}, directory)),
      ),
    ),
  )
}

async function main(): Promise<void> {
  const {runs, seed} = readOptions('test:model', {runs: 2000, seed: 1})
  process.env.TZ = 'UTC'
  const figures = new Figures('test:model')
  const count = (name: string, by?: number): void => {
    figures.count(name, by)
  }
  await withDisks(async (disks, directory) => {
    // The suite sends it to itself; should a run have ended by then, it must not end the suite.
    process.removeAllListeners('SIGTERM')
    process.on('SIGTERM', () => undefined)
    const [page, oracle, editor] = [
      new FaultPage(join(directory, 'page')),
      new Oracle(),
      new Editor(),
    ]
    const twin = await loadTwin(page)
    const tools = {page, oracle, editor, twin, weakness: null, count}
    try {
      await work({tools, disks}, figures, runs, seed)
    } finally {
      await oracle.close()
      await editor.close()
      page.close()
    }
  })
  figures.end()
}

await main()
