// Makes a twin of the checkout in out/NAME, with another build of the addon: 'faults' with failing
// system calls, one with a sanitizer, or 'coverage' with counted lines. The shipped addon is never
// built like this.
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

/** Every file in the checkout that is in git or not ignored. */
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
    // A file that is deleted but still in git does not exist here.
    cpSync(join(root, file), join(folder, file), {force: true, errorOnExist: false})
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
}

/** Resolves to the twin's folder, or to undefined if the build failed. */
export async function makeTwin(name) {
  // check:native has compiled the same sources, and only the link differs.
  const build = name === 'faults' ? 'out/check' : join('out', `${name}-build`)
  if (!(await compileWithCMake(build, builds[name]))) return undefined
  const folder = join(root, 'out', name)
  copyInto(folder)
  mkdirSync(join(folder, 'build/Release'), {recursive: true})
  copyFileSync(join(root, build, 'Release/cura.node'), join(folder, 'build/Release/cura.node'))
  // Uses the twin's own script, because the checkout's build may be in use and must stay as it is.
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
