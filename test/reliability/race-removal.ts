// Another user interferes with a prune: in leftovers that belong to that user, directories are
// exchanged with symlinks to a victim's directory.
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

// Directories like the victim's, and symlinks to the victim's in a place that no prune enters.
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

/** A store that other users can enter, and what the attack needs beside it. */
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
    chmodSync(this.store, 0o711) // a real store is 0700, so nobody else can enter it
    mkdirSync(join(directory, 'gone'), {mode: 0o700})
    python(directory, `${tree}fill('victim')`)
    python(this.#template, tree + template)
    this.#before = inventory(this.#victim)
  }

  /** Plants leftovers in the store. Each appears at once and complete. */
  plant(): void {
    for (const name of leftovers) {
      const fresh = this.#gone()
      sh('cp', '-a', this.#template, fresh)
      sh('chown', '-hR', '65534:65534', fresh)
      renameSync(join(fresh, 'aside'), join(this.#aside, name))
      renameSync(join(fresh, 'trash'), join(this.store, name))
    }
  }

  /** A new path outside the attacker's reach. */
  #gone(): string {
    return join(this.directory, 'gone', String(++this.#places))
  }

  /** Whether the victim has lost something. Restores it. */
  hasLost(): boolean {
    if (JSON.stringify(inventory(this.#victim)) === JSON.stringify(this.#before)) return false
    sh('rm', '-rf', this.#victim)
    python(this.directory, `${tree}fill('victim')`)
    this.#before.splice(0, this.#before.length, ...inventory(this.#victim))
    return true
  }

  /** Removes what is left, and returns the number of leftovers. */
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

  /** Calls `work` while everything that may be planted is under attack. */
  attacked(bench: Bench, seconds: number, work: (isOver: () => boolean) => void): Promise<Attack> {
    const names = leftovers.flatMap((name) =>
      Array.from({length: pairs}, (_, n) => `${name}/x/d${n}`),
    )
    return underAttack(bench.flip, {one: this.store, other: this.#aside, names}, seconds, work)
  }
}

/** A prune must remove everything, or name what it could not remove. */
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
