// npm run smoke: packs the package, installs it without a compiler and tries it, as root and as an
// ordinary user, with each pinned Node.
//
//   npm run smoke                           with Nodes for this machine, from the npm registry
//   npm run smoke -- --system linux-arm64   with Nodes for that system, in an emulator
//   npm run smoke -- --node /usr/bin/node   with this Node
//
// Needs the binary for the system: npm run prebuilds.
import {chmodSync, mkdtempSync, realpathSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {foundNode, pathWith, pinnedNodes} from './nodes.mjs'
import {pack} from './tarball.mjs'
import {tryPackage} from './trial.mjs'

const largest_packages = 40
const nobody = {uid: 65_534, gid: 65_534}
const users =
  process.getuid() === 0
    ? [
        ['root', {}],
        ['an ordinary user', nobody],
      ]
    : [['an ordinary user', {}]]

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`

/** Tries the package with one Node as every user. Prints and resolves to whether all succeeded. */
async function tryNode(node, archive, folder) {
  const path = await pathWith(node, realpathSync(process.env.npm_execpath), `${folder}-path`)
  return users.map(([who, user], i) => {
    const start = performance.now()
    try {
      const packages = tryPackage(archive, {folder: `${folder}-${i}`, path, user})
      const took_s = ((performance.now() - start) / 1000).toFixed(1)
      console.log(`${node.label}, ${who}: works, ${packages} installed package, ${took_s} s`)
      return packages <= largest_packages
    } catch (error) {
      console.error(`${node.label}, ${who}: FAILED\n${error.stack}`)
      return false
    }
  })
}

async function smoke(nodes, folder) {
  const {archive, packed_bytes, unpacked_bytes, faults} = await pack(folder)
  console.log(`the package: ${megabytes(packed_bytes)}, unpacked ${megabytes(unpacked_bytes)}`)
  for (const fault of faults) console.error(`in the package ${fault}.`)
  let worked = faults.length === 0
  for (const [i, node] of nodes.entries()) {
    const each = await tryNode(node, archive, join(folder, String(i)))
    worked &&= each.every(Boolean)
  }
  return worked
}

/**
 * Resolves to whether all succeeded. Throws if the command line is wrong or a Node is not
 * available.
 */
async function main({node, system}) {
  const nodes =
    node === undefined
      ? await pinnedNodes(system ?? `${process.platform}-${process.arch}`)
      : [foundNode(node)]
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'cura-smoke-'))
  try {
    chmodSync(folder, 0o755)
    return await smoke(nodes, folder)
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

process.umask(0o022) // the ordinary user must be able to read what root makes here
try {
  const {values} = parseArgs({options: {node: {type: 'string'}, system: {type: 'string'}}})
  if (!(await main(values))) process.exitCode = 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
