// Measures verify against sha256sum over the same files, and against restic check.
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {findProgram} from '../scripts/tools.mjs'
import {describe} from './machine.mjs'
import {makeRepository, makeStore} from './many-snapshots.mjs'
import {wholeNumber} from './options.mjs'
import {cli} from './ours.mjs'
import {measure} from './processes.mjs'
import {asProgram, say, withWorkDirectory} from './program.mjs'
import {buildPrograms} from './programs.mjs'
import {subjectOf} from './questions.mjs'
import {median} from './summary.mjs'
import {markdownTable, ratio, seconds} from './table.mjs'

const usage = `npm run bench:verify -- [options]

  --snapshots N  of the store (default 10)
  --entries N    of each snapshot (default 100000), 1 % of the files edited before each
  --empty        files without contents, to measure the check of many trees
  --runs K       of each command after one that warms the cache (default 3)
  --work DIR     where everything goes (default: the system's temporary directory)
  --json FILE    write every measurement
  --help`

const options = {
  snapshots: {type: 'string', default: '10'},
  entries: {type: 'string', default: '100000'},
  empty: {type: 'boolean', default: false},
  runs: {type: 'string', default: '3'},
  work: {type: 'string'},
  json: {type: 'string'},
  help: {type: 'boolean', default: false},
}

// Each inode once, as verify reads it, with as many processes as there are cores.
const sums =
  `find "$1" -type f ! -path '*/.backup*' -printf '%i\\t%p\\0' | sort -z -u -n -k1,1 | ` +
  `cut -z -f2- | xargs -0 -n 256 -P "$(nproc)" sha256sum > /dev/null`

/** The tools of both questions, ours first. */
async function toolsFor(subject, settings) {
  const {store} = subject
  const verify = (...flags) => [...cli, 'verify', '-b', store, '--json', ...flags]
  const tools = [
    {tool: 'verify (trees)', command: verify()},
    {tool: 'verify --read all', command: verify('--read', 'all')},
    {tool: 'sha256sum of all inodes', command: ['sh', '-c', sums, 'sh', store]},
  ]
  if (settings.empty || findProgram('restic') === undefined) return tools
  say('Backing up the snapshots with restic …')
  const {env} = await makeRepository(subject, {...settings, limit_s: 3600})
  const restic = ['restic', 'check', '--read-data', '--no-cache']
  return [...tools, {tool: 'restic check --read-data', command: restic, env}]
}

async function benchmark(settings) {
  const {workDir, signal, runs} = settings
  const {meter} = await buildPrograms(workDir, signal)
  say('Making the store …')
  const store = join(workDir, 'store')
  await makeStore(store, {...settings, isFull: !settings.empty})
  const subject = await subjectOf(store, signal)
  const tools = (await toolsFor(subject, settings)).map((tool) => ({...tool, figures: []}))
  // The tools take turns, so that other work on the machine slows all of them.
  for (let run = 0; run <= runs; run++) {
    for (const {command, env, figures} of tools) {
      const figure = await measure(meter, command, {signal, env})
      delete figure.stdout
      if (run > 0) figures.push(figure)
    }
  }
  return tools
}

async function report(tools, {json}) {
  const {date, processor, cores, kernel, node} = await describe([])
  console.log(`${date}: ${processor}, ${cores} cores, Linux ${kernel}, Node ${node}.\n`)
  const medianOf = (figures, key) => median(figures.map((figure) => figure[key]))
  const reading_ms = medianOf(tools[1].figures, 'wall_ms')
  const rows = tools.map(({tool, figures}) => [
    tool,
    seconds(medianOf(figures, 'wall_ms')),
    seconds(medianOf(figures, 'cpu_ms')),
    `${Math.round((medianOf(figures, 'peak_kib') * 1024) / 1e6)} MB`,
    ratio(medianOf(figures, 'wall_ms') / reading_ms),
  ])
  console.log(markdownTable([['', 'time', 'CPU', 'memory', 'to verify --read all'], ...rows]))
  if (json === undefined) return
  await writeFile(json, `${JSON.stringify(tools, null, 2)}\n`)
}

await asProgram(async (signal) => {
  const {values} = parseArgs({options})
  if (values.help) {
    console.log(usage)
    return
  }
  const settings = {
    ...values,
    snapshots: wholeNumber(values.snapshots, '--snapshots'),
    entries: wholeNumber(values.entries, '--entries'),
    runs: wholeNumber(values.runs, '--runs'),
  }
  await withWorkDirectory(values.work, async (workDir) => {
    await report(await benchmark({...settings, workDir, signal}), values)
  })
})
