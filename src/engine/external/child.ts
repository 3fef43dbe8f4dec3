// Runs another program to its end: bytes in pieces, its exit status, and an abort that it hears.
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {setTimeout as sleep} from 'node:timers/promises'
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

/** Asks it to end, and makes it after a while; what this comes back with takes that back. */
function stop(child: ChildProcess): () => void {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), patience_ms)
  return () => {
    clearTimeout(timer)
  }
}

/**
 * Comes back when it has ended, and those that it has started, too: as long as one of them writes,
 * the work directory cannot be removed. One that stays for good, as an ssh that others share, is not
 * waited for.
 */
async function ended(child: ChildProcess): Promise<Ending> {
  const closed = once(child, 'close')
  // A program that cannot be started rejects this promise, too, before anything waits for it.
  closed.catch(() => undefined)
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  const late = new AbortController()
  await Promise.race([closed, sleep(patience_ms, undefined, {signal: late.signal})])
  late.abort()
  child.stdout?.destroy()
  child.stderr?.destroy()
  return {code, signal}
}

/** Without a shell; its messages are in English, and names are bytes to it. Throws what `signal` says. */
export async function runChild(options: Child, signal: AbortSignal): Promise<Ending> {
  const {program, args, directory, input, onOutput, onErrors} = options
  signal.throwIfAborted()
  const child = spawn(program, args, {
    cwd: directory,
    env: {...process.env, LC_ALL: 'C', RSYNC_ICONV: undefined},
    stdio: [input === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  // Whoever ends without having read it all says why by other means.
  child.stdin?.on('error', () => undefined).end(input)
  child.stdout?.on('data', onOutput)
  child.stderr?.on('data', onErrors)
  let forget: (() => void) | undefined
  const abort = (): void => {
    forget = stop(child)
  }
  signal.addEventListener('abort', abort, {once: true})
  try {
    const ending = await ended(child)
    signal.throwIfAborted()
    return ending
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const why = error instanceof Error ? error.message : String(error)
    throw new CuraError('failed', `${printable(program)} cannot be started: ${why}`, {cause: error})
  } finally {
    forget?.()
    signal.removeEventListener('abort', abort)
  }
}
