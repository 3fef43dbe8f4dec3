// Runs another program to its end: passes on its output in chunks, and stops it on an abort.
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'

const patience_ms = 5000

interface Child {
  readonly program: string
  readonly args: readonly string[]
  /** Its working directory. */
  readonly directory: string
  /** Its standard input; null: none. */
  readonly input: Buffer | null
  readonly onOutput: (chunk: Buffer) => void
  readonly onErrors: (chunk: Buffer) => void
}

/** How a program ended; one of the two is null. */
interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * Runs it without a shell, with English messages and unconverted names. An abort sends SIGTERM, and
 * later SIGKILL. Returns when the program and its own child processes have exited, because the work
 * directory cannot be removed while one of them writes. A child process that keeps running, such as a
 * shared ssh connection, is not waited for. Throws the signal's reason.
 */
export async function runChild(options: Child, signal: AbortSignal): Promise<Ending> {
  const {program, args, directory, input, onOutput, onErrors} = options
  signal.throwIfAborted()
  const {execa} = await import('execa')
  const child = execa(program, args, {
    cwd: directory,
    env: {LC_ALL: 'C', RSYNC_ICONV: undefined},
    ...(input === null ? {stdin: 'ignore'} : {input}),
    buffer: false,
    encoding: 'buffer',
    reject: false,
    cleanup: false,
    cancelSignal: signal,
    forceKillAfterDelay: patience_ms,
  })
  child.stdout.on('data', onOutput)
  child.stderr.on('data', onErrors)
  let timer: NodeJS.Timeout | undefined
  child.once('exit', () => {
    timer = setTimeout(() => {
      child.stdout.destroy()
      child.stderr.destroy()
    }, patience_ms)
  })
  const {exitCode, signal: endedBy, originalMessage} = await child
  clearTimeout(timer)
  signal.throwIfAborted()
  if (exitCode === undefined && endedBy === undefined) {
    const why = originalMessage ?? 'unknown error'
    throw new CuraError('failed', `${printable(program)} cannot be started: ${why}`)
  }
  return {code: exitCode ?? null, signal: endedBy ?? null}
}
