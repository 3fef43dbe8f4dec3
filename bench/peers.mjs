// Runs each peer in the benchmark, and finds out which of them are installed.
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {findProgram} from '../scripts/tools.mjs'
import {withoutDigests} from './ours.mjs'
import {start} from './processes.mjs'

// In every command, `step` is the number of backups made so far in this series.
const snapshot = (store, step) => join(store, `snapshot-${step}`)

/** rsync with --link-dest; `more` are further flags. */
function rsyncWith(name, more) {
  return {
    name,
    programs: ['rsync'],
    flags: more,
    backup({store, corpus, step}) {
      const previous = step === 0 ? [] : [`--link-dest=${snapshot(store, step - 1)}`]
      const paths = [`${corpus.root}/`, `${snapshot(store, step)}/`]
      return ['rsync', '-a', '--delete', ...more, ...previous, ...paths]
    },
    remove: ({store}) => ['rm', '-rf', snapshot(store, 0)],
  }
}

const linkThenRsync = {
  name: 'cp-al',
  programs: ['cp', 'rsync'],
  backup({store, corpus, step}) {
    const next = snapshot(store, step)
    if (step === 0) return ['rsync', '-a', '--delete', `${corpus.root}/`, `${next}/`]
    const script = 'cp -al "$1" "$2" && rsync -a --delete "$3/" "$2/"'
    return ['sh', '-c', script, 'sh', snapshot(store, step - 1), next, corpus.root]
  },
  remove: ({store}) => ['rm', '-rf', snapshot(store, 0)],
}

const rsnapshot = {
  name: 'rsnapshot',
  programs: ['rsnapshot', 'rsync', 'cp'],
  async prepare({store, corpus, state}) {
    await mkdir(store)
    const lines = [
      ['config_version', '1.2'],
      ['snapshot_root', `${store}/`],
      ['cmd_cp', '/bin/cp'],
      ['cmd_rm', '/bin/rm'],
      ['cmd_rsync', '/usr/bin/rsync'],
      ['lockfile', join(state, 'rsnapshot.pid')],
      ['retain', 'alpha', '9'],
      ['backup', `${corpus.root}/`, 'corpus/'],
    ]
    const text = lines.map((line) => line.join('\t')).join('\n')
    await writeFile(join(state, 'rsnapshot.conf'), `${text}\n`)
  },
  backup: ({state}) => ['rsnapshot', '-c', join(state, 'rsnapshot.conf'), 'alpha'],
  remove: ({store, step}) => ['rm', '-rf', join(store, `alpha.${step - 1}`)],
}

const restic = {
  name: 'restic',
  programs: ['restic'],
  env: ({store, state}) => ({
    RESTIC_REPOSITORY: store,
    RESTIC_PASSWORD: 'benchmark',
    RESTIC_CACHE_DIR: join(state, 'cache'),
  }),
  initialize: () => ['restic', 'init', '--quiet'],
  backup: ({corpus}) => ['restic', 'backup', '--quiet', corpus.root],
  remove: ({step}) => ['restic', 'forget', '--quiet', '--prune', '--keep-last', `${step - 1}`],
}

const borg = {
  name: 'borg',
  programs: ['borg'],
  env: ({store, state}) => ({
    BORG_REPO: store,
    BORG_BASE_DIR: state,
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
  }),
  initialize: () => ['borg', 'init', '--encryption', 'none'],
  backup: ({corpus, step}) => [
    'borg',
    'create',
    '--compression',
    'none',
    `::s${step}`,
    corpus.root,
  ],
  remove: () => ['sh', '-c', 'borg delete ::s0 && borg compact'],
}

const knownPeers = [
  rsyncWith('rsync', []),
  // rsync 3.5 opens every component of every path again unless it is told to trust them.
  rsyncWith('rsync-insecure', ['--insecure-links']),
  linkThenRsync,
  rsnapshot,
  restic,
  borg,
  withoutDigests,
].map((peer) => ({prepare: ({store}) => mkdir(store), durable: false, ...peer, kind: 'peer'}))

/** Returns {peers, absent}: the peers to run, and the reason for each of the others. */
export async function findPeers(wanted) {
  const unknown = (wanted ?? []).find(
    (name) => name !== 'none' && !knownPeers.some((peer) => peer.name === name),
  )
  if (unknown !== undefined) {
    const names = knownPeers.map(({name}) => name).join(', ')
    throw new Error(`--peers knows ${names}, or none; not ${unknown}.`)
  }
  const {stdout: rsyncFlags} = await start(['sh', '-c', 'rsync --help 2>&1 || true'])
  const peers = []
  const absent = []
  for (const peer of knownPeers.filter(
    ({name, isOptional}) => wanted?.includes(name) ?? !isOptional,
  )) {
    const reason = whyAbsent(peer, rsyncFlags)
    if (reason === undefined) peers.push(peer)
    else absent.push(`${peer.name}: ${reason}`)
  }
  return {peers, absent}
}

function whyAbsent({programs, flags = []}, rsyncFlags) {
  const missing = programs.find((program) => findProgram(program) === undefined)
  if (missing !== undefined) return `${missing} is not installed`
  const unknown = flags.find((flag) => !rsyncFlags.includes(flag))
  return unknown === undefined ? undefined : `this rsync has no ${unknown}`
}

/** The version of each peer's own program, by name. */
export async function versionsOf(peers) {
  const programs = [...new Set(peers.map(({programs: [program]}) => program))]
  const versions = programs.map(async (program) => {
    const flag = ['restic', 'rsnapshot'].includes(program) ? 'version' : '--version'
    const {stdout} = await start([program, flag])
    return [program, stdout.match(/\d+\.\d+(\.\d+)?/)?.[0] ?? 'unknown']
  })
  return Object.fromEntries(await Promise.all(versions))
}
