// The Nodes that the package is tried with: pinned ones from the npm registry, or any other.
import {copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {registryPackage} from '../registry.mjs'
import {findProgram} from '../tools.mjs'

/** The oldest that package.json admits, and the newest of each later line; with their digests. */
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

/** What runs programs for 64-bit ARM on other machines, and the system's libraries for them. */
const emulator = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu']

/** What starts programs of that system here: nothing, an emulator, or undefined where there is none. */
function startersFor(system) {
  if (system === `${process.platform}-${process.arch}`) return []
  if (system !== 'linux-arm64' || process.platform !== 'linux') return undefined
  return findProgram(emulator[0]) === undefined || !existsSync(emulator[2]) ? undefined : emulator
}

/**
 * Resolves to the pinned Nodes for a system such as 'linux-arm64', each {label, executable, starters};
 * throws where they cannot be run or loaded.
 */
export async function pinnedNodes(system) {
  const starters = startersFor(system)
  if (starters === undefined) {
    throw new Error(
      `Programs for ${system} do not run here: on Debian run ` +
        '"apt-get install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross".',
    )
  }
  const nodes = []
  for (const [version, sha512] of releases[system]) {
    const folder = await registryPackage({name: `node-${system}`, version, sha512})
    if (folder === undefined) throw new Error(`There is no Node ${version} for ${system}.`)
    const executable = join(folder, 'bin/node')
    nodes.push({label: `Node ${version} for ${system}`, executable, starters})
  }
  return nodes
}

/** One that lies somewhere on this machine. */
export const foundNode = (executable) => ({label: executable, executable, starters: []})

/** Makes a folder for PATH that holds node, npm and sh alone, for any user. */
export function pathWith({executable, starters}, npm, folder) {
  mkdirSync(folder)
  // A copy, because the cache lies in the home of one user.
  const copy = join(folder, '.node')
  copyFileSync(executable, copy)
  if (starters.length === 0) {
    symlinkSync('.node', join(folder, 'node'))
  } else {
    const [starter, ...flags] = starters
    const words = [`/usr/bin/${starter}`, ...flags, copy].join(' ')
    writeFileSync(join(folder, 'node'), `#!/bin/sh\nexec ${words} "$@"\n`, {mode: 0o755})
  }
  symlinkSync(npm, join(folder, 'npm'))
  symlinkSync('/bin/sh', join(folder, 'sh'))
  return folder
}
