// Measures how time and memory grow with a tree of ten times the entries.
import {readdir, rm, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {generateCorpus, surveyCorpus} from './corpus.mjs'
import {whyPlain, withFilesystem} from './filesystem.mjs'
import {listOf, wholeNumber} from './options.mjs'
import {ours} from './ours.mjs'
import {asProgram, say, withWorkDirectory} from './program.mjs'
import {buildPrograms} from './programs.mjs'
import {allScenarios, titles} from './scenarios.mjs'
import {runSeries} from './series.mjs'
import {markdownTable, ratio, seconds} from './table.mjs'

const usage = `npm run bench:scale -- [options]

  --entries N   entries of the smaller tree (default 50000); the larger one has ten times as many
  --fs TYPE     filesystem of the store: ext4, xfs, btrfs (default ext4)
  --work DIR    where the trees go (default: the system's temporary directory)
  --json FILE   write every measurement
  --help`

const options = {
  entries: {type: 'string', default: '50000'},
  fs: {type: 'string', default: 'ext4'},
  work: {type: 'string'},
  json: {type: 'string'},
  help: {type: 'boolean', default: false},
}

const growth = 10
// Directories take blocks of their own; the files are empty.
const bytesPerEntry = 1024

/** Measures the manifest while its store exists. */
async function manifestBytes(store) {
  const [snapshot] = (await readdir(store)).filter((name) => /^\d/.test(name))
  return (await stat(join(store, snapshot, '.backup_manifest'))).size
}

/** Returns {entries, manifest_bytes, records}: all scenarios on a tree of that size. */
async function measureTree(entries, {type, workDir, programs, signal}) {
  const root = join(workDir, `tree-${entries}`)
  say(`Making a tree of ${entries.toLocaleString('en')} entries …`)
  generateCorpus(root, entries, {empty: true})
  const corpus = surveyCorpus(root)
  const place = {type, bytes: entries * bytesPerEntry, entries, workDir, signal}
  const measured = await withFilesystem(place, async (directory) => {
    const bench = {corpus, programs, workDir, signal, scenarios: allScenarios}
    const records = await runSeries(ours, directory, bench)
    return {entries, manifest_bytes: await manifestBytes(join(directory, 'store')), records}
  })
  await rm(root, {recursive: true})
  return measured
}

function report(small, large) {
  const megabytes = ({peak_kib}) => `${Math.round((peak_kib * 1024) / 1e6)} MB`
  const head = [small, large].flatMap(({entries}) => [entries.toLocaleString('en'), 'memory'])
  const lines = small.records.map((before, i) => {
    const after = large.records[i]
    const times = [before, after].flatMap((record) => [seconds(record.wall_ms), megabytes(record)])
    return [titles[before.scenario], ...times, ratio(after.wall_ms / before.wall_ms)]
  })
  const {manifest_bytes, entries} = large
  const each = (manifest_bytes / entries).toFixed(1)
  return `${markdownTable([['', ...head, 'ratio'], ...lines])}\n\nManifest: ${each} bytes an entry.`
}

await asProgram(async (signal) => {
  const {values} = parseArgs({options})
  if (values.help) {
    console.log(usage)
    return
  }
  const entries = wholeNumber(values.entries, '--entries')
  const [type] = listOf(values.fs, ['ext4', 'xfs', 'btrfs'], '--fs')
  const reason = whyPlain()
  if (reason !== undefined) throw new Error(`This needs fresh filesystems, and ${reason}.`)
  await withWorkDirectory(values.work, async (workDir) => {
    const bench = {type, workDir, signal, programs: await buildPrograms(workDir, signal)}
    const small = await measureTree(entries, bench)
    const large = await measureTree(growth * entries, bench)
    console.log(report(small, large))
    if (values.json) await writeFile(values.json, `${JSON.stringify([small, large], null, 2)}\n`)
  })
})
