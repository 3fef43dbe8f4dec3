// The Nodes that the package is tested with: pinned ones from the npm registry, or any other.
import {copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {registryPackage} from '../registry.mjs'
import {findProgram, quietly} from '../tools.mjs'

/** The oldest that package.json allows, and the newest of each later line, with their digests. */
const releases = {
  'linux-x64': [
    [
      '20.19.0',
      'HzVYgEgabV/n3nP2F9mcxS0Nxgg99jynX9CMovakLmSYTuTdQRbbtw0yadY8+qKcqXfiDAtb2hmtR7nDPzclGA==',
    ],
    [
      '22.23.3',
      'qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
    ],
    [
      '24.21.0',
      '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    ],
  ],
  'linux-arm64': [
    [
      '20.19.0',
      'kT7jX7frbsrMrXMsBaFt3Th1SWs5VjxTzd0U8vxcmdCFkaqeu5hFK0+QoYfIo5drmr3DmwJfLtO2gnD/7hNE/Q==',
    ],
    [
      '22.23.3',
      'l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
    ],
    [
      '24.21.0',
      'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    ],
  ],
}

/** How to run programs for another system here. */
const emulators = {
  'linux-arm64': {
    program: '/usr/bin/qemu-aarch64-static',
    // Not qemu's -L option, which would look for every path there first, including the root
    // directory.
    libraries: '/usr/aarch64-linux-gnu/lib',
    loader: 'ld-linux-aarch64.so.1',
  },
}

/** Undefined for this machine's own system. Throws if there is no emulator for another one. */
function emulatorFor(system) {
  if (system === `${process.platform}-${process.arch}`) return undefined
  const emulator = emulators[system]
  const isThere =
    emulator !== undefined &&
    existsSync(emulator.program) &&
    findProgram('patchelf') !== undefined &&
    existsSync(emulator.libraries)
  if (isThere) return emulator
  throw new Error(
    `Programs for ${system} do not run here: on Debian, linux-arm64 needs ` +
      '"apt-get install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross patchelf".',
  )
}

/**
 * Resolves to the pinned Nodes for a system such as 'linux-arm64', each {label, executable,
 * emulator}. Throws if they cannot be run or downloaded.
 */
export async function pinnedNodes(system) {
  const emulator = emulatorFor(system)
  const nodes = []
  for (const [version, sha512] of releases[system] ?? []) {
    const folder = await registryPackage({name: `node-${system}`, version, sha512})
    if (folder === undefined) throw new Error(`There is no Node ${version} for ${system}.`)
    const executable = join(folder, 'bin/node')
    nodes.push({label: `Node ${version} for ${system}`, executable, emulator})
  }
  if (nodes.length === 0) throw new Error(`No Node is pinned for ${system}: give one by --node.`)
  return nodes
}

/** A Node that is already on this machine. */
export function foundNode(executable) {
  if (!existsSync(executable)) throw new Error(`There is no Node at ${executable}.`)
  return {label: executable, executable}
}

/** Makes a folder for PATH that holds only node, npm and sh, for any user. */
export async function pathWith({executable, emulator}, npm, folder) {
  mkdirSync(folder)
  // A copy, because the cache is in one user's home.
  const copy = join(folder, emulator === undefined ? 'node' : '.node')
  copyFileSync(executable, copy)
  if (emulator !== undefined) {
    const {program, libraries, loader} = emulator
    const places = ['--set-interpreter', join(libraries, loader), '--set-rpath', libraries]
    if (!(await quietly('patchelf', [...places, copy]))) throw new Error('patchelf has failed.')
    const script = `#!/bin/sh\nexec ${program} ${copy} "$@"\n`
    writeFileSync(join(folder, 'node'), script, {mode: 0o755})
  }
  symlinkSync(npm, join(folder, 'npm'))
  symlinkSync('/bin/sh', join(folder, 'sh'))
  return folder
}
