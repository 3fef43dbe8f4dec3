// Checks the layout of the C++ sources (--check) or fixes it (--write), by clang-format.
import {cppFiles, findProgram, leaveOut, quietly} from './tools.mjs'

// Version 14 of Debian 12 comes first, because others lay some lines out differently.
const clangFormat = findProgram('clang-format-14', 'clang-format')
const mode = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '-Werror']

if (clangFormat === undefined) {
  leaveOut(
    'The layout of the C++ sources was not checked: install clang-format ' +
      '(Debian: "apt-get install clang-format-14", macOS: "brew install clang-format").',
  )
} else if (!(await quietly(clangFormat, [...mode, ...cppFiles()]))) {
  console.error('Run "npm run format" to fix the layout.')
  process.exitCode = 1
}
