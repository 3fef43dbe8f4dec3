// npm run test:race: another user exchanges entries of the source, of what a prune removes, or of
// the target of a restore, all the time, and root must neither read, nor remove, nor write anything
// that this user could not. Each attack takes --seconds N.
import {spawnSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import type {Run} from '../native/programs.js'
import {isRoot, python, sh} from '../native/workshop.js'
import {
  compileFlip,
  countAttack,
  occurrences,
  runInTurn,
  underAttack,
  type Bench,
  type Targets,
} from './flips.js'
import {FaultPage, forGood} from './page.js'
import {hidden, shown, withDirectory} from './place.js'
import {attackRemoval} from './race-removal.js'
import {attackRestore} from './race-restore.js'
import {Figures, readOptions} from './suite.js'
import {runTwin} from './twin.js'

/** In a file that only root may read, and the name of a file that only root may see. */
const words = ['content-of-the-secret', 'name-of-the-secret']

/** The attacks, named by the entry that is exchanged with a symlink or a FIFO. */
const attacks = {
  directories: ['d', 'os.symlink(vault, other)'],
  files: ['f', "os.symlink(vault + '/a/b/f', other)"],
  'files and FIFOs': ['p', 'os.mkfifo(other)'],
} as const
type AttackName = keyof typeof attacks
const pairs = 100

const tree = `
vault = os.path.realpath('../vault')
def fill(top, text):
    os.makedirs(top + '/a/b')
    for name in ['e', 'a/e', 'a/b/e', 'a/b/f', 'a/b/g']:
        with open(top + '/' + name, 'w') as file: file.write(text)
def put(name, text):
    with open(name, 'w') as file: file.write(text)
`

/** How often each control is tried. cp opens a FIFO only by bad luck. */
const tries = {cp: 40, fifo: 150, twin: 10} as const

/** Makes the source of an attack, and returns the entries to exchange. */
function makeSource(directory: string, name: AttackName): Targets {
  const [letter, makeOther] = attacks[name]
  const docs = join(directory, 'docs')
  mkdirSync(docs, {recursive: true})
  python(
    docs,
    `${tree}
os.mkdir('other')
for n in range(${pairs}):
    name, other = '${letter}%d' % n, 'other/${letter}%d' % n
    if '${letter}' == 'd': fill(name, 'harmless')
    else: put(name, 'harmless')
    ${makeOther}
`,
  )
  sh('chown', '-hR', '65534:65534', docs)
  const names = Array.from({length: pairs}, (_, n) => `${letter}${n}`)
  return {one: docs, other: join(docs, 'other'), names}
}

/** The problems after a backup under attack. */
function wrongWith({exit, signal, out, err}: Run, store: string): string[] {
  const wrong: string[] = []
  if (exit !== 0 && exit !== 3) wrong.push(`ended with ${exit ?? signal}: ${err}`)
  if (words.some((word) => `${out}${err}`.includes(word))) wrong.push('the output tells the secret')
  wrong.push(...occurrences(store, words).map((path) => `the secret is in ${path}`))
  const left = hidden(store)
  if (left.length > 0) wrong.push(`left behind: ${left.join(', ')}`)
  return wrong
}

/** Backs up repeatedly while the source is attacked. */
async function attackSource(bench: Bench, name: AttackName): Promise<Targets> {
  const {figures, directory, flip, seconds} = bench
  const place = join(directory, name.replaceAll(' ', '-'))
  const store = join(place, 'store')
  const targets = makeSource(place, name)
  mkdirSync(store, {mode: 0o700})
  let [runs, snapshots, told, escapes] = [0, 0, 0, 0]
  const attack = await underAttack(flip, targets, seconds, (isOver) => {
    for (; !isOver(); ++runs) {
      const argv = ['-b', store, '--keep-last', '2', targets.one]
      const before = shown(store).at(-1)
      const run = runInTurn(bench, runs, argv)
      if (shown(store).at(-1) !== before) ++snapshots
      if (run.exit === 3) ++told
      const wrong = wrongWith(run, store)
      if (wrong.some((what) => what.includes('secret'))) ++escapes
      for (const what of wrong) figures.problem(`${name}: ${what}`)
    }
  })
  figures.count(`${name}: backups`, runs)
  figures.count(`${name}: snapshots made`, snapshots)
  figures.count(`${name}: backups that named what had changed`, told)
  figures.count(`${name}: escapes`, escapes)
  countAttack(figures, name, attack)
  return targets
}

/** Copies the source `tries` times with cp, and counts how often it read the secret or blocked. */
function copyWithCp(source: string, tries: number): {leaks: number; blocked: number} {
  const copy = `${source}.copy`
  const timeout = 500
  let [leaks, blocked] = [0, 0]
  for (let i = 0; i < tries; ++i) {
    if (spawnSync('cp', ['-a', source, copy], {timeout}).signal !== null) ++blocked
    if (occurrences(copy, words).length > 0) ++leaks
    sh('rm', '-rf', copy)
  }
  return {leaks, blocked}
}

/**
 * Backs up `tries` times with a twin that follows symlinks, and counts how often it read the
 * secret.
 */
function backUpWithTwin({page}: Bench, source: string, tries: number): number {
  const store = `${source}.store`
  let leaks = 0
  for (let i = 0; i < tries; ++i) {
    mkdirSync(store, {mode: 0o700})
    page.plan({action: 'follow', first: 1, last: forGood})
    runTwin(page, ['backup', '-b', store, '--no-prune', source])
    page.plan({action: 'none'})
    if (occurrences(store, words).length > 0) ++leaks
    sh('rm', '-rf', store)
  }
  return leaks
}

/** What weaker programs do with the same source. cp never follows a symlink to a file. */
async function controlSource(bench: Bench, name: AttackName, targets: Targets): Promise<void> {
  const {figures, flip} = bench
  await underAttack(flip, targets, tries.fifo, () => {
    if (name === 'files and FIFOs') {
      const {blocked} = copyWithCp(targets.one, tries.fifo)
      figures.control(`${name}: cp -a waits for ever`, blocked, tries.fifo)
      return
    }
    if (name === 'directories') {
      const {leaks} = copyWithCp(targets.one, tries.cp)
      figures.control(`${name}: cp -a takes the secret`, leaks, tries.cp)
    }
    const leaks = backUpWithTwin(bench, targets.one, tries.twin)
    figures.control(`${name}: a twin that follows takes the secret`, leaks, tries.twin)
  })
}

async function main(): Promise<void> {
  const {seconds} = readOptions('test:race', {seconds: 60})
  const figures = new Figures('test:race')
  if (!isRoot) throw new Error('Only root can be attacked by another user here.')
  await withDirectory(async (directory) => {
    const page = new FaultPage(join(directory, 'page'))
    const bench = {figures, page, flip: compileFlip(directory), directory, seconds}
    try {
      for (const name of Object.keys(attacks) as AttackName[]) {
        const place = join(directory, name.replaceAll(' ', '-'))
        mkdirSync(place)
        mkdirSync(join(place, 'vault'), {mode: 0o700})
        python(join(place, 'vault'), `${tree}fill('.', '${words[0]}')\nput('${words[1]}', '')`)
        await controlSource(bench, name, await attackSource(bench, name))
      }
      await attackRemoval(bench)
      await attackRestore(bench)
    } finally {
      page.close()
    }
  })
  figures.end()
}

await main()
