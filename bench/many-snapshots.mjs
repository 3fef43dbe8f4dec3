// Makes a store of many snapshots, and a restic repository of the same trees.
import {appendFileSync} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {performance} from 'node:perf_hooks'
import {generateCorpus, surveyCorpus} from './corpus.mjs'
import {cli} from './ours.mjs'
import {must} from './processes.mjs'
import {say} from './program.mjs'

const editedShare = 100 // one in so many
const reportEvery = 10

/**
 * Makes `snapshots` snapshots of `entries` entries in the new directory `store`. Before each but
 * the first, 1 % of the files get one more line, other files each time. The files are empty at first
 * unless `isFull`.
 */
export async function makeStore(store, {snapshots, entries, isFull, workDir, signal}) {
  const root = join(workDir, 'corpus')
  generateCorpus(root, entries, {empty: isFull !== true})
  const {files} = surveyCorpus(root)
  await mkdir(store, {mode: 0o700})
  const command = [...cli, 'backup', '-b', store, '--no-prune', '--quiet', `corpus=${root}`]
  for (let made = 0; made < snapshots; made++) {
    if (made > 0) edit(files, made)
    await must(command, {signal})
    if ((made + 1) % reportEvery === 0) say(`${made + 1} of ${snapshots} snapshots …`)
  }
}

/** Edits every hundredth file, all over the tree. */
function edit(files, time) {
  const chosen = files.filter((_, i) => i % editedShare === time % editedShare)
  for (const path of chosen) appendFileSync(path, `${time}\n`)
}

/**
 * Backs up the trees of these snapshots, oldest first, at least two of them and until `limit_s`
 * have passed. Returns {ids, env, seconds}.
 */
export async function makeRepository({store, names}, {limit_s, workDir, signal}) {
  const env = {
    RESTIC_REPOSITORY: join(workDir, 'restic'),
    RESTIC_PASSWORD: 'benchmark',
    RESTIC_CACHE_DIR: join(workDir, 'restic-cache'),
  }
  await must(['restic', 'init', '--quiet'], {signal, env})
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  const ids = []
  for (const name of names) {
    if (ids.length > 1 && seconds() > limit_s) break
    // The path differs each time, so restic would not find the previous snapshot by itself.
    const parent = ids.length === 0 ? [] : ['--parent', ids.at(-1)]
    const flags = ['--ignore-ctime', '--exclude', '.backup_*', ...parent]
    const script = 'cd "$1" && shift && exec restic backup "$@"'
    const command = ['sh', '-c', script, 'sh', join(store, name), ...flags, '.']
    ids.push((await must(command, {signal, env})).match(/snapshot ([0-9a-f]+) saved/)[1])
  }
  return {ids, env, seconds: seconds()}
}
