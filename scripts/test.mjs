// Runs the tests: npm test, npm run test:all
//
//   node scripts/test.mjs         what needs no root and no special filesystem, in under 3 minutes
//   node scripts/test.mjs --rest  the rest: root, filesystems, and a share of each reliability suite
//   node scripts/test.mjs --all   both
//   node scripts/test.mjs --watch [FILE…]  the first of these, or these files, after each change
//
// The last line is "N passed, N failed"; a suite that fails counts as one failed test.
import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {root} from './tools.mjs'

const mocha = [process.execPath, join(root, 'node_modules/mocha/bin/mocha.js')]
const allTests = 'test/**/*.test.ts'

/** The title of a test says what it needs: "(needs root)", "(needs mkfs.btrfs)", "(slow)". */
const apart = String.raw`\((needs|slow)\b`

const npm = (script, ...args) => ['npm', 'run', '--silent', script, '--', ...args]

// Two at a time, because they wait for disks and clocks.
const quick = [...mocha, '--parallel', '--jobs', '2', '--grep', apart, '--invert', allTests]

const watch = [
  process.execPath,
  ...['--watch-path=src', '--watch-path=test', '--import=tsx'],
  join(root, 'node_modules/mocha/lib/cli/cli.js'),
]

// One by one, because they mount filesystems.
const rest = [...mocha, '--grep', apart, allTests]

// A disk that is cut must not stay mounted in the namespace of a test that runs at the same time.
const apartMounts = process.getuid?.() === 0 ? ['unshare', '--mount'] : []

// A share of each; docs/reliability.md says how long whole suites take. The model draws other sequences
// each day, and prints the first seed.
const shares = [
  npm('test:faults', '--every', '60'),
  [...apartMounts, ...npm('test:power', '--every', '120')],
  npm('test:model', '--runs', '100', '--seed', 'date'),
  npm('test:queries', '--runs', '2', '--seed', 'date'),
  npm('test:fuzz', '--seconds', '1'),
  ['bash', 'scripts/test-older-rsync.sh'],
  npm('test:sanitize', '--only', 'address', '--grep', '^links '),
]

// These need both cores.
const last = [npm('smoke'), npm('test:race', '--seconds', '2')]

const counts = {passed: 0, failed: 0, skipped: 0}

function shown(command) {
  const words = command.map((word) =>
    word === process.execPath ? 'node' : word.replace(`${root}`, ''),
  )
  return words.join(' ')
}

/** Runs one suite. What it prints comes at once, or with `holds` when it ends. */
async function suite(command, {holds = false, counted = false} = {}) {
  const start = performance.now()
  console.log(`== ${shown(command)}`)
  const [program, ...args] = command
  const child = spawn(program, args, {cwd: root, stdio: ['ignore', 'pipe', 'inherit']})
  const chunks = []
  child.stdout.on('data', (chunk) => {
    chunks.push(chunk)
    if (!holds) process.stdout.write(chunk)
  })
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const text = Buffer.concat(chunks).toString()
  if (holds) process.stdout.write(text)
  const seconds = Math.round((performance.now() - start) / 1000)
  console.log(`== ${shown(command)} ${code === 0 ? 'took' : 'FAILED after'} ${seconds} s`)
  count(code, counted ? text : '')
}

/** Adds the totals that mocha printed; a suite without totals counts only if it failed. */
function count(code, text) {
  const found = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m.exec(text) ?? []
  const [passed, failed, skipped] = found.slice(1).map((number) => Number(number ?? 0))
  counts.passed += passed ?? 0
  counts.skipped += skipped ?? 0
  counts.failed += Math.max(failed ?? 0, code === 0 ? 0 : 1)
}

async function inTurn(commands, options) {
  for (const command of commands) await suite(command, options)
}

/** Never ends by itself. */
function watching(files) {
  const [program, ...args] = [
    ...watch,
    ...(files.length > 0 ? files : ['--grep', apart, '--invert', allTests]),
  ]
  spawn(program, args, {cwd: root, stdio: 'inherit'})
}

async function main({rest: onlyRest, all}) {
  if (!onlyRest) await suite(quick, {counted: true})
  if (!onlyRest && !all) return
  await Promise.all([suite(rest, {counted: true}), inTurn(shares, {holds: true})])
  await inTurn(last)
}

const boolean = {type: 'boolean', default: false}
const options = {rest: boolean, all: boolean, watch: boolean}
const {values, positionals} = parseArgs({options, allowPositionals: true})
if (values.watch) {
  watching(positionals)
} else {
  await main(values)
  const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
  console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
  if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1
}
