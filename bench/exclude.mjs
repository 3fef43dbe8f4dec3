// Measures the cost of exclusions that match nothing, and the savings of those that match half.
import {mkdir, readdir, writeFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {performance} from 'node:perf_hooks'
import {parseArgs} from 'node:util'
import {root} from '../scripts/tools.mjs'
import {copyCorpus, generateCorpus, surveyCorpus} from './corpus.mjs'
import {wholeNumber} from './options.mjs'
import {cli} from './ours.mjs'
import {fifty, patternsOf} from './patterns.mjs'
import {measure, must} from './processes.mjs'
import {asProgram, say, withWorkDirectory} from './program.mjs'
import {buildPrograms} from './programs.mjs'
import {median} from './summary.mjs'
import {markdownTable} from './table.mjs'

const usage = `npm run bench:exclude -- [--entries N | --corpus DIR] [options]

  --entries N   generate a corpus of N entries (default 100000), its files empty
  --corpus DIR  measure with a copy of DIR instead
  --rounds K    of each scan in one process (default 31)
  --runs K      of each whole process (default 9)
  --work DIR    where corpus and stores go (default: the system's temporary directory)
  --json FILE   write every measurement
  --help`

const options = {
  entries: {type: 'string', default: '100000'},
  corpus: {type: 'string'},
  rounds: {type: 'string', default: '31'},
  runs: {type: 'string', default: '9'},
  work: {type: 'string'},
  json: {type: 'string'},
  help: {type: 'boolean', default: false},
}

const many = 1000
const trust = {inodes: true, ctimes: true, contents: true, quick: false}

/** Directories at the top two levels of the corpus that together hold about half of it. */
function halfOf({root: top, files, directories, symlinks}) {
  const sizes = new Map()
  for (const path of files) {
    const parts = path.slice(top.length + 1).split('/')
    for (const depth of [1, 2]) {
      const above = parts.slice(0, depth).join('/')
      if (parts.length > depth) sizes.set(above, (sizes.get(above) ?? 0) + 1)
    }
  }
  const chosen = []
  let left = files.length / 2
  for (const [path, size] of [...sizes].sort(([, a], [, b]) => b - a)) {
    const isIn = chosen.some((other) => path.startsWith(`${other}/`))
    if (isIn || size > left) continue
    chosen.push(path)
    left -= size
  }
  const share = 1 - left / files.length - 0.5
  say(`${files.length + directories + symlinks} entries; half is ${(share * 100).toFixed(0)} %.`)
  return chosen.map((path) => `/${path.replaceAll(/[\\*?[]/g, '\\$&')}/`)
}

function selectionOf(addon, {patterns = [], ignoreFiles = []}) {
  const text = Buffer.from(patterns.map((pattern) => `${pattern}\n`).join(''))
  const rest = {tags: [], attributes: [], largest: null, oneFileSystem: false, lists: false}
  const list = {origin: 'patterns', text, isFile: true, foldsCase: false}
  return addon.selection({patterns: [list], ignoreFiles, ...rest})
}

/** The ways to scan. Each finds that nothing has changed since the snapshot in its own store. */
function variantsOf(half) {
  return [
    {name: 'nothing excluded', store: 'all'},
    {name: '50 patterns', store: 'all', patterns: fifty},
    {name: `${many} patterns`, store: 'all', patterns: patternsOf(many)},
    {name: '--ignore-file .gitignore', store: 'all', ignoreFiles: ['.gitignore']},
    {name: 'half excluded', store: 'half', patterns: half},
  ]
}

const flagsOf = ({patterns = [], ignoreFiles = []}) => [
  ...patterns.map((pattern) => `--exclude=${pattern}`),
  ...ignoreFiles.map((name) => `--ignore-file=${name}`),
]

function commandOf(variant, {corpus, workDir}) {
  const store = join(workDir, variant.store)
  return [...cli, 'backup', '-b', store, '--json', ...flagsOf(variant), `corpus=${corpus.root}`]
}

async function makeStores(variants, place) {
  for (const name of ['all', 'half']) {
    await mkdir(join(place.workDir, name), {mode: 0o700})
    const variant = variants.find(({store}) => store === name)
    await must(commandOf(variant, place), {signal: place.signal})
  }
}

/** One scan and comparison, without Node's start-up: {wall_ms, cpu_ms, omitted}. */
async function scan(addon, variant, {corpus, workDir}) {
  const directory = join(workDir, variant.store)
  const [previous] = (await readdir(directory)).filter((name) => /^\d/.test(name))
  const store = addon.openStore(directory)
  const sources = store.openSources([{name: 'corpus', path: corpus.root}])
  const selection = variant.name === 'nothing excluded' ? null : selectionOf(addon, variant)
  const bases = [{name: 'corpus', snapshot: previous, foreign: false, older: []}]
  const snapshot = store.snapshot({sources, bases, selection, trust, digests: true})
  try {
    const [begun, before] = [performance.now(), process.cpuUsage()]
    const {differs, omitted} = await snapshot.compare().done
    const wall_ms = performance.now() - begun
    const {user, system} = process.cpuUsage(before)
    if (differs) throw new Error(`${variant.name}: something differs.`)
    return {wall_ms, cpu_ms: (user + system) / 1000, omitted}
  } finally {
    snapshot.close()
    sources.close()
    store.close()
  }
}

/**
 * Runs every variant `rounds` times in turn, starting each round with another one. The first round
 * only warms up. Returns {name: [figures]}.
 */
async function takeTurns(variants, rounds, signal, work) {
  const all = Object.fromEntries(variants.map(({name}) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (let i = 0; i < variants.length; i++) {
      signal.throwIfAborted()
      const variant = variants[(round + i) % variants.length]
      const figures = await work(variant)
      if (round > 0) all[variant.name].push(figures)
    }
  }
  return all
}

/** Medians, and the median of the ratios to the same round without exclusions. */
function report(title, all) {
  const [base] = Object.values(all)
  const ratioOf = (figures, key) =>
    median(figures.map((figure, round) => figure[key] / base[round][key])).toFixed(3)
  const lines = Object.entries(all).map(([name, figures]) => [
    name,
    ...['wall_ms', 'cpu_ms'].flatMap((key) => [
      `${median(figures.map((figure) => figure[key])).toFixed(1)} ms`,
      ratioOf(figures, key),
    ]),
    String(figures[0].omitted),
  ])
  const head = [title, 'time', 'ratio', 'CPU', 'ratio', 'left out']
  return markdownTable([head, ...lines])
}

async function benchmark(values, workDir, signal) {
  const rounds = wholeNumber(values.rounds, '--rounds')
  const runs = wholeNumber(values.runs, '--runs')
  const {meter} = await buildPrograms(workDir, signal)
  say('Making the corpus and its snapshots …')
  const corpusRoot = join(workDir, 'corpus')
  if (values.corpus !== undefined) await copyCorpus(corpusRoot, values.corpus, {signal})
  else generateCorpus(corpusRoot, wholeNumber(values.entries, '--entries'), {empty: true})
  const place = {corpus: surveyCorpus(corpusRoot), workDir, signal}
  const variants = variantsOf(halfOf(place.corpus))
  await makeStores(variants, place)

  const addon = createRequire(import.meta.url)(join(root, 'build/Release/cura.node'))
  const scans = await takeTurns(variants, rounds, signal, (one) => scan(addon, one, place))
  console.log(`${report('scan and comparison alone', scans)}\n`)
  const results = {scans}
  // Nobody types a thousand arguments.
  const typed = variants.filter(({patterns = []}) => patterns.length < many)
  for (const [title, flags] of [
    ['backup, nothing changed', []],
    ['backup --dry-run', ['--dry-run']],
  ]) {
    results[title] = await takeTurns(typed, runs, signal, async (one) => {
      const command = [...commandOf(one, place), ...flags]
      const {stdout, ...figures} = await measure(meter, command, {signal})
      return {...figures, omitted: JSON.parse(stdout).counts.excluded}
    })
    console.log(`${report(title, results[title])}\n`)
  }
  if (values.json) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`)
}

await asProgram(async (signal) => {
  const {values} = parseArgs({options})
  if (values.help) console.log(usage)
  else await withWorkDirectory(values.work, (workDir) => benchmark(values, workDir, signal))
})
