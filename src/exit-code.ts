// The one place that decides what a process ends with.
import {exitCodes} from './errors.js'

type Ending = keyof typeof exitCodes

/** What a run came to. */
export interface Findings {
  /** The error that ended it, so that nothing else counts. */
  readonly error?: Ending
  /** The signal that it was stopped by, after it had done something. */
  readonly stopped?: Ending | null
  /** Part of what the command is there for could not be done. */
  readonly failed?: boolean
  /** The store has no room: only a dry run ends by itself then. */
  readonly noSpace?: boolean
  /** Something is named that needs attention. */
  readonly incomplete?: boolean
}

export function exitCode({error, stopped, failed, noSpace, incomplete}: Findings): number {
  if (error !== undefined) return exitCodes[error]
  if (stopped !== undefined && stopped !== null) return exitCodes[stopped]
  if (failed === true) return exitCodes.failed
  if (noSpace === true) return exitCodes.noSpace
  if (incomplete === true) return exitCodes.incomplete
  return exitCodes.done
}
