// Another user in the midst of what a prune removes: leftovers of that user's own, in which directories
// and symlinks to a victim's directory are exchanged.
import {chmodSync, mkdirSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {inventory, type Item} from '../native/inventory.js'
import type {Run} from '../native/programs.js'
import {python, sh} from '../native/workshop.js'
import {countAttack, runInTurn, underAttack, type Attack, type Bench} from './flips.js'
import {forGood} from './page.js'
import {hidden} from './place.js'
import {runTwin} from './twin.js'

const leftovers = Array.from({length: 3}, (_, n) => `.trash-2025-01-15_10-0${n}-00`)
const pairs = 24
const controls = 20

// Directories like the victim's, and aside, where no prune comes, symlinks to the victim's.
const tree = `
def fill(top):
    os.makedirs(top + '/a/b')
    for name in range(5):
        for place in ['', 'a/', 'a/b/']:
            with open('%s/%s%d' % (top, place, name), 'w') as file: file.write('victim')
`
const template = `
os.makedirs('aside/x')
for n in range(${pairs}):
    fill('trash/x/d%d' % n)
    os.symlink(os.path.realpath('../victim'), 'aside/x/d%d' % n)
`

/** A store that other users can reach, with what the attack needs beside it. */
class Trap {
  readonly store: string
  readonly #aside: string
  readonly #victim: string
  readonly #template: string
  readonly #before: Item[]
  #places = 0

  constructor(readonly directory: string) {
    this.store = join(directory, 'store')
    this.#aside = join(directory, 'aside')
    this.#victim = join(directory, 'victim')
    this.#template = join(directory, 'template')
    mkdirSync(this.#template, {recursive: true})
    mkdirSync(this.store)
    mkdirSync(this.#aside)
    chmodSync(this.store, 0o711) // a real one is 0700: nobody comes this far
    mkdirSync(join(directory, 'gone'), {mode: 0o700})
    python(directory, `${tree}fill('victim')`)
    python(this.#template, tree + template)
    this.#before = inventory(this.#victim)
  }

  /** Puts leftovers into the store, each at once as far as others can see. */
  plant(): void {
    for (const name of leftovers) {
      const fresh = this.#gone()
      sh('cp', '-a', this.#template, fresh)
      sh('chown', '-hR', '65534:65534', fresh)
      renameSync(join(fresh, 'aside'), join(this.#aside, name))
      renameSync(join(fresh, 'trash'), join(this.store, name))
    }
  }

  /** A new path where the attacker does not come. */
  #gone(): string {
    return join(this.directory, 'gone', String(++this.#places))
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
    const paths = leftovers.map((name) => join(this.#aside, name))
    for (const path of [...left.map((name) => join(this.store, name)), ...paths]) {
      renameSync(path, this.#gone())
    }
    sh('find', join(this.directory, 'gone'), '-mindepth', '1', '-delete')
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
    return underAttack(bench.flip, {one: this.store, other: this.#aside, names}, seconds, work)
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
      const run = runInTurn(bench, runs, trap.argv)
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
