// Builds the C++ addon with node-gyp into build/Release/cura.node, silently unless it fails.
import {existsSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {findProgram, quietly} from './tools.mjs'

/** Returns one sentence that says what to install first, or undefined if nothing is missing. */
function whatIsMissing() {
  const missing = [
    ['a C++ compiler', process.env.CXX ?? findProgram('g++', 'c++')],
    ['python3', process.env.PYTHON ?? findProgram('python3', 'python')],
    ['make', process.env.MAKE ?? findProgram('make', 'gmake')],
  ]
    .filter(([, found]) => found === undefined)
    .map(([name]) => name)
  if (missing.length === 0) return undefined
  return (
    `Building the native engine needs ${new Intl.ListFormat('en').format(missing)}: on Debian or Ubuntu run ` +
    `"sudo apt-get install g++ make python3", on macOS "xcode-select --install".`
  )
}

/**
 * Uses Node's own headers if they are installed beside it; otherwise node-gyp uses npm's nodedir or
 * downloads them.
 */
function headerArguments() {
  const nodedir = dirname(dirname(process.execPath))
  const found = existsSync(join(nodedir, 'include/node/node_api.h'))
  return found ? [`--nodedir=${nodedir}`] : []
}

function nodeGyp() {
  try {
    return createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  } catch {
    return undefined
  }
}

async function build() {
  const script = nodeGyp()
  const obstacle =
    script === undefined
      ? 'Building needs the development dependencies: run "npm ci" without "--omit=dev".'
      : whatIsMissing()
  if (obstacle !== undefined) {
    console.error(obstacle)
    return false
  }
  // Not "rebuild", so that make compiles only what has changed.
  const steps = ['configure', 'build', '--jobs=max', ...headerArguments()]
  return quietly(process.execPath, [script, ...steps])
}

if (!(await build())) process.exitCode = 1
