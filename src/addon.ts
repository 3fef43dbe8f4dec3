// Finds the compiled addon and loads it: a checkout's own build first, then the prebuilt binary.
import {closeSync, existsSync, openSync, readSync} from 'node:fs'
import {createRequire} from 'node:module'
import {CuraError} from './errors.js'
import {packageRoot} from './package.js'

/** The name of an executable's dynamic loader comes soon after its head. */
const headLimit_bytes = 65_536

/** Whether this Node was built for musl, the C library of Alpine: its executable names the loader. */
function isForMusl(executable: string): boolean {
  const head = Buffer.alloc(headLimit_bytes)
  try {
    const file = openSync(executable, 'r')
    try {
      return head.subarray(0, readSync(file, head)).includes('/ld-musl-')
    } finally {
      closeSync(file)
    }
  } catch {
    return false // unreadable, or gone since the start: glibc is what nearly all have
  }
}

/** The system as the names of the prebuilt binaries have it, such as 'linux-x64-glibc'. */
export function target(executable = process.execPath): string {
  const system = `${process.platform}-${process.arch}`
  if (process.platform !== 'linux') return system
  return `${system}-${isForMusl(executable) ? 'musl' : 'glibc'}`
}

/** How to get a binary that is missing. A checkout has the sources, the installed package has not. */
function advice(root: string): string {
  return existsSync(`${root}binding.gyp`)
    ? `run "npm run build" in ${root}`
    : 'in a checkout of the sources run "npm ci && npm install --global ."'
}

/** Loads the addon of the package in `root`. Throws a CuraError 'failed'. */
export function loadAddon(root = packageRoot): unknown {
  const candidates = [`${root}build/Release/cura.node`, `${root}prebuilds/${target()}.node`]
  const found = candidates.find((path) => existsSync(path))
  if (found === undefined) {
    throw new CuraError('failed', `There is no native engine for ${target()}: ${advice(root)}.`)
  }
  try {
    return createRequire(import.meta.url)(found)
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error)
    const message = `The native engine does not load (${reason}): ${advice(root)}.`
    throw new CuraError('failed', message, {cause: error})
  }
}
