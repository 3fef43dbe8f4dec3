// Stand-ins for programs in PATH, and directories with only some programs.
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {findProgram} from '../../src/engine/external/programs.js'

/** Writes a shell script called `name`, in which `$REAL` is the program it stands in for. */
export function writeProgram(directory: string, name: string, script: string): void {
  mkdirSync(directory, {recursive: true})
  const real = findProgram(name, process.env.PATH ?? '') ?? 'none'
  writeFileSync(join(directory, name), `#!/bin/sh\nREAL=${real}\n${script}\n`, {mode: 0o755})
}

/** A directory with only these programs. */
export function onlyPrograms(directory: string, names: readonly string[]): string {
  mkdirSync(directory)
  for (const name of names) {
    symlinkSync(findProgram(name, process.env.PATH ?? '') ?? 'none', join(directory, name))
  }
  return directory
}
