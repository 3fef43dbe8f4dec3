// Compiles the addon with all warnings as errors, then checks it with clang-tidy.
import {
  findProgram,
  allInParallel,
  commonSources,
  compileWithCMake,
  leaveOut,
  quietly,
} from './tools.mjs'

const folder = 'out/check'

// clang-tidy takes most of the time, so CI skips it; run it by hand.
const leavesTidy = process.env.CI !== undefined

async function tidy() {
  const clangTidy = findProgram('clang-tidy-14', 'clang-tidy')
  if (clangTidy === undefined) {
    leaveOut(
      'clang-tidy was left out: install it ' +
        '(Debian: "apt-get install clang-tidy-14", macOS: "brew install llvm").',
    )
    return true
  }
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux'
  const own = [platform, `${platform}_metadata`].map((name) => `native/platform/${name}.cc`)
  const sources = [...commonSources(), ...own]
  return allInParallel(sources, (source) => quietly(clangTidy, ['--quiet', '-p', folder, source]))
}

if (!((await compileWithCMake(folder, 'CURA_FAULTS=OFF')) && (leavesTidy || (await tidy()))))
  process.exitCode = 1
