// Measures restores against cp, rsync and restic: a whole tree, and a tree of which 1 % is damaged.
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {parseArgs} from 'node:util'
import {generateCorpus, surveyCorpus} from './corpus.mjs'
import {makeImage, whyPlain, withCopy, withFilesystem} from './filesystem.mjs'
import {withMemory, withMounted} from './filesystem.mjs'
import {describe, sentence} from './machine.mjs'
import {listOf, wholeNumber} from './options.mjs'
import {measure, must} from './processes.mjs'
import {asProgram, say, withWorkDirectory} from './program.mjs'
import {buildPrograms} from './programs.mjs'
import {restoreTables} from './restore-table.mjs'
import {backUp, damage, newestIn, peerNames, source, titles, toolsOf} from './restores.mjs'

const usage = `npm run bench:restore -- [options]

  --entries N    of the tree (default 100000)
  --fs TYPE      filesystem of store and targets: ext4, xfs, btrfs (default ext4)
  --runs K       of everything; the medians are shown (default 5)
  --peers LIST   of ${peerNames.join(', ')} (default: all that are installed)
  --memory N     measure only our time and memory, once, with a tree of N empty files
  --work DIR     where everything goes (default: the system's temporary directory)
  --json FILE    write every measurement
  --help`

const options = {
  entries: {type: 'string', default: '100000'},
  fs: {type: 'string', default: 'ext4'},
  runs: {type: 'string', default: '5'},
  peers: {type: 'string'},
  memory: {type: 'string'},
  work: {type: 'string'},
  json: {type: 'string'},
  help: {type: 'boolean', default: false},
}

function readOptions(values) {
  const memory = values.memory === undefined ? undefined : wholeNumber(values.memory, '--memory')
  const entries = wholeNumber(values.entries, '--entries')
  const runs = wholeNumber(values.runs, '--runs')
  const [type] = listOf(values.fs, ['ext4', 'xfs', 'btrfs'], '--fs')
  const peers = values.peers && listOf(values.peers, peerNames, '--peers')
  if (memory === undefined) return {...values, entries, runs, type, peers, isEmpty: false}
  return {...values, entries: memory, runs: 1, type, peers: ['none'], isEmpty: true}
}

// Directories take blocks of their own; files as in corpus.mjs.
const bytesPerEntry = {empty: 1024, full: 24_000}

// A file is proven unchanged only if it is clearly older than the scan that recorded it.
const settle_ms = 1_100

/** Makes the images of a tree and of a store that holds it, then damages the tree. */
async function prepare(bench) {
  const {images, directories, bytes, entries, type, isEmpty, signal} = bench
  for (const image of [images.live, images.store]) {
    await makeImage({type, bytes, entries: 2 * entries, image, signal})
  }
  const {live, store} = directories
  return withMounted({type, image: images.live, directory: live}, async () => {
    say('Making the tree …')
    generateCorpus(join(live, source), entries, {empty: isEmpty})
    const corpus = surveyCorpus(join(live, source))
    await wait(settle_ms, undefined, {signal})
    await withMounted({type, image: images.store, directory: store}, async () => {
      say('Backing it up …')
      await backUp({...bench, store: join(store, 'backups'), live})
    })
    return {corpus, damaged: await damage(corpus.files)}
  })
}

/** Reads everything, so that no tool has to wait for it. */
function intoCache(directories, signal) {
  const script = 'find "$@" -type f -exec cat {} + > /dev/null'
  return must(['sh', '-c', script, 'sh', ...directories], {signal})
}

/** Measures one restore: {wall_ms, sync_ms, cpu_ms, peak_kib}. */
async function time(tool, place, {meter, signal}) {
  await must(['sync'])
  // A restore that lacks something ends with another exit code than 0.
  const figures = await measure(meter, tool.command(place), {signal, env: tool.env?.(place)})
  delete figures.stdout
  if (tool.kind === 'ours') return {...figures, sync_ms: 0} // it syncs by itself
  const sync = await measure(meter, ['sync', '-f', place.to ?? place.live], {signal})
  return {...figures, sync_ms: sync.wall_ms}
}

/** Fails unless the restored tree equals the snapshot. */
async function expectEqual({snapshot, live, to}, signal) {
  const trees = [snapshot, to ?? live].map((directory) => `${join(directory, source)}/`)
  const differences = await must(['rsync', '-aHAXni', '--delete', ...trees], {signal})
  if (differences !== '') throw new Error(`The trees differ:\n${differences.slice(0, 1000)}`)
}

async function restoreWhole(tool, bench) {
  const {images, directories, type, bytes, entries, workDir, signal} = bench
  return withCopy({type, image: images.store, directory: directories.store, signal}, (mounted) =>
    withFilesystem({type, bytes, entries, workDir, signal}, async (to) => {
      const place = placeOf(mounted, {...bench, to})
      await intoCache([place.snapshot, bench.repository ?? place.snapshot], signal)
      const figures = await time(tool, place, bench)
      if (bench.run === 1) await expectEqual(place, signal)
      return figures
    }),
  )
}

async function restoreInPlace(tool, bench) {
  const {images, directories, type, signal} = bench
  return withCopy({type, image: images.store, directory: directories.store, signal}, (mounted) =>
    withCopy({type, image: images.live, directory: directories.live, signal}, async (live) => {
      const place = placeOf(mounted, {...bench, live})
      await intoCache([place.snapshot, live], signal)
      const figures = await time(tool, place, bench)
      if (bench.run === 1) await expectEqual(place, signal)
      return figures
    }),
  )
}

function placeOf(mounted, {live, to, repository}) {
  const store = join(mounted, 'backups')
  return {store, snapshot: newestIn(store), live, to, repository}
}

const work = {whole: restoreWhole, inPlace: restoreInPlace}

/** All runs of a scenario. The tools take turns, and each run starts with another one. */
async function measureScenario(scenario, bench) {
  const {tools, absent} = await toolsOf(scenario, bench.peers)
  absent.forEach((line) => say(`Left out: ${line}.`))
  const records = []
  for (let run = 1; run <= bench.runs; run++) {
    const start = (run - 1) % tools.length
    for (const tool of [...tools.slice(start), ...tools.slice(0, start)]) {
      const figures = await work[scenario](tool, {...bench, run})
      const {name, kind, target} = tool
      records.push({scenario, run, tool: name, kind, target, ...figures})
      const passed = ((figures.wall_ms + figures.sync_ms) / 1000).toFixed(2)
      say(`${titles[scenario]}, run ${run}, ${name}: ${passed} s`)
    }
  }
  return records
}

async function benchmark(settings) {
  const {workDir, signal, type, entries, isEmpty, peers} = settings
  const directories = Object.fromEntries(
    ['memory', 'live', 'store'].map((name) => [name, join(workDir, name)]),
  )
  for (const directory of Object.values(directories)) await mkdir(directory)
  const {meter} = await buildPrograms(workDir, signal)
  const bytes = entries * (isEmpty ? bytesPerEntry.empty : bytesPerEntry.full)
  const {tools} = await toolsOf('whole', peers)
  const hasRestic = tools.some(({name}) => name === 'restic')
  const repository = hasRestic ? join(workDir, 'restic') : undefined
  const images = {live: join(directories.memory, 'live'), store: join(directories.memory, 'store')}
  // Two images and a copy of each.
  return withMemory(4 * bytes, directories.memory, async () => {
    const bench = {...settings, meter, bytes, repository, images, directories}
    const {corpus, damaged} = await prepare(bench)
    const records = []
    for (const scenario of Object.keys(titles)) {
      records.push(...(await measureScenario(scenario, bench)))
    }
    const machine = await describe(tools.filter(({kind}) => kind === 'peer'))
    return {machine, corpus, damaged, type, records}
  })
}

async function report({machine, corpus, damaged, type, records}, json) {
  const {changed, deleted, added} = damaged
  const what = `Damaged: ${changed} files changed, ${deleted} deleted, ${added} added.`
  console.log(`${sentence(machine, corpus)} ${what}\n\n${restoreTables(records, type)}`)
  if (json === undefined) return
  const {files, ...counts} = corpus
  const all = {machine, corpus: {...counts, files: files.length}, damaged, records}
  await writeFile(json, `${JSON.stringify(all, null, 2)}\n`)
}

await asProgram(async (signal) => {
  const {values} = parseArgs({options})
  if (values.help) {
    console.log(usage)
    return
  }
  const settings = readOptions(values)
  const reason = whyPlain()
  if (reason !== undefined) throw new Error(`This needs fresh filesystems, and ${reason}.`)
  await withWorkDirectory(values.work, async (workDir) => {
    await report(await benchmark({...settings, workDir, signal}), values.json)
  })
})
