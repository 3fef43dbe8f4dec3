// The program with the addon's twin, in which system calls can be made to fail.
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {spawnSync} from 'node:child_process'
import type * as BackupModule from '../../src/operations/backup.js'
import type * as InterruptModule from '../../src/base/interrupt.js'
import type * as PruneModule from '../../src/operations/prune.js'
import type {Run} from '../native/programs.js'
import type {FaultPage} from './page.js'

const twin = fileURLToPath(new URL('../../out/faults/', import.meta.url))
const program = join(twin, 'dist/cli.cjs')
if (!existsSync(program)) throw new Error('There is no twin: run "node scripts/twin.mjs faults".')

/** A run that hangs is ended after this, and has no exit code. */
const limit_ms = 30_000

/** Runs it as a process, whose calls the page rules. */
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

/** What an operation that threw comes to. `bug`: where it is no error for users, all that is known. */
export function endOfError(error: unknown): {exit: number; text: string; bug: string | null} {
  const {oclif, message, stack} = error as Error & {oclif?: {exit: number}}
  const bug = oclif === undefined ? (stack ?? message) : null
  return {exit: oclif?.exit ?? 1, text: bug ?? message, bug}
}

type Operations = Pick<typeof BackupModule, 'backup'> &
  Pick<typeof PruneModule, 'prune'> &
  Pick<typeof InterruptModule, 'onInterrupt'>

/** The operations in this process, whose calls the page rules from now on. */
export async function loadTwin(page: FaultPage): Promise<Operations> {
  Object.assign(process.env, page.environment)
  const {backup} = (await import(join(twin, 'src/operations/backup.ts'))) as typeof BackupModule
  const {prune} = (await import(join(twin, 'src/operations/prune.ts'))) as typeof PruneModule
  const {onInterrupt} = (await import(
    join(twin, 'src/base/interrupt.ts')
  )) as typeof InterruptModule
  return {backup, prune, onInterrupt}
}
