// Installs the packed package into an empty folder, and runs every command once.
import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {root} from '../tools.mjs'

const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/**
 * The folder and environment of one trial: `path` is the PATH, `user` the user as {uid, gid}, or
 * {}.
 */
function makePlace({folder, path, user}) {
  const place = (...names) => join(folder, ...names)
  mkdirSync(folder)
  for (const name of ['home', 'prefix', 'store', 'docs']) mkdirSync(place(name), {mode: 0o700})
  writeFileSync(place('docs/letter.txt'), 'Dear Ann\n')
  writeFileSync(place('docs/draft.txt'), 'first\n')
  chmodSync(place('docs/draft.txt'), 0o640)
  symlinkSync('letter.txt', place('docs/link'))
  lutimesSync(place('docs/link'), 1_700_000_000, 1_700_000_000)
  if (user.uid !== undefined) {
    for (const name of ['.', ...readdirSync(folder, {recursive: true})]) {
      if (name !== 'docs/link') chownSync(place(name), user.uid, user.gid)
    }
  }
  // A bare environment: no compiler, no settings of npm.
  const env = {PATH: path, HOME: place('home')}
  return {place, call: (argv) => call(argv, {cwd: place('home'), env, ...user})}
}

/** Runs a program to its end and returns its output. Any failure is an error. */
function call(argv, options) {
  // Node looks for the program in its own PATH, but sh in the trial's.
  const args = ['-c', 'exec "$@"', 'sh', ...argv]
  const run = spawnSync('/bin/sh', args, {...options, encoding: 'utf8', timeout: 300_000})
  if (run.status !== 0) {
    const end = run.error?.message ?? run.signal ?? run.status
    throw new Error(`${argv.join(' ')}: ${end}\n${run.stderr}${run.stdout}`)
  }
  return run.stdout
}

/** Installs the archive, and returns the number of packages. */
function install({place, call}, archive) {
  call(['npm', 'install', '--offline', '--global', '--prefix', place('prefix'), archive])
  const folder = place('prefix/lib/node_modules')
  const files = readdirSync(folder, {recursive: true})
  return files.filter((file) => /^((.*\/)?node_modules\/)?[^/@]+\/package\.json$/.test(file)).length
}

const inode = (path) => statSync(path).ino
const digestOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** The names of the snapshots in a store. */
const snapshotsIn = (store) => readdirSync(store).filter((name) => /^\d/.test(name))

function tryFirst({place, json}) {
  const {made, previous} = json('backup', '-b', place('store'), place('docs'))
  assert.deepEqual({made, previous}, {made: true, previous: null})
  assert.equal(json('backup', '-b', place('store'), place('docs')).made, false, 'nothing changed')
  const [first] = snapshotsIn(place('store'))
  const copy = (...names) => place('store', first, ...names)
  assert.equal(readFileSync(copy('docs/letter.txt'), 'utf8'), 'Dear Ann\n')
  assert.equal(statSync(copy('docs/draft.txt')).mode & 0o777, 0o640)
  assert.equal(readlinkSync(copy('docs/link')), 'letter.txt')
  assert(existsSync(copy('.backup_finished')))
  return first
}

function trySecond({place, json}, first) {
  writeFileSync(place('docs/draft.txt'), 'second, and longer\n')
  // The old form: without a command.
  const {made, previous} = json('-b', place('store'), place('docs'))
  assert.deepEqual({made, previous}, {made: true, previous: first})
  const second = snapshotsIn(place('store')).find((name) => name !== first)
  const both = (name) => [first, second].map((snapshot) => place('store', snapshot, 'docs', name))
  const [linked, same] = both('letter.txt').map(inode)
  assert.equal(linked, same, 'an unchanged file is one inode')
  const [kept, changed] = both('draft.txt').map((path) => readFileSync(path, 'utf8'))
  assert.deepEqual([kept, changed], ['first\n', 'second, and longer\n'])
  assert.deepEqual(readdirSync(place('store', second, '.backup_delta/docs')), ['draft.txt'])
  return second
}

function tryRest({place, json, run}, second) {
  const sums = run('digests', '-b', place('store'), second).trimEnd().split('\n')
  assert.deepEqual(
    sums.sort().map((line) => line.split('  ')),
    ['draft.txt', 'letter.txt']
      .map((name) => [digestOf(place('store', second, 'docs', name)), `docs/${name}`])
      .sort(),
  )
  json('prune', '-b', place('store'), '--keep-last', '1')
  assert.deepEqual(snapshotsIn(place('store')), [second])
  const {snapshots, lock} = json('status', '-b', place('store'))
  assert.deepEqual({count: snapshots.length, lock}, {count: 1, lock: null})
}

/** npm links the page only if package.json lists it in an array. */
function tryManPage({place}) {
  const pages = place('prefix/share/man')
  assert.match(readFileSync(join(pages, 'man1/cura-te-ipsum.1'), 'utf8'), /^\.SH NAME$/m)
  // The trial's PATH has no man.
  const {error, status, stdout} = spawnSync('man', ['-M', pages, '-w', 'cura-te-ipsum'])
  if (error?.code !== 'ENOENT') assert.equal(status, 0, `man finds its page: ${stdout}`)
}

/** Throws if something is wrong. Returns the number of installed packages. */
export function tryPackage(archive, options) {
  const made = makePlace(options)
  const packages = install(made, archive)
  const run = (...argv) => made.call([made.place('prefix/bin/cura-te-ipsum'), ...argv])
  const json = (...argv) => JSON.parse(run(...argv, '--json'))
  assert.equal(run('--version').trim(), `${packageJson.name} ${packageJson.version}`)
  assert.match(run('--help'), /backup[^]*prune[^]*status/)
  tryManPage(made)
  const trial = {...made, run, json}
  tryRest(trial, trySecond(trial, tryFirst(trial)))
  return packages
}
