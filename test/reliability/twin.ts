// The program with the addon's twin, in which system calls can be made to fail.
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {spawnSync} from 'node:child_process'
import type {FaultPage} from './page.js'
import type {Run} from '../native/programs.js'

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

type Operations = Pick<typeof import('../../src/backup.js'), 'backup'> &
  Pick<typeof import('../../src/prune.js'), 'prune'> &
  Pick<typeof import('../../src/interrupt.js'), 'onInterrupt'>

/** The operations in this process, whose calls the page rules from now on. */
export async function loadTwin(page: FaultPage): Promise<Operations> {
  Object.assign(process.env, page.environment)
  const load = async <T>(file: string): Promise<T> => (await import(join(twin, 'src', file))) as T
  const {backup} = await load<typeof import('../../src/backup.js')>('backup.ts')
  const {prune} = await load<typeof import('../../src/prune.js')>('prune.ts')
  const {onInterrupt} = await load<typeof import('../../src/interrupt.js')>('interrupt.ts')
  return {backup, prune, onInterrupt}
}
