// Which lines of src and native the tests run: npm run coverage [-- FILE…]
//
// The tests run in a twin of the checkout, in out/coverage. c8 counts TypeScript, both in the test
// process and in the bundle, through its source map. gcovr counts C++, in an addon built for gcov. A
// process that is killed counts nothing, nor do files that this system does not compile.
import {chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {findProgram, leaveOut, literally, root, show} from './tools.mjs'
import {makeTwin} from './twin.mjs'

/** Without optimization the addon is slower than the time limit of a test allows. */
const timeout_ms = 600_000

/** Starts of the titles of tests that the counting addon cannot pass, and why. */
const leftOut = [
  ['the seam is all that the addon imports', 'gcov imports more'],
  ['the seam is used by platform/ alone', 'gcov makes system calls'],
  ['documents that are followed', 'their disk is read-only, so gcov cannot write'],
]

const selection = `/^(?!(${leftOut.map(([title]) => literally(title)).join('|')}))/`

const filesIn = (build, ending) =>
  readdirSync(build, {recursive: true})
    .filter((name) => name.endsWith(ending))
    .map((name) => join(build, name))

/** Empties the counts of C++. Every user may add to them: some tests run the program as another user. */
function clearCounts(build) {
  for (const file of filesIn(build, '.gcda')) rmSync(file)
  for (const file of filesIn(build, '.gcno')) {
    const counts = file.replace(/gcno$/, 'gcda')
    writeFileSync(counts, '')
    chmodSync(counts, 0o666)
  }
}

function typescriptCoverage(twin, files) {
  const counts = join(twin, 'counts')
  mkdirSync(counts)
  chmodSync(counts, 0o1777) // some tests run the program as another user
  const c8 = ['--temp-directory', counts, '--clean=false', '--src', 'src', '--include', 'src/**']
  const mocha = ['mocha', '--timeout', String(timeout_ms), '--grep', selection]
  const tests = files.length > 0 ? files : ['test/**/*.test.ts']
  return show('c8', [...c8, '--reporter', 'text', ...mocha, ...tests], {cwd: twin})
}

function nativeCoverage(build) {
  // gcovr cannot read the counts of a file that nobody ran.
  for (const file of filesIn(build, '.gcda')) if (statSync(file).size === 0) rmSync(file)
  return show('gcovr', ['--root', root, '--filter', 'native/', build], {cwd: root})
}

async function main(files) {
  const twin = await makeTwin('coverage')
  if (twin === undefined) return false
  const build = join(root, 'out/coverage-build')
  clearCounts(build)
  const worked = await typescriptCoverage(twin, files)
  const counted = await nativeCoverage(build)
  for (const [title, why] of leftOut) console.log(`left out: ${title}… (${why})`)
  return worked && counted
}

if (process.platform !== 'linux' || findProgram('gcovr') === undefined) {
  leaveOut('Coverage was left out: it needs Linux and gcovr. On Debian: apt-get install gcovr')
} else if (!(await main(process.argv.slice(2)))) {
  process.exitCode = 1
}
