// Which lines of src and of native the tests run: npm run coverage
//
//   -- FILE…     by these test files only
//   -- --lines   names the lines that did not run, too
//
// The tests run in a twin of the checkout, in out/coverage: its addon counts by gcov, which comes with
// g++, its bundle by V8, and src in the test files' own process by V8, too. A process that is killed
// counts for nothing, nor do files that this system does not compile. The aim is 90 % of each.
import {spawn} from 'node:child_process'
import {chmodSync, mkdirSync, realpathSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {clearCounts, nativeLines} from './coverage/native.mjs'
import {typescriptLines} from './coverage/typescript.mjs'
import {findProgram, leaveOut, literally} from './tools.mjs'
import {makeTwin} from './twin.mjs'

/** Without optimization the addon is slower than a test's own limit allows for. */
const timeout_ms = 600_000

/** What the titles of tests begin with that the counting addon cannot pass, and why. */
const leftOut = [
  ['the seam is all that the addon imports', 'gcov imports more'],
  ['the seam is used by platform/ alone', 'gcov makes calls of its own'],
  ['documents that are followed', 'their disk is read-only, of which gcov complains'],
]

const selection = `/^(?!(${leftOut.map(([title]) => literally(title)).join('|')}))/`

/** Every user may add counts to these: some tests run the program as another one. */
function makeFolders(twin) {
  for (const name of ['counts', 'modules']) {
    rmSync(join(twin, name), {recursive: true, force: true})
    mkdirSync(join(twin, name))
    chmodSync(join(twin, name), 0o1777)
  }
}

function runTests(twin, files) {
  // Not by mocha's own start, which makes a process of its own for these.
  const node = ['--require', join(twin, 'scripts/coverage/tests.cjs'), '--import', 'tsx']
  const mocha = realpathSync(join(twin, 'node_modules/mocha/lib/cli/cli.js'))
  const options = ['--timeout', String(timeout_ms), '--grep', selection]
  const config = files.length === 0 ? [] : ['--no-config', ...files]
  const child = spawn(process.execPath, [...node, mocha, ...options, ...config], {
    cwd: twin,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code === 0))
  })
}

/** Numbers as people write them who count pages: 1-3, 7. */
function ranges(numbers) {
  const found = []
  for (const number of numbers.sort((a, b) => a - b)) {
    const last = found.at(-1)
    if (last !== undefined && number === last[1] + 1) last[1] = number
    else found.push([number, number])
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
}

function figures(name, lines) {
  const all = [...lines]
  const missing = all.filter(([, ran]) => !ran).map(([line]) => line)
  return {name, all: all.length, ran: all.length - missing.length, missing}
}

const percentOf = ({all, ran}) => (all === 0 ? 100 : (100 * ran) / all)
const row = (entry) =>
  `${percentOf(entry).toFixed(1).padStart(6)} % ${`${entry.ran}/${entry.all}`.padStart(11)}  ${entry.name}`

/** A table of the files, the least covered first, and their total. */
function print(title, lines, withLines) {
  const files = [...lines].map(([name, found]) => figures(name, found))
  console.log(`\n${title}`)
  for (const file of files.filter(({all}) => all > 0).sort((a, b) => percentOf(a) - percentOf(b))) {
    console.log(row(file))
    if (withLines && file.missing.length > 0) console.log(`         ${ranges(file.missing)}`)
  }
  const sum = (of) => files.reduce((total, file) => total + of(file), 0)
  console.log(row({name: `${title} in total`, all: sum(({all}) => all), ran: sum(({ran}) => ran)}))
}

async function main({values, positionals}) {
  const twin = await makeTwin('coverage')
  if (twin === undefined) return false
  makeFolders(twin)
  clearCounts()
  const start = performance.now()
  const worked = await runTests(twin, positionals)
  const seconds = Math.round((performance.now() - start) / 1000)
  const {lines, processes} = typescriptLines(twin)
  print('src', lines, values.lines)
  print('native', nativeLines(), values.lines)
  for (const [title, why] of leftOut) console.log(`left out: ${title}… (${why})`)
  console.log(`${processes} processes counted, ${seconds} s`)
  return worked
}

if (process.platform !== 'linux' || findProgram('gcov') === undefined) {
  leaveOut('The coverage was left out: it needs Linux and gcov, which comes with g++.')
} else {
  const options = {lines: {type: 'boolean', default: false}}
  if (!(await main(parseArgs({options, allowPositionals: true})))) process.exitCode = 1
}
