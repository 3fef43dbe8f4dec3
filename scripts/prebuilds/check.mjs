// Checks the prebuilt binaries before they are packed: each must be what its name says, and need no
// newer system than promised. With --all, for publishing, none may be missing.
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {isMain, root, run} from '../tools.mjs'
import {fileOf, glibcFloor, targets} from './targets.mjs'

const elf = 0x7f454c46
const machO64 = 0xcffaedfe // little-endian
const headSize = 64

/** The machine number of a binary; undefined if the file is not a binary. */
function machineOf(path) {
  const head = readFileSync(path).subarray(0, headSize)
  if (head.length < headSize) return undefined
  if (head.readUInt32BE(0) === elf) return head.readUInt16LE(18)
  return head.readUInt32BE(0) === machO64 ? head.readUInt32LE(4) : undefined
}

/** The libraries that every such system has. */
const libraries = {
  glibc: /^(lib(c|m|dl|pthread|rt)\.so\.\d|ld-linux-[\w-]+\.so\.\d)$/,
  musl: /^libc\.so$/,
}

const isNewer = ([major, minor], [floorMajor, floorMinor]) =>
  major > floorMajor || (major === floorMajor && minor > floorMinor)

// A linker's mark for binaries that need a newer loader: a version without a number.
const newerLoader = /\bGLIBC_ABI_\w+/

function versionFaults(output) {
  const all = [...output.matchAll(/\bGLIBC_(\d+)\.(\d+)/g)].map(([, ...numbers]) =>
    numbers.join('.'),
  )
  const [loader] = newerLoader.exec(output) ?? []
  return [
    ...[...new Set(all)].filter((version) => isNewer(version.split('.').map(Number), glibcFloor)),
    ...(loader === undefined ? [] : [`with ${loader}`]),
  ].map((version) => `it needs glibc ${version}, and ${glibcFloor.join('.')} is promised`)
}

/**
 * The problems of a binary for Linux. Uses readelf because objdump reads only its own architecture.
 */
async function linuxFaults({name}, path) {
  const libc = name.split('-')[2]
  const {code, output} = await run('readelf', [
    ...['--wide', '--dynamic', '--dyn-syms', '--version-info', path],
  ])
  if (code !== 0) return [`readelf cannot read it: ${output.trim()}`]
  const needed = [...output.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, library]) => library)
  const foreign = needed.filter((library) => !libraries[libc].test(library))
  return [
    ...(needed.length === 0 ? ['it needs no library at all, not even libc'] : []),
    ...foreign.map((library) => `it needs ${library}, which not every such system has`),
    ...versionFaults(output),
    ...(/\bSTATIC_TLS\b/.test(output) ? ['it only loads at the start of a program'] : []),
    ...(/ (?!UND )\S+ napi_register_module_v1$/m.test(output) ? [] : ['it is no addon for Node']),
  ]
}

/** Resolves to the problems of a target's binary in this checkout, as clauses. */
export async function faultsOf(target, checkout = root) {
  const path = join(checkout, fileOf(target))
  if (!existsSync(path)) return ['it is missing']
  const machine = machineOf(path)
  if (machine !== target.machine) {
    return [`its machine is ${machine ?? 'unknown'}, and should be ${target.machine}`]
  }
  return target.name.startsWith('linux-') ? linuxFaults(target, path) : []
}

if (isMain(import.meta.url)) {
  const all = process.argv.includes('--all')
  for (const target of targets.filter((one) => all || existsSync(join(root, fileOf(one))))) {
    for (const fault of await faultsOf(target)) {
      console.error(`${fileOf(target)}: ${fault}.`)
      process.exitCode = 1
    }
  }
}
