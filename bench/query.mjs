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
function check({title, tools}, answers) {
  const [expected] = answers
  answers.forEach((answer, i) => {
    if (answer === undefined || answer === expected) return
    throw new Error(`${title}: ${tools[i].tool} finds ${answer}, and we find ${expected}.`)
  })
}

/** Runs every command of every question in turn. Returns [[figures of each run] of each tool]. */
async function ask(questions, {runs, signal, meter}) {
  const all = questions.map(({tools}) => tools.map(() => []))
  for (let run = 0; run <= runs; run++) {
    for (const [q, question] of questions.entries()) {
      const answers = []
      for (const [t, {command, env, answer}] of question.tools.entries()) {
        const figures = all[q][t]
        if (run > 1 && figures.at(-1).wall_ms > slow_ms) continue
        const {stdout, ...figure} = await measure(meter, command, {signal, env})
        // restic succeeds even if it finds nothing.
        if (stdout === '') throw new Error(`"${command.join(' ')}" printed nothing.`)
        answers[t] = answer?.(stdout)
        // The first run only warms the cache.
        if (run === 1) figures.length = 0
        figures.push(figure)
      }
      if (run === 0) check(question, answers)
    }
    say(run === 0 ? 'The cache is warm.' : `Run ${run} of ${runs} is done.`)
  }
  return all
}

function rowsOf({title, target, tools}, all) {
  const of = (figures, key) => median(figures.map((figure) => figure[key]))
  const ours_ms = of(all[0], 'wall_ms')
  const head = [`**${title}**`, ...Array(5).fill(''), target]
  const body = tools.map(({tool}, i) => {
    const figures = all[i]
    return [
      tool,
      seconds(of(figures, 'wall_ms')),
      seconds(of(figures, 'cpu_ms')),
      `${Math.round((of(figures, 'peak_kib') * 1024) / 1e6)} MB`,
      ratio(of(figures, 'wall_ms') / ours_ms),
      String(figures.length),
      '',
    ]
  })
  return [head, ...body]
}

async function benchmark(settings) {
  const {meter} = await buildPrograms(settings.workDir, settings.signal)
  await withStore(settings, async (store) => {
    const subject = await subjectOf(store, settings.signal)
    const questions = questionsAbout(subject)
    if (!settings.peers.includes('trees')) questions.forEach(({tools}) => tools.splice(1))
    const notes = await addRestic(questions, subject, settings)
    const all = await ask(questions, {...settings, meter})
    const machine = await describe([])
    const columns = ['', 'time', 'CPU', 'memory', 'to ours', 'runs', 'target']
    const rows = questions.flatMap((question, i) => rowsOf(question, all[i]))
    console.log(`${machine.date}: ${machine.processor}, ${machine.cores} cores. ${notes ?? ''}`)
    console.log(`${subject.names.length} snapshots; asked about ${subject.path}.\n`)
    console.log(markdownTable([columns, ...rows]))
    if (settings.json !== undefined) {
      const records = questions.map(({title, target, tools}, i) => {
        const ran = tools.map(({tool}, t) => ({tool, figures: all[i][t]}))
        return {title, target, tools: ran}
      })
      await writeFile(settings.json, `${JSON.stringify({machine, notes, records}, null, 2)}\n`)
    }
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
