// Makes a twin of the checkout in out/NAME, with another build of the addon: 'faults', in which system
// calls can be made to fail, one with a sanitizer, or 'coverage', in which lines are counted. What ships
// is never built like this.
import {spawnSync} from 'node:child_process'
import {copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {compileWithCMake, isMain, quietly, root} from './tools.mjs'

const builds = {
  faults: 'CURA_FAULTS=ON',
  address: 'CURA_SANITIZE=address',
  undefined: 'CURA_SANITIZE=undefined',
  thread: 'CURA_SANITIZE=thread',
  coverage: 'CURA_COVERAGE=ON',
}

/** Everything that is in git, or will be, as it lies here. */
function ownFiles() {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const {status, stdout, stderr} = spawnSync('git', args, {cwd: root, encoding: 'utf8'})
  if (status !== 0) throw new Error(`git does not list the files of the checkout: ${stderr}`)
  return stdout.split('\0').filter(Boolean)
}

function copyInto(folder) {
  rmSync(folder, {recursive: true, force: true})
  for (const file of ownFiles()) {
    mkdirSync(dirname(join(folder, file)), {recursive: true})
    // What is deleted here and not yet in git is not missed.
    cpSync(join(root, file), join(folder, file), {force: true, errorOnExist: false})
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
}

/** Resolves to the twin's folder, or to undefined when it could not be built. */
export async function makeTwin(name) {
  // check:native has compiled the same, and only the link differs.
  const build = name === 'faults' ? 'out/check' : join('out', `${name}-build`)
  if (!(await compileWithCMake(build, builds[name]))) return undefined
  const folder = join(root, 'out', name)
  copyInto(folder)
  mkdirSync(join(folder, 'build/Release'), {recursive: true})
  copyFileSync(join(root, build, 'Release/cura.node'), join(folder, 'build/Release/cura.node'))
  // By the twin's own script: what the checkout has built stays as it is, for it may be in use.
  const bundler = [join(folder, 'scripts/build-ts.mjs'), ...(name === 'coverage' ? ['--map'] : [])]
  const isBundled = await quietly(process.execPath, bundler)
  return isBundled ? folder : undefined
}

if (isMain(import.meta.url)) {
  const [name = ''] = process.argv.slice(2)
  if (!Object.hasOwn(builds, name)) {
    console.error(`Usage: node scripts/twin.mjs ${Object.keys(builds).join('|')}`)
    process.exitCode = 2
  } else if ((await makeTwin(name)) === undefined) {
    process.exitCode = 1
  }
}
