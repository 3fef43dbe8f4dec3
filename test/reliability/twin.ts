// The program with the addon's fault-injecting twin.
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {spawnSync} from 'node:child_process'
import type * as BackupModule from '../../src/operations/backup.js'
import type * as InterruptModule from '../../src/base/interrupt.js'
import type * as PruneModule from '../../src/operations/prune.js'
import type * as RestoreModule from '../../src/operations/restore.js'
import type {Run} from '../native/programs.js'
import type {FaultPage} from './page.js'

const twin = fileURLToPath(new URL('../../out/faults/', import.meta.url))
const program = join(twin, 'dist/cli.cjs')
if (!existsSync(program)) throw new Error('There is no twin: run "node scripts/twin.mjs faults".')

/** A run that hangs is ended after this time, and has no exit code. */
const limit_ms = 30_000

/** Runs the program as a process, with the faults of the page. */
export function runTwin(
  page: FaultPage,
  argv: readonly string[],
  nodeFlags: readonly string[] = [],
): Run {
  const {PATH, HOME} = process.env
  const command = [...nodeFlags, program, ...argv]
  const {status, signal, stdout, stderr} = spawnSync(process.execPath, command, {
    env: {PATH, HOME, TZ: 'UTC', ...page.environment},
    encoding: 'utf8',
    input: '',
    killSignal: 'SIGKILL',
    timeout: limit_ms,
  })
  return {exit: status, signal, out: stdout, err: stderr}
}

/** The result of an operation that threw. `bug`: the full error, if it is not one for users. */
export function endOfError(error: unknown): {exit: number; text: string; bug: string | null} {
  const {oclif, message, stack} = error as Error & {oclif?: {exit: number}}
  const bug = oclif === undefined ? (stack ?? message) : null
  return {exit: oclif?.exit ?? 1, text: bug ?? message, bug}
}

/** The operations of the twin. */
export type Twin = Pick<typeof BackupModule, 'backup'> &
  Pick<typeof PruneModule, 'prune'> &
  Pick<typeof RestoreModule, 'restore'> &
  Pick<typeof InterruptModule, 'onInterrupt'>

/** Loads the operations into this process, with the faults of the page. */
export async function loadTwin(page: FaultPage): Promise<Twin> {
  Object.assign(process.env, page.environment)
  const {backup} = (await import(join(twin, 'src/operations/backup.ts'))) as typeof BackupModule
  const {prune} = (await import(join(twin, 'src/operations/prune.ts'))) as typeof PruneModule
  const {restore} = (await import(join(twin, 'src/operations/restore.ts'))) as typeof RestoreModule
  const {onInterrupt} = (await import(
    join(twin, 'src/base/interrupt.ts')
  )) as typeof InterruptModule
  return {backup, prune, restore, onInterrupt}
}
