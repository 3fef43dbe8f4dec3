// Finds and loads the compiled addon: a checkout's own build first, then the prebuilt binary.
import {existsSync} from 'node:fs'
import {createRequire} from 'node:module'
import {familySync, GLIBC} from 'detect-libc'
import {CuraError} from '../base/errors.js'
import {packageRoot} from '../base/package.js'

/** The system in the name of a prebuilt binary, such as 'linux-x64-glibc'. */
export function target(): string {
  const system = `${process.platform}-${process.arch}`
  if (process.platform !== 'linux') return system
  // Nearly all systems with an undetected C library have glibc.
  return `${system}-${familySync() ?? GLIBC}`
}

/** How to get a missing binary. A checkout has the sources, but the installed package does not. */
function advice(root: string): string {
  return existsSync(`${root}binding.gyp`)
    ? `run "npm run build" in ${root}`
    : 'in a checkout of the sources run "npm ci && npm install --global ."'
}

/** Loads the addon of the package in `root`. Throws a CuraError 'failed'. */
export function loadAddon(root = packageRoot): unknown {
  const built = `${root}build/Release/cura.node`
  const found = existsSync(built) ? built : `${root}prebuilds/${target()}.node`
  if (!existsSync(found)) {
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
