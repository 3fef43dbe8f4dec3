// SIGINT, SIGTERM and SIGHUP as one AbortSignal, whose reason is the error to end with.
import {setImmediate as nextTurn} from 'node:timers/promises'
import {CuraError} from './errors.js'
import {exitCode, type Findings} from './exit-code.js'

const codes = {SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'hangup'} as const
type InterruptSignal = keyof typeof codes
const signals = Object.keys(codes) as InterruptSignal[]

interface Interrupt {
  readonly signal: AbortSignal
  /** Restores the usual effect of the signals. */
  stop(): void
}

/**
 * Listens from now on. The first signal aborts. Later signals only call `onRepeat`, because they
 * must not interrupt the cleaning up.
 */
export function onInterrupt(onRepeat: () => void): Interrupt {
  const controller = new AbortController()
  const listener = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      onRepeat()
      return
    }
    const code = codes[name as InterruptSignal]
    controller.abort(new CuraError(code, `stopped by ${name}`))
  }
  for (const name of signals) process.on(name, listener)
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of signals) process.off(name, listener)
    },
  }
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
