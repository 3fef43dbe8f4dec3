// Finds the compiled addon and loads it: a checkout's own build first, then the prebuilt binary.
import {closeSync, existsSync, openSync, readSync} from 'node:fs'
import {createRequire} from 'node:module'
import {CuraError} from '../base/errors.js'
import {packageRoot} from '../base/package.js'

const elf64 = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]) // little-endian, as all that Node is for
const loaderSegment = 3 // PT_INTERP

function bytesAt(file: number, position: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  return bytes.subarray(0, readSync(file, bytes, 0, size, position))
}

/** The dynamic loader that an ELF executable names: elf(5). Empty where it is or names none. */
function loaderOf(file: number): string {
  const head = bytesAt(file, 0, 64)
  if (!head.subarray(0, elf64.length).equals(elf64)) return ''
  const size = head.readUInt16LE(54)
  const segments = bytesAt(file, Number(head.readBigUInt64LE(32)), size * head.readUInt16LE(56))
  for (let at = 0; at < segments.length; at += size) {
    if (segments.readUInt32LE(at) !== loaderSegment) continue
    const [position, length] = [at + 8, at + 32].map((i) => Number(segments.readBigUInt64LE(i)))
    return bytesAt(file, position ?? 0, length ?? 0).toString('latin1')
  }
  return ''
}

/** Whether this Node was built for musl, the C library of Alpine: then its loader is that of musl. */
function isForMusl(executable: string): boolean {
  try {
    const file = openSync(executable, 'r')
    try {
      return loaderOf(file).includes('/ld-musl-')
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
