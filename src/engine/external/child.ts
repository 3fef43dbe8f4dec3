// Runs another program to its end: bytes in pieces, its exit status, and an abort that it hears.
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'

const patience_ms = 5000

interface Child {
  readonly program: string
  readonly args: readonly string[]
  /** Where it runs. */
  readonly directory: string
  /** What it reads; null: nothing. */
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
 * Without a shell; its messages are in English, and names are bytes to it. On an abort it gets a
 * SIGTERM, and later a SIGKILL. Comes back when the program and the programs that it started have
 * ended, because while one of them writes, the work directory cannot be removed. One that stays for
 * good, such as an ssh connection that others share, is not waited for. Throws the signal's reason.
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
