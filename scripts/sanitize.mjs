// Runs the tests with the addon built under ASan with LSan, UBSan and TSan: npm run test:sanitize
//
//   --only address,undefined,thread   these sanitizers
//   --grep PATTERN                    these tests
//
// Node itself is not rebuilt: the tests start all processes with a copy of node that loads the
// sanitizer's runtime first. A report counts if it is about the addon.
import {spawn} from 'node:child_process'
import {chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync} from 'node:fs'
import {rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {performance} from 'node:perf_hooks'
import {parseArgs} from 'node:util'
import {findProgram, leaveOut, literally, quietly, root, run} from './tools.mjs'
import {makeTwin} from './twin.mjs'

/** Each with the faults in test/reliability/seam/planted.cc that it must find. */
const sanitizers = {
  address: ['use-after-free', 'leak'],
  undefined: ['overflow'],
  thread: ['race'],
}

/** Fast tests whose processes load the addon. The planted faults are looked for with them. */
const controlTest = 'cli backs up in both forms'

/** Full titles of tests that prove nothing or fail under these sanitizers, and why. */
const leftOut = [
  ...['is all that the addon imports from the system', 'is used by platform/ alone (slow)'].map(
    (title) => ({
      title: `the seam ${title}`,
      under: Object.keys(sanitizers),
      why: 'it is about the addon that ships, which imports nothing of a sanitizer',
    }),
  ),
  {
    title: 'manifest never crashes or hangs on a hostile one with a right checksum (slow)',
    under: ['address', 'thread'],
    why: 'its 600 rounds have 50 seconds, which are too few on a busy machine',
  },
]

/** A sanitized process is several times slower than a test's own limit allows. */
const timeout_ms = 600_000

const usage =
  `Usage: npm run test:sanitize -- [--only ${Object.keys(sanitizers).join(',')}] ` +
  '[--grep PATTERN]'

function readOptions() {
  try {
    const {values} = parseArgs({options: {only: {type: 'string'}, grep: {type: 'string'}}})
    const only = values.only?.split(',') ?? Object.keys(sanitizers)
    const unknown = only.find((name) => !Object.hasOwn(sanitizers, name))
    if (unknown !== undefined) throw new Error(`there is no sanitizer "${unknown}"`)
    new RegExp(values.grep ?? '') // mocha would report a bad pattern only after the twin is built
    return {only, grep: values.grep ?? ''}
  } catch (error) {
    console.error(`${error.message}\n${usage}`)
    return undefined
  }
}

/** Adds a node to the twin that loads the runtime, and before it the library with its options. */
async function equip(twin, name) {
  const bin = join(twin, 'bin')
  const node = join(bin, 'node')
  const options = join(bin, 'liboptions.so')
  mkdirSync(bin)
  copyFileSync(process.execPath, node)
  copyFileSync(join(root, `out/${name}-build/Release/liboptions.so`), options)
  const needed = await run('patchelf', ['--print-needed', join(twin, 'build/Release/cura.node')])
  const runtime = /^lib[atu]b?san\.so.*$/m.exec(needed.output)?.[0]
  if (runtime === undefined) throw new Error(`the addon needs no runtime of ${name}`)
  // The last library added comes first.
  const add = (library) => quietly('patchelf', ['--add-needed', library, node])
  return (await add(runtime)) && (await add(options))
}

/** The reports in one file, which may have several leaks or races. */
const reportsIn = (text) => text.split(/^={18}$|\n\n(?=(?:Direct|Indirect) leak of )/m)

/** The sanitizer's reports since `clearReports`, and those about the addon without duplicates. */
function collectReports(folder) {
  const files = readdirSync(folder).filter((file) => file.startsWith('report.'))
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'))
  const ours = texts.flatMap(reportsIn).filter((text) => text.includes('/cura.node)'))
  // Removes what differs between two processes with the same fault.
  const anonymous = (text) => text.replace(/0x[0-9a-f]+|==\d+==|\b(pid|tid)=\d+|\d+ byte/g, '')
  const distinct = new Map(ours.map((text) => [anonymous(text), text]))
  const processes = statSync(join(folder, 'processes')).size
  return {processes, files: files.length, ours: ours.length, distinct: [...distinct.values()]}
}

/** Some tests start processes as another user, which must be able to write reports too. */
function clearReports(folder) {
  rmSync(folder, {recursive: true, force: true})
  mkdirSync(folder)
  writeFileSync(join(folder, 'processes'), '')
  chmodSync(folder, 0o1777)
  chmodSync(join(folder, 'processes'), 0o666)
}

/** The pattern for mocha: tests that match `grep` and are not left out. */
function selection(name, grep) {
  const titles = leftOut
    .filter(({under}) => under.includes(name))
    .map(({title}) => `${literally(title)}$`)
  const none = titles.length === 0 ? '' : `(?!${titles.join('|')})`
  return `/^${none}(?=[^]*(?:${grep.replaceAll('/', '\\/')}))/`
}

/** Runs mocha in the twin. Resolves to its exit code, and its totals if it printed them. */
function runMocha(twin, grep, stdio) {
  const mocha = join(twin, 'node_modules/mocha/bin/mocha.js')
  const argv = [mocha, '--timeout', String(timeout_ms), '--grep', grep, 'test/**/*.test.ts']
  const child = spawn(join(twin, 'bin/node'), argv, {cwd: twin, stdio: ['ignore', 'pipe', stdio]})
  let last = ''
  child.stdout.on('data', (chunk) => {
    if (stdio === 'inherit') process.stdout.write(chunk)
    last = (last + chunk).slice(-1000)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({code: code ?? signal, totals: /^\d+ passed.*$/m.exec(last)?.[0]})
    })
  })
}

/** Plants a fault, which the run must find like any other. */
async function control(twin, fault, reports) {
  clearReports(reports)
  writeFileSync(join(twin, 'planted'), fault)
  await runMocha(twin, controlTest, 'ignore')
  rmSync(join(twin, 'planted'))
  const {distinct, processes} = collectReports(reports)
  const found = distinct.filter((text) => text.includes('planted.cc')).length
  console.log(`control: ${fault}: found ${found}, in ${processes} processes`)
  return found > 0
}

async function sanitize(name, grep) {
  const twin = await makeTwin(name)
  if (twin === undefined || !(await equip(twin, name))) return false
  const reports = join(twin, 'reports')
  let worked = true
  for (const fault of sanitizers[name]) {
    if (!(await control(twin, fault, reports))) worked = false
  }
  clearReports(reports)
  const start = performance.now()
  const {code, totals} = await runMocha(twin, selection(name, grep), 'inherit')
  const seconds = Math.round((performance.now() - start) / 1000)
  const {processes, files, ours, distinct} = collectReports(reports)
  for (const text of distinct.slice(0, 20)) console.error(`\n${text.trim()}`)
  if (totals === undefined) console.error(`The tests did not come to their end (${code}).`)
  for (const {title, under, why} of leftOut) {
    if (under.includes(name)) console.log(`left out: ${title}: ${why}`)
  }
  console.log(
    `${name}: ${totals ?? 'no totals'}; ${processes} processes, ${files} report files, ` +
      `${ours} reports about the addon, ${distinct.length} of them distinct; ${seconds} s`,
  )
  return worked && code === 0 && totals !== undefined && ours === 0
}

const options = readOptions()
if (options === undefined) {
  process.exitCode = 2
} else if (process.platform !== 'linux' || findProgram('patchelf') === undefined) {
  leaveOut(
    'The sanitizers were left out: they need Linux and patchelf ("apt-get install patchelf").',
  )
} else {
  for (const name of options.only) {
    if (!(await sanitize(name, options.grep))) process.exitCode = 1
  }
}
