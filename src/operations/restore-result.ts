// How the stages of a restore add up, and its exit code.
import type {RestoreResult} from './restore-options.js'
import {exitCode, type Findings} from '../base/exit-code.js'
import type {Restored, RestorePlan} from '../native/native.js'

type Given =
  | ('deletedPaths' | 'dryRun' | 'end' | 'keptPaths' | 'refusal')
  | ('snapshot' | 'start' | 'target' | 'warnings')

/** The result after the comparison. */
export function plannedResult(plan: RestorePlan, rest: Pick<RestoreResult, Given>): RestoreResult {
  const {restored, updated, unchanged, deleted, kept, bytes, rebuilt, failures, notes} = plan
  return {
    ...rest,
    ...{restored, updated, unchanged, deleted, kept, bytes},
    verified: 0,
    unverified: 0,
    damaged: 0,
    donated: 0,
    guard: null,
    undo: null,
    emptyPlaces: [],
    rebuilt,
    failures,
    notes,
    notices: [],
    exit: exitCode({}), // until the run ends
  }
}

/** The result after the files were written. */
export function appliedResult(
  planned: RestoreResult,
  done: Restored,
  rest: Pick<RestoreResult, 'emptyPlaces' | 'end' | 'guard' | 'undo'>,
): RestoreResult {
  return {...planned, ...done, ...rest}
}

export function findingsOf({refusal, damaged, failures, keptPaths}: RestoreResult): Findings {
  if (refusal !== null) return {error: 'refused'}
  if (damaged > 0) return {error: 'damaged'}
  return {incomplete: failures.errors > 0 || keptPaths.length > 0}
}
