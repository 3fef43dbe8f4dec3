// What a backup comes to: the plain result, how its stages add up, and the marker made of it.
import {hostname} from 'node:os'
import {resolve} from 'node:path'
import {exitCode, type Findings} from './exit-code.js'
import {failuresJson, formatMarker, notesJson, type ChangeCounts} from './marker.js'
import type {Applied, Comparison, Failures, Note, Source, Totals} from './native.js'
import type {Removal} from './prune.js'
import {version} from './package.js'

export interface BackupResult {
  readonly dryRun: boolean
  /** Its name; null when none was made. */
  readonly snapshot: string | null
  readonly previous: string | null
  /** False: the sources are as the previous snapshot has them. */
  readonly differs: boolean
  readonly start: Date
  /** When the snapshot was there, or known not to be needed; pruning comes after that. */
  readonly end: Date
  readonly totals: Totals
  readonly changes: ChangeCounts
  /** How much was left out as the user wanted: each one counts once, whatever is below it. */
  readonly omitted: number
  /** Bytes of the files that were, or in a dry run would be, stored anew. */
  readonly addedBytes: number
  /** Why the store has no room for it; only a dry run gets as far as saying so. */
  readonly shortage: string | null
  /** Why the previous manifest could not be used, else null. */
  readonly rebuilt: string | null
  readonly failures: Failures
  readonly notes: readonly Note[]
  /** Snapshots dated after now, which were left alone. */
  readonly future: readonly string[]
  /** Sentences on what else went wrong and did not matter for the snapshot. */
  readonly warnings: readonly string[]
  /** Null where nothing was to be pruned, or the run ended before. */
  readonly pruned: Removal | null
  readonly exit: number
}

/** Whoever looks at nothing but the exit code must learn of all that needs attention. */
export const findingsOf = ({failures, warnings, pruned, shortage}: BackupResult): Findings => ({
  noSpace: shortage !== null,
  incomplete: failures.errors > 0 || warnings.length > 0 || (pruned?.problems ?? []).length > 0,
})

/** The result as it stands after the comparison, when nothing has been made yet. */
export function comparedResult(
  comparison: Comparison,
  rest: Pick<BackupResult, 'dryRun' | 'previous' | 'start' | 'end' | 'future' | 'warnings'>,
): BackupResult {
  const {totals, changes, omitted, need, failures, notes, rebuilt, differs} = comparison
  return {
    ...rest,
    snapshot: null,
    differs,
    totals,
    changes,
    omitted,
    addedBytes: need.bytes,
    shortage: null,
    rebuilt,
    failures,
    notes,
    pruned: null,
    exit: exitCode({}), // until the run ends
  }
}

/** The result once the tree has been made; the engine's failures and notes are of both stages. */
export function appliedResult(
  compared: BackupResult,
  {totals, bytes, failures, notes}: Applied,
  made: Pick<BackupResult, 'snapshot' | 'end'>,
): BackupResult {
  return {...compared, ...made, totals, addedBytes: bytes, failures, notes}
}

export function markerFor(
  result: BackupResult,
  sources: readonly Source[],
  tags: readonly string[],
): Buffer {
  const {bytes, ...counts} = result.totals
  return formatMarker({
    format: 1,
    start: result.start.toISOString(),
    end: result.end.toISOString(),
    host: hostname(),
    previous: result.previous,
    sources: sources.map(({name, path, remote}) => ({
      name,
      path: remote === true ? path : resolve(path),
    })),
    counts: {...counts, changes: result.changes, excluded: result.omitted},
    bytes: {total: bytes, added: result.addedBytes},
    tags,
    errors: failuresJson(result.failures),
    notes: notesJson(result.notes),
    version: version(),
  })
}
