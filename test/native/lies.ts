// Runs the program with system calls that return wrong results, as some filesystems do:
// fixtures/lies.c.
import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {runProgram, type Run} from './programs.js'
import {sh} from './workshop.js'

const source = fileURLToPath(new URL('fixtures/lies.c', import.meta.url))

/** Whether this system can inject wrong results. */
export const canLie =
  process.platform === 'linux' && ['/usr/bin/cc', '/usr/bin/gcc'].some((file) => existsSync(file))

/** Compiles the library once, into this file. */
function library(file: string): string {
  if (!existsSync(file)) sh('cc', '-shared', '-fPIC', '-O1', '-o', file, source, '-ldl')
  return file
}

/** `lies` are the variables that the library reads. */
export function runLying(
  file: string,
  lies: Readonly<Record<string, string>>,
  argv: readonly string[],
): Run {
  const variables = Object.entries(lies).map(([name, value]) => `${name}=${value}`)
  return runProgram(argv, {under: ['env', `LD_PRELOAD=${library(file)}`, ...variables]})
}
