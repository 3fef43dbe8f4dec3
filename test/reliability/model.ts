// npm run test:model: compares random edits, backups, faults and prunes with a model in memory.
// --runs N of them, the first with --seed N; --seed date uses another seed each day. Reports a
// failed run with its seed and its shortest sequence.
import {dirname, join} from 'node:path'
import {seeded, type Random} from '../native/manifests.js'
import {isRoot} from '../native/workshop.js'
import {EditChooser, scrambled, type Habits} from './model/choices.js'
import {Editor} from './model/editor.js'
import {nextOperation} from './model/sequence.js'
import type {Operation} from './model/operation.js'
import {groundFor, withGrounds, type GroundName, type Grounds} from './model/ground.js'
import {World, type Tools} from './model/world.js'
import {Oracle} from './oracle.js'
import {FaultPage, forGood, type Plan} from './page.js'
import {withDirectory, withDisk} from './place.js'
import {Figures, readOptions} from './suite.js'
import {loadTwin} from './twin.js'

const filesystems = ['ext4', 'xfs', 'btrfs'] as const
type Filesystem = (typeof filesystems)[number]
const shrinkLimit = 60

interface Failure {
  readonly problems: readonly string[]
  readonly operations: readonly Operation[]
}

interface Lab {
  readonly tools: Tools
  readonly disks: Readonly<Record<Filesystem, string>>
  readonly grounds: Grounds
  /** The only ground to use; null: chosen by the seed. */
  readonly only: GroundName | null
}

type Next = (world: World) => Operation | null

/**
 * Runs operations on a new store and a new source. Returns the problems at the first operation that
 * has any.
 */
async function play(lab: Lab, seed: number, next: Next): Promise<Failure | null> {
  const {tools, disks} = lab
  const disk = disks[filesystems[seed % filesystems.length] ?? 'ext4']
  const ground = lab.grounds[lab.only ?? groundFor(seed)]
  const world = new World(tools, ground, join(disk, 'run'))
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
    const below = ground.directory === null ? [] : [dirname(ground.directory)]
    for (const at of [...below, disk]) await tools.editor.edit(at, [{do: 'remove', path: 'run'}])
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
    sequence ??= nextOperation(world, new EditChooser(world.tree, random, habitsFor(world, random)))
    const {value, done} = sequence.next()
    return done === true ? null : value
  }
}

function habitsFor({ground}: World, random: Random): Habits {
  const isCoarse = ground.name === 'coarse'
  return {mayHide: isCoarse || random(2) === 0, isUniform: random(4) === 0, isCoarse}
}

function fromList(operations: readonly Operation[]): Next {
  let at = 0
  return () => operations[at++] ?? null
}

/** The part of a problem that does not depend on names and numbers. */
const kindOf = ({problems}: Failure): string => /^[^\d"]*[\d_-]*([^\d"]*)/.exec(problems[0] ?? '')?.[1] ?? '' // prettier-ignore

/** Leaves out operations that the failure does not need, larger parts first. */
async function shrunk(lab: Lab, seed: number, failure: Failure): Promise<Failure> {
  let best = failure
  let tries = 0
  for (let size = best.operations.length >> 1; size > 0; size >>= 1) {
    for (let at = best.operations.length - size; at >= 0 && tries < shrinkLimit; at -= size) {
      const rest = best.operations.filter((_, i) => i < at || i >= at + size)
      tries += 1
      // The remaining operations may be impossible on a disk, which proves nothing.
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

/** A weakened program, and where the model must notice it. */
interface Weak {
  readonly name: string
  readonly weakness?: Plan
  readonly isQuick?: boolean
  readonly only?: GroundName
}

const nothing = (only: string): Weak => ({
  name: `${only} does nothing`,
  weakness: {action: 'skip', only, first: 1, last: forGood},
})

const weakPrograms: readonly Weak[] = [
  ...['futimens', 'fsetxattr', 'linkat'].map(nothing),
  {name: 'size and mtime are believed', isQuick: true},
  {name: 'a filesystem is not told from another', only: 'ext4', weakness: {action: 'skip', weaken: ['fsid']}}, // prettier-ignore
  {name: 'a file is believed in the tick of its scan', only: 'coarse', weakness: {action: 'skip', weaken: ['clock']}}, // prettier-ignore
]

/** Runs the same comparison with each of them. */
async function control(lab: Lab, figures: Figures, weak: Weak): Promise<void> {
  const {name, weakness = null, isQuick = false, only = null} = weak
  const among = 10
  const tools = {...lab.tools, count: () => undefined, weakness, isQuick}
  let found = 0
  for (let seed = 1; seed <= among; seed += 1) {
    if ((await play({...lab, tools, only}, seed, fromSeed(seed))) !== null) found += 1
  }
  // An ordinary user has only one ground.
  if (only === null || isRoot) figures.control(name, found, among)
}

async function work(lab: Lab, figures: Figures, runs: number, first: number): Promise<void> {
  for (let seed = first; seed < first + runs; seed += 1) {
    figures.count('runs')
    figures.count(`runs on ${groundFor(seed)}`)
    const failure = await play(lab, seed, fromSeed(seed))
    if (failure !== null) await report(figures, lab, seed, failure)
  }
  for (const weak of weakPrograms) await control(lab, figures, weak)
}

type Disks = Lab['disks']

/** The page is on none of these disks, because this process keeps it mapped. */
async function withDisks(
  work: (disks: Disks, grounds: Grounds, directory: string) => Promise<void>,
): Promise<void> {
  await withDirectory(async (directory) =>
    withDisk('ext4', async (ext4) =>
      withDisk('xfs', async (xfs) =>
        withDisk('btrfs', async (btrfs) =>
          withGrounds(async (grounds) => work({ext4, xfs, btrfs}, grounds, directory)),
        ),
      ),
    ),
  )
}

async function main(): Promise<void> {
  const {runs, seed} = readOptions('test:model', {runs: 2000, seed: 1})
  process.env.TZ = 'UTC'
  const figures = new Figures('test:model')
  figures.count('first seed', seed)
  const count = (name: string, by?: number): void => {
    figures.count(name, by)
  }
  await withDisks(async (disks, grounds, directory) => {
    // The suite sends this signal to itself. It must not end the suite if the run has already
    // ended.
    process.removeAllListeners('SIGTERM')
    process.on('SIGTERM', () => undefined)
    const [page, oracle, editor] = [
      new FaultPage(join(directory, 'page')),
      new Oracle(),
      new Editor(),
    ]
    const twin = await loadTwin(page)
    const tools = {page, oracle, editor, twin, weakness: null, isQuick: false, count}
    try {
      await work({tools, disks, grounds, only: null}, figures, runs, seed)
    } finally {
      await oracle.close()
      await editor.close()
      page.close()
    }
  })
  figures.end()
}

await main()
