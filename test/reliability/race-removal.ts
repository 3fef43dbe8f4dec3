// Another user in the midst of what a prune removes: leftovers of that user's own, in which directories
// and symlinks to a victim's directory are exchanged.
import {chmodSync, mkdirSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {inventory, type Item} from '../native/inventory.js'
import {runProgram, withDescriptors, type Run} from '../native/programs.js'
import {python, sh} from '../native/workshop.js'
import {countAttack, underAttack, type Attack, type Bench} from './flips.js'
import {forGood} from './page.js'
import {hidden} from './place.js'
import {runTwin} from './twin.js'

const leftovers = Array.from({length: 6}, (_, n) => `.trash-2025-01-15_10-0${n}-00`)
const pairs = 24
const few = 48
const patience_ms = 20_000
const controls = 20

// Each pair is a directory like the victim's, and a symlink to the victim's.
const tree = `
def fill(top):
    os.makedirs(top + '/a/b')
    for name in ['e', 'f', 'a/e', 'a/b/e', 'a/b/f', 'a/b/g']:
        with open(top + '/' + name, 'w') as file: file.write('victim')
`
const template = `
for n in range(${pairs}):
    fill('x/d%d' % n)
    os.symlink(os.path.realpath('../victim'), 'x/d%d.other' % n)
`

/** A store that other users can reach, with what the attack needs beside it. */
class Trap {
  readonly store: string
  readonly #victim: string
  readonly #template: string
  readonly #before: Item[]
  #planted = 0

  constructor(readonly directory: string) {
    this.store = join(directory, 'store')
    this.#victim = join(directory, 'victim')
    this.#template = join(directory, 'template')
    mkdirSync(this.#template, {recursive: true})
    mkdirSync(this.store)
    chmodSync(this.store, 0o711) // a real one is 0700: nobody comes this far
    mkdirSync(join(directory, 'gone'), {mode: 0o700})
    python(directory, `${tree}fill('victim')`)
    python(this.#template, tree + template)
    this.#before = inventory(this.#victim)
  }

  /** Puts leftovers into the store, at once as far as others can see. */
  plant(): void {
    for (const name of leftovers) {
      const fresh = join(this.directory, 'gone', 'fresh')
      sh('cp', '-a', this.#template, fresh)
      sh('chown', '-hR', '65534:65534', fresh)
      renameSync(fresh, join(this.store, name))
    }
  }

  /** Whether the victim has lost something; it is whole again then. */
  hasLost(): boolean {
    if (JSON.stringify(inventory(this.#victim)) === JSON.stringify(this.#before)) return false
    sh('rm', '-rf', this.#victim)
    python(this.directory, `${tree}fill('victim')`)
    this.#before.splice(0, this.#before.length, ...inventory(this.#victim))
    return true
  }

  /** Takes what is left out of everybody's reach and away; how many leftovers that were. */
  clear(): number {
    const left = hidden(this.store)
    for (const name of left) {
      const place = join(this.directory, 'gone', `${++this.#planted}`)
      renameSync(join(this.store, name), place)
      sh('rm', '-rf', place)
    }
    return left.length
  }

  get argv(): readonly string[] {
    return ['prune', '-b', this.store, '--keep-last', '1']
  }

  /** Calls `work` while all that may be planted is attacked. */
  attacked(bench: Bench, seconds: number, work: (isOver: () => boolean) => void): Promise<Attack> {
    const names = leftovers.flatMap((name) =>
      Array.from({length: pairs}, (_, n) => `${name}/x/d${n}`),
    )
    return underAttack(bench.flip, {directory: this.store, names}, seconds, work)
  }
}

/** What a prune has to say: all is removed, or what could not be is named. */
const isHonest = ({exit, err}: Run, left: number): boolean =>
  left === 0 ? exit === 0 : exit === 1 && err.includes('could not be removed')

export async function attackRemoval(bench: Bench): Promise<void> {
  const {figures, directory, page} = bench
  const trap = new Trap(join(directory, 'removal'))
  let [runs, removed, victims] = [0, 0, 0]
  const attack = await trap.attacked(bench, bench.seconds, (isOver) => {
    for (; !isOver(); ++runs) {
      trap.plant()
      const under = runs % 2 === 0 ? [] : withDescriptors(few)
      const run = runProgram(trap.argv, {under, timeout_ms: patience_ms})
      const left = trap.clear()
      removed += leftovers.length - left
      if (!isHonest(run, left)) {
        figures.problem(`removal: ended with ${run.exit}, ${left} left: ${run.err}`)
      }
      if (trap.hasLost()) ++victims
    }
  })
  figures.count('removal: prunes', runs)
  figures.count('removal: leftovers attacked', runs * leftovers.length)
  figures.count('removal: leftovers removed all the same', removed)
  figures.count('removal: victims that lost something', victims)
  if (victims > 0) figures.problem(`removal: ${victims} times something else was removed`)
  countAttack(figures, 'removal', attack)
  let found = 0
  await trap.attacked(bench, controls, () => {
    for (let i = 0; i < controls; ++i) {
      trap.plant()
      page.plan({action: 'follow', first: 1, last: forGood})
      runTwin(page, trap.argv)
      page.plan({action: 'none'})
      trap.clear()
      if (trap.hasLost()) ++found
    }
  })
  figures.control('removal: a twin that follows removes what is elsewhere', found, controls)
}
