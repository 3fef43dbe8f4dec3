// Decides the exit code. No other file does.
import {exitCodes} from './errors.js'

type Ending = keyof typeof exitCodes

/** What happened in a run. */
export interface Findings {
  /** The error that ended the run; it takes precedence. */
  readonly error?: Ending
  /** The signal that stopped the run after it had done something. */
  readonly stopped?: Ending | null
  /** Part of the command's job could not be done. */
  readonly failed?: boolean
  /** A dry run found that the store has no room. */
  readonly noSpace?: boolean
  /** Nothing was found. */
  readonly nothing?: boolean
  /** Damage was found, and not all of it was healed. */
  readonly damaged?: boolean
  /** The report names something that needs attention. */
  readonly incomplete?: boolean
  /** There are differences, and the user asked for an exit code of their own. */
  readonly differs?: boolean
}

export function exitCode(findings: Findings): number {
  const {error, stopped, failed, noSpace, damaged, nothing, incomplete, differs} = findings
  if (error !== undefined) return exitCodes[error]
  if (stopped !== undefined && stopped !== null) return exitCodes[stopped]
  if (failed === true) return exitCodes.failed
  if (noSpace === true) return exitCodes.noSpace
  if (damaged === true) return exitCodes.damaged
  if (nothing === true) return exitCodes.notFound
  if (incomplete === true) return exitCodes.incomplete
  if (differs === true) return exitCodes.notFound
  return exitCodes.done
}
