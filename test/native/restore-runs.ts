// Runs the built program's backup and restore, and reads what they report.
import {expect} from 'chai'
import {runProgram, program} from './programs.js'
import {sh} from './workshop.js'

/** What `restore --json` says. */
export interface Restoration {
  readonly restored: number
  readonly updated: number
  readonly unchanged: number
  readonly deleted: number
  readonly failed: number
  readonly verified: number
  readonly unverified: number
  readonly damaged: number
  readonly donated: number
  readonly guard: string | null
  readonly undo: string | null
  readonly rebuilt: string | null
  readonly errors: {
    readonly list: ReadonlyArray<{readonly path: string; readonly code: string}>
  }
  readonly notes: ReadonlyArray<{readonly kind: string}>
  readonly exit: number
}

/** Backs up without pruning, which must succeed. */
export function backUp(store: string, sources: readonly string[], under: readonly string[] = []) {
  const {exit, err} = runProgram(['-b', store, '-q', '--no-prune', ...sources], {under})
  expect(exit, err).to.equal(0)
}

/** Restores, which must end with `exit`. */
export function restore(
  store: string,
  argv: readonly string[],
  {under = [], exit: wanted = 0}: {under?: readonly string[]; exit?: number} = {},
): Restoration {
  const {exit, out, err} = runProgram(['restore', '-b', store, '--json', ...argv], {under})
  expect(exit, `${out}${err}`).to.equal(wanted)
  return JSON.parse(out) as Restoration
}

/** Runs the command that a restore has printed. */
export function undo({undo: command}: Restoration, under: readonly string[] = []): void {
  expect(command).to.match(/^cura-te-ipsum restore /)
  const [shell = '', ...args] = [...under, 'sh', '-c']
  const line = String(command).replace('cura-te-ipsum', '"$0" "$1"')
  sh(shell, ...args, line, process.execPath, program)
}

export const kindsOf = ({notes}: Restoration): string[] => notes.map(({kind}) => kind)
