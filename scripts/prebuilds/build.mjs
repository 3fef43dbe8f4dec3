// Builds the binaries that the package ships: those for Linux on Linux, and the one for a Mac on
// such a Mac.
//
//   npm run prebuilds                        all that this machine can build
//   npm run prebuilds -- linux-arm64-musl    only this one
import {copyFileSync, mkdirSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {allInParallel, commonSources, quietly, root} from '../tools.mjs'
import {whyNoZig, zigCompiler} from '../zig.mjs'
import {faultsOf} from './check.mjs'
import {fileOf, targets} from './targets.mjs'

const own = `${process.platform}-${process.arch}`

const flags = ['-D_GNU_SOURCE', '-O2', '-fPIC', '-ffunction-sections', '-fdata-sections']

async function buildByZig(target) {
  const zig = await zigCompiler('out/prebuilds')
  if (zig === undefined) return false
  const objects = []
  const compiled = await allInParallel(
    [
      ...commonSources(),
      'native/platform/linux.cc',
      'native/platform/linux_metadata.cc',
      'native/platform/linux_filesystems.cc',
    ],
    async (source) => {
      const object = await zig.compile(target.zig, source, flags)
      if (object !== undefined) objects.push(object)
      return object !== undefined
    },
  )
  return compiled && zig.link(target.zig, objects.sort(), fileOf(target))
}

async function buildHere(target) {
  if (!(await quietly(process.execPath, ['scripts/build-native.mjs']))) return false
  copyFileSync(join(root, 'build/Release/cura.node'), join(root, fileOf(target)))
  return true
}

/** The build function of a target on this machine, or undefined. */
function builderOf({name, zig}) {
  if (zig !== undefined) return whyNoZig === undefined ? buildByZig : undefined
  return name === own ? buildHere : undefined
}

async function build(target) {
  const builder = builderOf(target)
  if (builder === undefined) {
    console.error(`${target.name} cannot be built on ${own}.`)
    return false
  }
  const start = performance.now()
  if (!(await builder(target))) return false
  const faults = await faultsOf(target)
  for (const fault of faults) console.error(`${target.name}: ${fault}`)
  const took_s = ((performance.now() - start) / 1000).toFixed(0)
  console.log(`${fileOf(target)} took ${took_s} s`)
  return faults.length === 0
}

function wanted(names) {
  const unknown = names.find((name) => !targets.some((target) => target.name === name))
  if (unknown !== undefined) {
    const known = targets.map(({name}) => name).join(', ')
    console.error(`There is no ${unknown} among the prebuilt binaries: ${known}.`)
    return undefined
  }
  const isWanted = (target) =>
    names.length === 0 ? builderOf(target) !== undefined : names.includes(target.name)
  return targets.filter(isWanted)
}

const chosen = wanted(process.argv.slice(2))
if (chosen === undefined) {
  process.exitCode = 2
} else {
  mkdirSync(join(root, dirname(fileOf(targets[0]))), {recursive: true})
  for (const target of chosen) {
    if (!(await build(target))) process.exitCode = 1
  }
}
