// Programs that stand for others in PATH, and places with only some of them.
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {findProgram} from '../../src/engine/external/programs.js'

/** Writes a shell script called `name`; in it `$REAL` is the program that it stands for. */
export function writeProgram(directory: string, name: string, script: string): void {
  mkdirSync(directory, {recursive: true})
  const real = findProgram(name, process.env.PATH ?? '') ?? 'none'
  writeFileSync(join(directory, name), `#!/bin/sh\nREAL=${real}\n${script}\n`, {mode: 0o755})
}

/** A directory with these programs alone. */
export function onlyPrograms(directory: string, names: readonly string[]): string {
  mkdirSync(directory)
  for (const name of names) {
    symlinkSync(findProgram(name, process.env.PATH ?? '') ?? 'none', join(directory, name))
  }
  return directory
}
