// SIGINT, SIGTERM and SIGHUP as one AbortSignal, whose reason is the error to end with.
import {setImmediate as nextTurn} from 'node:timers/promises'
import {CuraError} from './errors.js'
import {exitCode, type Findings} from './exit-code.js'

const codes = {SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'hangup'} as const
type InterruptSignal = keyof typeof codes
const signals = Object.keys(codes) as InterruptSignal[]

interface Interrupt {
  readonly signal: AbortSignal
  /** Gives the signals back their usual effect. */
  stop(): void
}

/**
 * Listens from now on. The first signal aborts; later ones only call `onRepeat`, for cleaning up
 * takes its time and must not be broken off.
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
 * The result with the exit code that its findings come to. Where the run was interrupted after it had
 * done something, the code and one of its warnings say so, even where all was done by then. A signal that came during the last calls is
 * heard of only in the next turn of the event loop, which begins after the end of this one.
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
