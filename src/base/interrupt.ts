// SIGINT, SIGTERM and SIGHUP as one AbortSignal, whose reason is the error to end with.
import {setImmediate as nextTurn} from 'node:timers/promises'
import {CuraError} from './errors.js'
import {exitCode, type Findings} from './exit-code.js'

const codes = {SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'hangup'} as const
type InterruptSignal = keyof typeof codes
const signals = Object.keys(codes) as InterruptSignal[]

/** A key press arrives twice if a parent such as npm passes it on. */
const bounce_ms = 300
/** A disk or a server that does not answer must not keep the user waiting. */
const patience_ms = 1000

interface Interrupt {
  readonly signal: AbortSignal
  /** Aborts when the cleaning up is to be left to the next run. */
  readonly leave: AbortSignal
  /** Restores the usual effect of the signals. */
  stop(): void
}

/**
 * Listens from now on. The first signal aborts, and calls `onStop`. A later Ctrl-C (SIGINT) leaves the
 * cleaning up to the next run, and ends the process if that takes too long. Other later signals change
 * nothing.
 */
export function onInterrupt(onStop: () => void): Interrupt {
  const stopped = new AbortController()
  const left = new AbortController()
  let stopped_ms = 0
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    clearTimeout(timer)
    for (const name of signals) process.off(name, listener)
  }
  const die = (): void => {
    stop()
    process.kill(process.pid, 'SIGINT')
  }
  const repeat = (name: NodeJS.Signals): void => {
    if (name !== 'SIGINT' || performance.now() - stopped_ms < bounce_ms) return
    left.abort()
    timer ??= setTimeout(die, patience_ms)
  }
  const listener = (name: NodeJS.Signals): void => {
    if (stopped.signal.aborted) {
      repeat(name)
      return
    }
    stopped_ms = performance.now()
    stopped.abort(new CuraError(codes[name as InterruptSignal], `stopped by ${name}`))
    onStop()
  }
  for (const name of signals) process.on(name, listener)
  return {signal: stopped.signal, leave: left.signal, stop}
}

/**
 * Adds the exit code to a result. If the run was interrupted, the code and a warning report it,
 * even if all work was done by then. Node delivers a signal of the last calls only in the next
 * turn of the event loop, so this waits for it.
 */
export async function withInterrupt<T extends {exit: number; warnings: readonly string[]}>(
  result: T,
  findings: Findings,
  signal: AbortSignal,
): Promise<T> {
  await nextTurn()
  await nextTurn()
  const reason: unknown = signal.reason
  if (!(reason instanceof CuraError)) return {...result, exit: exitCode(findings)}
  const warning = `${reason.message}; the next run finishes it`
  const exit = exitCode({...findings, stopped: reason.code})
  return {...result, warnings: [...result.warnings, warning], exit}
}
