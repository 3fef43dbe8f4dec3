// Runs the built program as a process: with few descriptors, as another user, or under strace.
import {spawn, spawnSync, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'

export const program = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url))
const outputLimit_bytes = 64 * 1024 * 1024

export interface Run {
  /** Null if a signal or the time limit ended it. */
  readonly exit: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  /** The command that runs the program: ['strace', '-f', …]. */
  readonly under?: readonly string[]
  readonly timeout_ms?: number
}

export function runProgram(argv: readonly string[], options: RunOptions = {}): Run {
  const [command = '', ...args] = [...(options.under ?? []), process.execPath, program, ...argv]
  const {PATH, HOME} = process.env
  const {status, signal, stdout, stderr} = spawnSync(command, args, {
    env: {PATH, HOME},
    encoding: 'utf8',
    input: '',
    maxBuffer: outputLimit_bytes,
    killSignal: 'SIGKILL',
    ...(options.timeout_ms !== undefined && {timeout: options.timeout_ms}),
  })
  return {exit: status, signal, out: stdout, err: stderr}
}

/** The command that starts a process with at most `limit` descriptors. */
export const withDescriptors = (limit: number): string[] => [
  'sh',
  '-c',
  `ulimit -n ${limit}; exec "$@"`,
  'sh',
]

export const nobody = 65534

/** The command that starts a process as a user without rights, if we are root. */
export const asNobody: readonly string[] = [
  'setpriv',
  `--reuid=${nobody}`,
  `--regid=${nobody}`,
  '--clear-groups',
]

/** A program that runs in the background. */
export interface Running {
  readonly process: ChildProcess
  /** Settles when the program has ended and its output is complete. */
  readonly ended: Promise<Run>
}

/** Like runProgram, without waiting. The caller must wait for the end. */
export function startProgram(argv: readonly string[], {under = []}: RunOptions = {}): Running {
  const [command = '', ...args] = [...under, process.execPath, program, ...argv]
  const {PATH, HOME} = process.env
  const child = spawn(command, args, {env: {PATH, HOME}, stdio: ['ignore', 'pipe', 'pipe']})
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const ended = once(child, 'close').then(([exit, signal]) => ({
    exit: exit as number | null,
    signal: signal as NodeJS.Signals | null,
    out,
    err,
  }))
  return {process: child, ended}
}

/** Waits for another process to make the condition true. */
export async function until(condition: () => boolean, what = condition.toString()): Promise<void> {
  for (let tries = 0; tries < 1500; tries += 1) {
    if (condition()) return
    await sleep(10)
  }
  throw new Error(`waited in vain: ${what}`)
}
