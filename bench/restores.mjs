// The restores of the benchmark: what each tool is called with, and how 1 % of a tree is damaged.
import {mkdir, rm, writeFile} from 'node:fs/promises'
import {readdirSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {findProgram} from '../scripts/tools.mjs'
import {cli} from './ours.mjs'
import {must, start} from './processes.mjs'

/** The name of the source, and of its directory. */
export const source = 'corpus'

export const titles = {
  whole: 'whole tree to an empty filesystem',
  inPlace: 'in place, 1 % damaged',
}

const password = {RESTIC_PASSWORD: 'benchmark'}

const ours = (name, flags) => ({
  name,
  kind: 'ours',
  command: ({store, to}) => [
    ...[...cli, 'restore', '-b', store, '--quiet', `latest:${source}`],
    ...(to === undefined ? ['--in-place', '--delete'] : ['--to', join(to, source)]),
    ...flags,
  ],
})

/** Copies the newest snapshot; a slash at the end means the contents. */
function rsync(name, flags, target) {
  return {
    name,
    kind: 'peer',
    programs: ['rsync'],
    flags: flags.filter((flag) => flag === '--insecure-links'),
    target,
    command: ({snapshot, live, to}) => [
      ...['rsync', '-a', ...flags],
      ...[`${join(snapshot, source)}/`, `${join(to ?? live, source)}/`],
    ],
  }
}

const trusting = '--insecure-links'

/** `target` is what our time may be of this tool's. */
const tools = {
  whole: [
    ours('cura-te-ipsum', []),
    {
      name: 'cp -a',
      kind: 'peer',
      programs: ['cp'],
      target: 1.2,
      command: ({snapshot, to}) => ['cp', '-a', join(snapshot, source), to],
    },
    {
      name: 'restic',
      kind: 'peer',
      programs: ['restic'],
      target: 0.5,
      env: ({repository}) => ({...password, RESTIC_REPOSITORY: repository}),
      command: ({to}) => ['restic', 'restore', '--quiet', '--no-cache', 'latest', '--target', to],
    },
    rsync('rsync', []),
    // rsync 3.5 opens every component of every path again unless it is told to trust them.
    rsync('rsync-insecure', [trusting]),
  ],
  inPlace: [
    ours('cura-te-ipsum', []),
    ours('without guard', ['--no-guard']),
    rsync('rsync', ['--delete'], 1),
    rsync('rsync-insecure', ['--delete', trusting]),
    rsync('rsync --checksum', ['--delete', '--checksum'], 0.3),
    rsync('rsync-insecure --checksum', ['--delete', '--checksum', trusting]),
  ],
}

/** Returns {tools, absent}: those to run, and the reason for each of the others. */
export async function toolsOf(scenario, wanted) {
  const {stdout: rsyncFlags} = await start(['sh', '-c', 'rsync --help 2>&1 || true'])
  const chosen = tools[scenario].filter(
    ({kind, name}) => kind === 'ours' || (wanted?.includes(name.split(' ')[0]) ?? true),
  )
  const reasons = chosen.map((tool) => whyAbsent(tool, rsyncFlags))
  return {
    tools: chosen.filter((_, i) => reasons[i] === undefined),
    absent: chosen.flatMap(({name}, i) =>
      reasons[i] === undefined ? [] : `${name}: ${reasons[i]}`,
    ),
  }
}

export const peerNames = ['cp', 'restic', 'rsync', 'rsync-insecure', 'none']

function whyAbsent({programs = [], flags = []}, rsyncFlags) {
  const missing = programs.find((program) => findProgram(program) === undefined)
  if (missing !== undefined) return `${missing} is not installed`
  const unknown = flags.find((flag) => !rsyncFlags.includes(flag))
  return unknown === undefined ? undefined : `this rsync has no ${unknown}`
}

/** Backs the tree up into a new store, and into a new repository if restic takes part. */
export async function backUp({store, live, repository, signal}) {
  await mkdir(store, {mode: 0o700})
  await must([...cli, 'backup', '-q', '-b', store, `${source}=${join(live, source)}`], {signal})
  if (repository === undefined) return
  const env = {...password, RESTIC_REPOSITORY: repository}
  await must(['restic', 'init', '--quiet', '--no-cache'], {signal, env})
  // Only the last component is kept, as in the other restores.
  const script = 'cd "$1" && exec restic backup --quiet --no-cache "$2"'
  await must(['sh', '-c', script, 'sh', live, source], {signal, env})
}

/** The path of the newest snapshot. */
export const newestIn = (store) =>
  join(
    store,
    readdirSync(store)
      .filter((name) => /^\d/.test(name))
      .sort()
      .at(-1),
  )

/**
 * Changes, deletes or adds one file in a hundred, in this proportion: 2, 1, 1. Returns the number of
 * each as {changed, deleted, added}.
 */
export async function damage(files) {
  const damaged = {changed: 0, deleted: 0, added: 0}
  for (const [i, path] of files.filter((_, at) => at % 100 === 0).entries()) {
    if (i % 4 < 2) {
      writeFileSync(path, Buffer.alloc(statSync(path).size, `damage ${i} `), {flag: 'r+'})
      utimesSync(path, new Date(), new Date())
      damaged.changed++
    } else if (i % 4 === 2) {
      await rm(path)
      damaged.deleted++
    } else {
      await writeFile(join(dirname(path), `added-${i}.txt`), `added ${i}\n`)
      damaged.added++
    }
  }
  return damaged
}
