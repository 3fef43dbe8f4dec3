// Another user interferes with a restore into their home: directories there are exchanged with
// symlinks to a place that only root may enter. Root must write nothing there.
import {mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {wholeInventories, type Item} from '../native/inventory.js'
import {nobody, runProgram, type Run} from '../native/programs.js'
import {python, sh} from '../native/workshop.js'
import {countAttack, occurrences, runInTurn, underAttack, type Attack, type Bench} from './flips.js'
import {forGood} from './page.js'
import {hidden, shown} from './place.js'
import {runTwin} from './twin.js'

const pairs = 60
/** How often each control is tried. */
const controls = 20
const secret = 'content-of-the-secret'

// The same names in the home, in the snapshot and in the vault, so that every step could go astray.
const tree = `
def put(name, text):
    with open(name, 'w') as file: file.write(text)
def fill(top, text, *more):
    os.makedirs(top + '/a/b')
    for name in ['e', 'a/e', 'a/b/e', 'a/b/f', *more]: put(top + '/' + name, text)
`
const original = `${tree}
for n in range(${pairs}):
    fill('d%d' % n, 'stored', 'a/lost', 'a/b/lost')
    os.makedirs('d%d/gone' % n); put('d%d/gone/file' % n, 'stored')
    os.chmod('d%d/a/b/f' % n, 0o4755)
`
// What there is to do: files to replace, to make and to delete, and modes to set.
const damaged = `${tree}
os.mkdir('home'); os.mkdir('aside')
for n in range(${pairs}):
    top = 'home/d%d' % n
    fill(top, 'damaged', 'new', 'a/new', 'a/b/new')
    os.chmod(top + '/a', 0o700)
    os.symlink('../vault', 'aside/d%d' % n)
`
// Renames follow nothing.
const exchange = `
def move(path):
    global count
    count += 1
    try: os.rename(path, 'hidden/gone/%d' % count)
    except FileNotFoundError: pass
count = 0
for n in range(${pairs}):
    for place in ['home', 'aside']: move('%s/d%d' % (place, n))
for n in range(${pairs}):
    for place in ['home', 'aside']: os.rename('hidden/fresh/%s/d%d' % (place, n), '%s/d%d' % (place, n))
`

/** The home, its snapshot, and what the attack needs beside it. */
class Trap {
  readonly store: string
  readonly home: string
  readonly #vault: string
  #before: Item[]
  readonly #stored: ReadonlySet<string>

  constructor(readonly directory: string) {
    const at = (name: string): string => join(directory, name)
    ;[this.store, this.home, this.#vault] = [at('store'), at('home'), at('vault')]
    for (const name of ['home', 'aside', 'template']) mkdirSync(at(name), {recursive: true})
    for (const name of ['store', 'vault', 'hidden']) mkdirSync(at(name), {mode: 0o700})
    // The attacker may not enter what is planted or removed.
    for (const name of ['gone', 'fresh']) mkdirSync(at(`hidden/${name}`))
    python(this.#vault, `${tree}fill('.', '${secret}', 'new', 'a/new', 'a/b/new')`)
    python(this.home, original)
    sh('chown', '-hR', `${nobody}:${nobody}`, this.home)
    sh('sh', '-c', `chmod 4755 ${this.home}/d*/a/b/f`) // chown has removed the bit
    const {exit, err} = runProgram(['-b', this.store, this.home])
    if (exit !== 0) throw new Error(`the backup ended with ${exit}: ${err}`)
    this.#stored = this.#privileged()
    python(at('template'), damaged)
    sh('chown', '-hR', `${nobody}:${nobody}`, at('template'), at('aside'))
    this.#before = wholeInventories(this.#vault)[0] ?? []
  }

  /** Everything with suid or sgid in the attacker's places: owner, mode and size. */
  #privileged(): Set<string> {
    // find names what moves while it looks, and goes on.
    const script = `find "$1/home" "$1/aside" -perm /6000 -printf '%y %U %G %m %s\\n' 2>&1 || true`
    const lines = sh('sh', '-c', script, 'sh', this.directory).split('\n')
    return new Set(lines.filter((line) => /^\w \d/.test(line)))
  }

  /** Replaces everything by damaged directories, and symlinks to the vault. */
  plant(): void {
    const place = join(this.directory, 'hidden')
    sh('cp', '-a', `${this.directory}/template/.`, join(place, 'fresh'))
    python(this.directory, exchange)
    sh('find', join(place, 'gone'), join(place, 'fresh'), '-mindepth', '1', '-delete')
  }

  /** The problems after a restore. Puts the vault right. */
  wrong(): string[] {
    const wrong: string[] = []
    const now = wholeInventories(this.#vault)[0] ?? []
    if (JSON.stringify(now) !== JSON.stringify(this.#before)) {
      wrong.push('something in the vault has changed')
      rmSync(this.#vault, {recursive: true})
      mkdirSync(this.#vault, {mode: 0o700})
      python(this.#vault, `${tree}fill('.', '${secret}', 'new', 'a/new', 'a/b/new')`)
      this.#before = wholeInventories(this.#vault)[0] ?? []
    }
    const odd = [...this.#privileged()].filter((what) => !this.#stored.has(what))
    if (odd.length > 0) wrong.push(`more rights than stored: ${odd.join('; ')}`)
    const read = occurrences(this.store, [secret])
    if (read.length > 0) wrong.push(`the secret is in ${read.join(', ')}`)
    return wrong
  }

  /** Removes the guards, because each would be a little larger than the one before. */
  forgetGuards(): void {
    for (const name of shown(this.store).slice(1)) sh('rm', '-rf', join(this.store, name))
  }

  get snapshot(): string {
    return join(this.store, String(shown(this.store)[0]), 'home')
  }

  get argv(): readonly string[] {
    return ['restore', '-b', this.store, 'latest:home', '--in-place', '--delete']
  }

  attacked(bench: Bench, seconds: number, work: (isOver: () => boolean) => void): Promise<Attack> {
    const names = Array.from({length: pairs}, (_, n) => `d${n}`)
    const aside = join(this.directory, 'aside')
    return underAttack(bench.flip, {one: this.home, other: aside, names}, seconds, work)
  }
}

/** Whether a restore has finished, or named what has changed, or what the guard could not hold. */
const isHonest = ({exit, err}: Run): boolean =>
  exit === 0 || ((exit === 3 || exit === 6) && err !== '')

const expectsNothing = (trap: Trap, run: Run): string[] => {
  const wrong = trap.wrong()
  if (!isHonest(run)) wrong.push(`ended with ${run.exit ?? run.signal}: ${run.err}`)
  const left = hidden(trap.store)
  if (left.length > 0) wrong.push(`left behind: ${left.join(', ')}`)
  return wrong
}

/** Weaker programs, each of which should write to the vault at least once. */
const weaker: ReadonlyArray<readonly [name: string, run: (bench: Bench, trap: Trap) => void]> = [
  [
    'a twin that follows',
    ({page}, trap) => {
      page.plan({action: 'follow', first: 1, last: forGood})
      runTwin(page, [...trap.argv, '--no-guard'])
      page.plan({action: 'none'})
    },
  ],
  [
    'cp -a',
    (_, trap) => {
      sh('sh', '-c', 'cp -a "$0/." "$1" 2>/dev/null; true', trap.snapshot, trap.home)
    },
  ],
]

export async function attackRestore(bench: Bench): Promise<void> {
  const {figures, directory, seconds} = bench
  const trap = new Trap(join(directory, 'restore'))
  let [runs, told, refused] = [0, 0, 0]
  const attack = await trap.attacked(bench, seconds, (isOver) => {
    for (; !isOver(); ++runs) {
      trap.plant()
      // The guard reads everything under attack before anything is written, which takes its time.
      const guard = runs % 3 === 0 ? [] : ['--no-guard']
      const run = runInTurn(bench, runs, [...trap.argv, ...guard])
      if (run.exit === 3) ++told
      if (run.exit === 6) ++refused
      for (const what of expectsNothing(trap, run)) figures.problem(`restore: ${what}`)
      trap.forgetGuards()
    }
  })
  figures.count('restore: restores', runs)
  figures.count('restore: restores that named what had changed', told)
  figures.count('restore: restores that the guard refused', refused)
  countAttack(figures, 'restore', attack)
  for (const [name, run] of weaker) {
    let found = 0
    await trap.attacked(bench, controls, () => {
      for (let i = 0; i < controls; ++i) {
        trap.plant()
        run(bench, trap)
        if (trap.wrong().length > 0) ++found
        trap.forgetGuards()
      }
    })
    figures.control(`restore: ${name} writes to the vault`, found, controls)
  }
}
