// npm run test:race: another user exchanges entries of the source, or of what a prune removes, all the
// time, and root neither reads nor removes what that user could not. Each attack takes --seconds N.
import {spawnSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {runProgram, withDescriptors, type Run} from '../native/programs.js'
import {isRoot, python, sh} from '../native/workshop.js'
import {
  compileFlip,
  countAttack,
  occurrences,
  underAttack,
  type Bench,
  type Targets,
} from './flips.js'
import {FaultPage, forGood} from './page.js'
import {hidden, shown, withDirectory} from './place.js'
import {attackRemoval} from './race-removal.js'
import {Figures, readOptions} from './suite.js'
import {runTwin} from './twin.js'

/** In a file that only root may read, and the name of one that only root may see. */
const words = ['content-of-the-secret', 'name-of-the-secret']

/** What a user exchanges: named by what stands where a symlink, or a FIFO, comes next. */
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

/** Few descriptors: then directories are closed, and opened again below their parents. */
const few = 48
/** Nothing here takes this long, unless it waits for a FIFO. */
const patience_ms = 20_000
const tries = 40

/** Makes the source of an attack; what is to be exchanged in it. */
function makeSource(directory: string, name: AttackName): Targets {
  const [letter, makeOther] = attacks[name]
  const docs = join(directory, 'docs')
  mkdirSync(docs, {recursive: true})
  python(
    docs,
    `${tree}
for n in range(${pairs}):
    name, other = '${letter}%d' % n, '${letter}%d.other' % n
    if '${letter}' == 'd': fill(name, 'harmless')
    else: put(name, 'harmless')
    ${makeOther}
`,
  )
  sh('chown', '-hR', '65534:65534', docs)
  return {directory: docs, names: Array.from({length: pairs}, (_, n) => `${letter}${n}`)}
}

/** What is wrong after a backup under attack. */
function wrongWith({exit, signal, out, err}: Run, store: string): string[] {
  const wrong: string[] = []
  if (exit !== 0 && exit !== 3) wrong.push(`ended with ${exit ?? signal}: ${err}`)
  if (words.some((word) => `${out}${err}`.includes(word))) wrong.push('the output tells the secret')
  wrong.push(...occurrences(store, words).map((path) => `the secret is in ${path}`))
  const left = hidden(store)
  if (left.length > 0) wrong.push(`left behind: ${left.join(', ')}`)
  return wrong
}

/** Backs up again and again while the source is attacked. */
async function attackSource(bench: Bench, name: AttackName): Promise<Targets> {
  const {figures, directory, flip, seconds} = bench
  const place = join(directory, name.replaceAll(' ', '-'))
  const store = join(place, 'store')
  const targets = makeSource(place, name)
  mkdirSync(store, {mode: 0o700})
  let runs = 0
  let snapshots = 0
  let told = 0
  const attack = await underAttack(flip, targets, seconds, (isOver) => {
    for (; !isOver(); ++runs) {
      const under = runs % 2 === 0 ? [] : withDescriptors(few)
      const argv = ['-b', store, '--keep-last', '2', targets.directory]
      const before = shown(store).at(-1)
      const run = runProgram(argv, {under, timeout_ms: patience_ms})
      if (shown(store).at(-1) !== before) ++snapshots
      if (run.exit === 3) ++told
      for (const what of wrongWith(run, store)) figures.problem(`${name}: ${what}`)
    }
  })
  figures.count(`${name}: backups`, runs)
  figures.count(`${name}: snapshots made`, snapshots)
  figures.count(`${name}: backups that named what had changed`, told)
  countAttack(figures, name, attack)
  return targets
}

/** What cp and a twin that follows symlinks take out of the same source. */
async function controlSource(bench: Bench, name: AttackName, targets: Targets): Promise<void> {
  const {figures, page, flip} = bench
  const [copy, store] = [`${targets.directory}.copy`, `${targets.directory}.store`]
  let [leaks, blocked, twinLeaks] = [0, 0, 0]
  await underAttack(flip, targets, tries, () => {
    for (let i = 0; i < tries; ++i) {
      const timeout = 500
      const {signal} = spawnSync('cp', ['-a', targets.directory, copy], {timeout})
      if (signal !== null) ++blocked
      if (occurrences(copy, words).length > 0) ++leaks
      sh('rm', '-rf', copy)
    }
    if (name === 'files and FIFOs') return
    for (let i = 0; i < tries / 4; ++i) {
      mkdirSync(store, {mode: 0o700})
      page.plan({action: 'follow', first: 1, last: forGood})
      runTwin(page, ['backup', '-b', store, '--no-prune', targets.directory])
      page.plan({action: 'none'})
      if (occurrences(store, words).length > 0) ++twinLeaks
      sh('rm', '-rf', store)
    }
  })
  if (name === 'directories') figures.control(`${name}: cp -a takes the secret`, leaks, tries)
  if (name === 'files and FIFOs') figures.control(`${name}: cp -a waits for ever`, blocked, tries)
  else figures.control(`${name}: a twin that follows takes the secret`, twinLeaks, tries / 4)
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
    } finally {
      page.close()
    }
  })
  figures.end()
}

await main()
