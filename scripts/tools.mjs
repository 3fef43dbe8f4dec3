// Finds and runs the programs that the other scripts need.
import {spawn} from 'node:child_process'
import {accessSync, constants, existsSync, readdirSync, readFileSync, realpathSync} from 'node:fs'
import {availableParallelism} from 'node:os'
import {delimiter, join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The checkout; paths in scripts are relative to it. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Whether the script with this import.meta.url was started, rather than imported. */
export function isMain(url) {
  const [, started] = process.argv
  // The paths may differ by symlinks.
  return (
    started !== undefined && existsSync(started) && realpathSync(started) === fileURLToPath(url)
  )
}

// So that a script also works without npm.
const binaries = join(root, 'node_modules/.bin')

/** Returns the first of these programs that is on PATH, or undefined. */
export function findProgram(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.find((name) => folders.some((folder) => isExecutable(join(folder, name))))
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Runs a program in the checkout. Resolves to its exit code and its output on both streams. */
export function run(program, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: {...process.env, PATH: `${binaries}${delimiter}${process.env.PATH}`, ...env},
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const chunks = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({code: code ?? 1, output: Buffer.concat(chunks).toString()}),
    )
  })
}

/** Runs a program on this terminal, and returns whether it succeeded. */
export function show(program, args, {cwd = root, env = {}} = {}) {
  const PATH = `${binaries}${delimiter}${process.env.PATH}`
  const child = spawn(program, args, {
    cwd,
    env: {...process.env, PATH, ...env},
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code === 0))
  })
}

/**
 * Runs a program in the checkout, shows its output if it fails, and returns whether it succeeded.
 */
export async function quietly(program, args, env) {
  const {code, output} = await run(program, args, env)
  if (code !== 0) console.error(output.trimEnd())
  return code === 0
}

/**
 * Builds the addon by cmake-js in `folder`, with these variables of CMakeLists.txt, even if it was
 * built there with others before: cmake-js itself takes them only the first time.
 */
export async function compileWithCMake(folder, ...variables) {
  const args = ['--out', folder, ...variables.map((variable) => `--CD${variable}`)]
  return (
    (await quietly('cmake-js', ['configure', ...args])) &&
    (await quietly('cmake-js', ['build', ...args]))
  )
}

/**
 * Does the work on each item, as many at a time as there are cores. True if all of it returned
 * true.
 */
export async function allInParallel(items, work) {
  const queue = [...items]
  let worked = true
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      if (!(await work(item))) worked = false
    }
  }
  await Promise.all(Array.from({length: availableParallelism()}, worker))
  return worked
}

/** A regular expression that matches only this text. */
export const literally = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/**
 * Reports that a check was left out. On CI that is a failure, because a green run must have checked
 * everything.
 */
export function leaveOut(sentence) {
  console.error(sentence)
  if (process.env.CI !== undefined) process.exitCode = 1
}

/** The C++ sources that every platform builds, as listed for binding.gyp and CMakeLists.txt. */
export function commonSources() {
  return readFileSync(join(root, 'native/sources.txt'), 'utf8').split('\n').filter(Boolean)
}

/** Every C++ file of the project, headers and tests included. */
export function cppFiles() {
  return ['native', 'test']
    .flatMap((folder) =>
      readdirSync(join(root, folder), {recursive: true}).map((name) => join(folder, name)),
    )
    .filter((path) => /\.(cc|h)$/.test(path))
    .sort()
}
