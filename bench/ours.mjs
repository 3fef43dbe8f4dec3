// Runs this project's own program in the benchmark, and checks its output.
import {existsSync} from 'node:fs'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {root} from '../scripts/tools.mjs'

export const cli = [process.execPath, join(root, 'dist/cli.cjs')]

/** The whole process including Node's start-up. It syncs by itself, so no sync follows. */
export const ours = {
  name: 'cura-te-ipsum',
  kind: 'ours',
  durable: true,
  prepare: ({store}) => mkdir(store, {mode: 0o700}),
  backup: ({store, corpus}) => backupOf(store, corpus.root),
  remove: ({store}) => [...cli, 'prune', '-b', store, '--keep-last', '1'],
  check,
}

/** The same without digests, to show their cost. */
export const withoutDigests = {
  ...ours,
  name: 'ours-no-digest',
  programs: ['node'],
  isOptional: true,
  backup: ({store, corpus}) => [...backupOf(store, corpus.root), '--no-digest'],
}

function backupOf(store, source) {
  return [...cli, 'backup', '-b', store, '--json', `corpus=${source}`]
}

function check(scenario, stdout, {corpus, changed}) {
  if (scenario === 'remove') return
  const {made, counts} = JSON.parse(stdout)
  expect(`${scenario}: a snapshot is made`, made, scenario === 'first' || scenario === 'changed')
  if (scenario === 'first') expect('files', counts.files, corpus.files.length)
  if (scenario === 'changed') expect('changed files', counts.changes.changed, changed)
}

function expect(what, actual, expected) {
  if (actual !== expected) throw new Error(`${what}: ${expected} expected, ${actual} in the JSON.`)
}

/** The cost of a process before it does any work: the commands to measure, by name. */
export async function startUpCommands(directory) {
  const [store, source] = [join(directory, 'store'), join(directory, 'source')]
  await mkdir(store, {recursive: true, mode: 0o700})
  await mkdir(source, {recursive: true})
  if (!existsSync(join(source, 'file'))) await writeFile(join(source, 'file'), 'one file\n')
  return {
    'bare node': [process.execPath, '-e', '0'],
    'cura-te-ipsum --version': [...cli, '--version'],
    'cura-te-ipsum status': [...cli, 'status', '-b', store],
    // The first run makes a snapshot; the median is of runs that find nothing changed.
    'cura-te-ipsum backup, one file': backupOf(store, source),
  }
}
