// Compiles the sources for macOS, both architectures, on Linux. Nothing is linked or run.
import {allInParallel, commonSources, leaveOut} from './tools.mjs'
import {whyNoZig, zigCompiler} from './zig.mjs'

const targets = ['aarch64-macos', 'x86_64-macos']

async function check() {
  const zig = await zigCompiler('out/darwin')
  if (zig === undefined) return false
  const own = ['darwin', 'darwin_metadata'].map((name) => `native/platform/${name}.cc`)
  // CI compiles the other sources with the same compiler for Linux, to build the prebuilt binary.
  const sources = process.env.CI === undefined ? [...commonSources(), ...own] : own
  const jobs = targets.flatMap((target) => sources.map((source) => ({target, source})))
  return allInParallel(
    jobs,
    async ({target, source}) => (await zig.compile(target, source, ['-O0'])) !== undefined,
  )
}

if (whyNoZig !== undefined) {
  leaveOut(`The check for macOS was left out: ${whyNoZig}.`)
} else if (!(await check())) {
  process.exitCode = 1
}
