// Measures questions about snapshots against programs that walk the trees, and against restic.
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {findProgram} from '../scripts/tools.mjs'
import {whyPlain, withFilesystem} from './filesystem.mjs'
import {describe} from './machine.mjs'
import {makeRepository, makeStore} from './many-snapshots.mjs'
import {listOf, wholeNumber} from './options.mjs'
import {measure} from './processes.mjs'
import {asProgram, say, withWorkDirectory} from './program.mjs'
import {buildPrograms} from './programs.mjs'
import {questionsAbout, subjectOf} from './questions.mjs'
import {median} from './summary.mjs'
import {markdownTable, ratio, seconds} from './table.mjs'

const usage = `npm run bench:query -- [--snapshots N --entries N | --store DIR] [options]

  --snapshots N    of the store (default 100)
  --entries N      of each snapshot (default 100000), 1 % of the files edited before each
  --store DIR      ask a store that exists instead; it is only read
  --fs TYPE        filesystem of the store: ext4, xfs, btrfs; plain for a directory (default ext4
                   where it may be mounted)
  --runs K         of each command after one that warms the cache (default 3)
  --peers LIST     of trees (find, diff, du, ls, stat), restic; or none (default: all)
  --restic-limit S seconds of backups for restic, which may get fewer snapshots (default 600)
  --work DIR       where everything goes (default: the system's temporary directory)
  --json FILE      write every measurement
  --help`

const options = {
  snapshots: {type: 'string', default: '100'},
  entries: {type: 'string', default: '100000'},
  store: {type: 'string'},
  fs: {type: 'string', default: whyPlain() === undefined ? 'ext4' : 'plain'},
  runs: {type: 'string', default: '3'},
  peers: {type: 'string', default: 'trees,restic'},
  'restic-limit': {type: 'string', default: '600'},
  work: {type: 'string'},
  json: {type: 'string'},
  help: {type: 'boolean', default: false},
}

// A command that takes longer is measured only once, which keeps the benchmark below an hour.
const slow_ms = 30_000

function readOptions(values) {
  return {
    ...values,
    snapshots: wholeNumber(values.snapshots, '--snapshots'),
    entries: wholeNumber(values.entries, '--entries'),
    runs: wholeNumber(values.runs, '--runs'),
    limit_s: wholeNumber(values['restic-limit'], '--restic-limit'),
    type: listOf(values.fs, ['ext4', 'xfs', 'btrfs', 'plain'], '--fs')[0],
    peers: values.peers === 'none' ? [] : listOf(values.peers, ['trees', 'restic'], '--peers'),
  }
}

/** Calls work(store) with the given store or a new one. */
async function withStore(settings, work) {
  const {store, type, snapshots, entries, workDir, signal} = settings
  if (store !== undefined) return work(store)
  const fill = async (directory) => {
    say('Making the store …')
    await makeStore(join(directory, 'store'), settings)
    return work(join(directory, 'store'))
  }
  if (type === 'plain') return fill(workDir)
  // Every snapshot has directories of its own, one in eleven entries, and a block for each.
  const made = entries * (1 + snapshots / 5)
  return withFilesystem({type, bytes: made * 2048, entries: made, workDir, signal}, fill)
}

/** Adds restic's commands to the questions. Returns a sentence about its repository. */
async function addRestic(questions, subject, settings) {
  if (!settings.peers.includes('restic')) return undefined
  if (findProgram('restic') === undefined) return 'Left out: restic is not installed.'
  say('Backing up the snapshots with restic …')
  const {ids, env, seconds: passed} = await makeRepository(subject, settings)
  for (const {tools, restic} of questions) {
    const command = ['restic', ...restic.operands(ids)]
    tools.push({kind: 'restic', tool: restic.tool, command, env})
  }
  const of = `${ids.length} of the ${subject.names.length} snapshots`
  return `restic has ${of}; backing them up took ${Math.round(passed)} s.`
}

/** Checks each answer against ours. */
function check({title, tools}, outputs) {
  const answers = tools.map(({answer}, i) => answer?.(outputs[i]))
  const [expected] = answers
  answers.forEach((answer, i) => {
    if (answer === undefined || answer === expected) return
    throw new Error(`${title}: ${tools[i].tool} finds ${answer}, and we find ${expected}.`)
  })
}

/** Returns the question with the figures of every run of its tools. */
async function ask(question, settings) {
  const outputs = []
  // These runs only warm the cache.
  for (const tool of question.tools) outputs.push((await run(tool, settings)).stdout)
  check(question, outputs)
  const tools = question.tools.map((tool) => ({...tool, figures: []}))
  for (let time = 0; time < settings.runs; time++) {
    // The tools take turns, so that other work on the machine slows all of them.
    for (const tool of tools.filter(({figures: [first]}) => !isSlow(first))) {
      tool.figures.push((await run(tool, settings)).figure)
    }
  }
  const times = tools.map(({tool, figures}) => `${tool} ${seconds(medianOf(figures, 'wall_ms'))}`)
  say(`${question.title}: ${times.join(', ')}`)
  return {...question, tools}
}

const medianOf = (figures, key) => median(figures.map((figure) => figure[key]))

const isSlow = (figure) => figure !== undefined && figure.wall_ms > slow_ms

async function run({command, env}, {meter, signal}) {
  const {stdout, ...figure} = await measure(meter, command, {signal, env})
  // restic succeeds even if it finds nothing.
  if (stdout === '') throw new Error(`"${command.join(' ')}" printed nothing.`)
  return {stdout, figure}
}

function rowsOf({title, target, tools}) {
  const ours_ms = medianOf(tools[0].figures, 'wall_ms')
  const head = [`**${title}**`, ...Array(5).fill(''), target]
  const body = tools.map(({tool, figures}) => [
    tool,
    seconds(medianOf(figures, 'wall_ms')),
    seconds(medianOf(figures, 'cpu_ms')),
    `${Math.round((medianOf(figures, 'peak_kib') * 1024) / 1e6)} MB`,
    ratio(medianOf(figures, 'wall_ms') / ours_ms),
    String(figures.length),
    '',
  ])
  return [head, ...body]
}

async function report(asked, {subject, note, json}) {
  const {date, processor, cores, kernel, node} = await describe([])
  const machine = `${date}: ${processor}, ${cores} cores, Linux ${kernel}, Node ${node}.`
  console.log([machine, ...(note === undefined ? [] : [note])].join(' '))
  console.log(`${subject.names.length} snapshots; asked about ${subject.path}.\n`)
  const columns = ['', 'time', 'CPU', 'memory', 'to ours', 'runs', 'target']
  console.log(markdownTable([columns, ...asked.flatMap(rowsOf)]))
  if (json === undefined) return
  const records = asked.map(({title, target, tools}) => ({
    title,
    target,
    tools: tools.map(({tool, figures}) => ({tool, figures})),
  }))
  await writeFile(json, `${JSON.stringify({machine, note, records}, null, 2)}\n`)
}

async function benchmark(settings) {
  const {meter} = await buildPrograms(settings.workDir, settings.signal)
  await withStore(settings, async (store) => {
    const subject = await subjectOf(store, settings.signal)
    const questions = questionsAbout(subject)
    if (!settings.peers.includes('trees')) questions.forEach(({tools}) => tools.splice(1))
    const note = await addRestic(questions, subject, settings)
    const asked = []
    for (const question of questions) asked.push(await ask(question, {...settings, meter}))
    await report(asked, {...settings, subject, note})
  })
}

await asProgram(async (signal) => {
  const {values} = parseArgs({options})
  if (values.help) {
    console.log(usage)
    return
  }
  const settings = readOptions(values)
  await withWorkDirectory(values.work, (workDir) => benchmark({...settings, workDir, signal}))
})
