// Measures cura-te-ipsum against its peers and against the least that the kernel allows.
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {chart} from './chart.mjs'
import {copyCorpus, generateCorpus, surveyCorpus} from './corpus.mjs'
import {whyPlain, withFilesystem} from './filesystem.mjs'
import {floorsOf} from './floor.mjs'
import {describe, sentence} from './machine.mjs'
import {readOptions} from './options.mjs'
import {ours, startUpCommands} from './ours.mjs'
import {findPeers} from './peers.mjs'
import {measure} from './processes.mjs'
import {asProgram, complain, say, withWorkDirectory} from './program.mjs'
import {buildPrograms} from './programs.mjs'
import {runSeries} from './series.mjs'
import {median, summarize} from './summary.mjs'
import {standing, startUpTable, tables} from './table.mjs'

// Measured in each run, because the machine may be busier in some runs.
const startUpTimes = 5

/** Leaves out, with a message, what cannot be measured here. */
function adapt(options) {
  const adapted = {...options}
  const reason = whyPlain()
  if (reason !== undefined) {
    say(`No fresh filesystems are made, because ${reason}: the store is a plain directory.`)
    say('The cold cache is left out: only root may empty it.')
    adapted.filesystems = ['plain']
    adapted.scenarios = options.scenarios.filter((scenario) => scenario !== 'cold')
  }
  return adapted
}

async function benchmark(options, {workDir, signal}) {
  const {peers, absent} = await findPeers(options.peers)
  absent.forEach((line) => say(`Left out: ${line}.`))
  const programs = await buildPrograms(workDir, signal)
  say('Making the corpus …')
  const corpus = await makeCorpus(options, join(workDir, 'corpus'), signal)
  const bench = {corpus, programs, scenarios: options.scenarios, workDir, signal}

  const startUp = {}
  const tools = [ours, ...peers, ...floorsOf(programs.floor)]
  const records = []
  for (const filesystem of options.filesystems) {
    for (let run = 1; run <= options.runs; run++) {
      await measureStartUp(startUp, bench)
      // Each run starts with another tool, so that none is always the first.
      for (const tool of rotated(tools, run - 1)) {
        records.push(...(await fresh({filesystem, tool, run}, bench)))
      }
    }
    if (!options.syscalls) continue
    for (const tool of tools) {
      records.push(...(await fresh({filesystem, tool, run: 'system calls'}, bench)))
    }
  }
  const machine = await describe(peers)
  await report({options, corpus, startUp: mediansOf(startUp), records, absent, machine})
}

async function makeCorpus({corpus, entries}, root, signal) {
  if (corpus === undefined) generateCorpus(root, entries)
  else await copyCorpus(root, corpus, {signal})
  return surveyCorpus(root)
}

/** Adds some times of each start-up command to `startUp`, {name: [ms]}. */
async function measureStartUp(startUp, {programs, workDir, signal}) {
  const commands = await startUpCommands(join(workDir, 'start-up'))
  for (const [name, command] of Object.entries(commands)) {
    startUp[name] ??= []
    for (let time = 0; time < startUpTimes; time++) {
      startUp[name].push((await measure(programs.meter, command, {signal})).wall_ms)
    }
  }
}

function mediansOf(times) {
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]))
}

function rotated(list, by) {
  const start = by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

/** One series on one fresh filesystem. Returns its records with labels. */
async function fresh({filesystem, tool, run}, bench) {
  const {bytes, files, directories, symlinks, others} = bench.corpus
  const entries = files.length + directories + symlinks + others
  const place = {type: filesystem, bytes, entries, ...bench}
  const counting = run === 'system calls'
  const label = `${filesystem}, run ${run}, ${tool.name}`
  const records = await withFilesystem(place, (directory) =>
    runSeries(tool, directory, bench, counting),
  ).catch((cause) => {
    const error = new Error(`${label} failed.`, {cause})
    if (tool.kind !== 'peer' || bench.signal.aborted) throw error
    // A peer's failure loses only its own figures, not an hour of measurements before it.
    complain(error)
    return []
  })
  const figures = records.map(({scenario, wall_ms, sync_ms, calls}) =>
    counting ? `${scenario} ${calls}` : `${scenario} ${((wall_ms + sync_ms) / 1000).toFixed(2)} s`,
  )
  if (records.length > 0) say(`${label}: ${figures.join(', ')}`)
  return records.map((record) => ({filesystem, tool: tool.name, kind: tool.kind, run, ...record}))
}

async function report({options, corpus, startUp, records, absent, machine}) {
  const summary = summarize(records)
  const startUp_ms = startUp['cura-te-ipsum backup, one file']
  console.log(
    [
      sentence(machine, corpus),
      tables(summary),
      startUpTable(startUp),
      standing(summary, startUp_ms).join('\n'),
    ].join('\n\n'),
  )
  if (options.svg) await writeFile(options.svg, chart(summary))
  if (options.json) {
    const {files, ...counts} = corpus
    const all = {
      machine,
      corpus: {...counts, files: files.length},
      absent,
      startUp,
      summary,
      records,
    }
    await writeFile(options.json, `${JSON.stringify(all, null, 2)}\n`)
  }
}

await asProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) return
  await withWorkDirectory(options.work, (workDir) => benchmark(adapt(options), {workDir, signal}))
})
