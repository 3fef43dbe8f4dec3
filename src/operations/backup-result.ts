// What a backup comes to: the plain result, how its stages add up, and the marker made of it.
import {exitCode, type Findings} from '../base/exit-code.js'
import {failuresJson, formatMarker, notesJson} from '../store/marker.js'
import type {ChangeCounts, MarkerSource} from '../store/marker.js'
import type {Applied, Comparison, Failure, Failures, Note, Totals} from '../native/native.js'
import type {Removal} from './prune.js'
import {version} from '../base/package.js'
import type {Lineage} from '../store/bases.js'
import type {Holding, Host} from '../store/series.js'

/** A source that could not be read, and so is as another snapshot has it. */
export interface Carried {
  readonly name: string
  readonly path: string
  /** The errno's name, or 'EMPTIED'. */
  readonly code: string
  readonly syscall: string
  /** Such as 'there is no such source: /mnt/usb'. */
  readonly reason: string
  /** The snapshot that has it; null where none has. */
  readonly from: string | null
}

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
  /** The sources that could not be read among them. */
  readonly failures: Failures
  readonly carried: readonly Carried[]
  readonly notes: readonly Note[]
  /** Snapshots dated after now, which were left alone. */
  readonly future: readonly string[]
  /** Sentences on what the user should know, though nothing went wrong. */
  readonly notices: readonly string[]
  /** Sentences on what else went wrong and did not matter for the snapshot. */
  readonly warnings: readonly string[]
  /** Null where nothing was to be pruned, or the run ended before. */
  readonly pruned: Removal | null
  /** Names of those among the pruned that made room for this snapshot. */
  readonly madeRoom: readonly string[]
  readonly exit: number
}

/** The exit code alone must show that something needs attention. */
export const findingsOf = ({failures, warnings, pruned, shortage}: BackupResult): Findings => ({
  noSpace: shortage !== null,
  incomplete: failures.errors > 0 || warnings.length > 0 || (pruned?.problems ?? []).length > 0,
})

/** The engine's failures, and the sources that it was told not to read. */
function failuresWith({list, errors, warnings}: Failures, carried: readonly Carried[]): Failures {
  const failed = carried.map(({name, code, syscall}): Failure => ({
    path: Buffer.from(name),
    code,
    syscall,
    warning: false,
  }))
  return {list: [...failed, ...list], errors: errors + failed.length, warnings}
}

type Given = 'dryRun' | 'previous' | 'start' | 'end' | 'carried' | 'future' | 'notices' | 'warnings'

/** The result as it stands after the comparison, when nothing has been made yet. */
export function comparedResult(
  comparison: Comparison,
  rest: Pick<BackupResult, Given>,
): BackupResult {
  const {totals, changes, omitted, need, notes, rebuilt, differs} = comparison
  const failures = failuresWith(comparison.failures, rest.carried)
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
    madeRoom: [],
    exit: exitCode({}), // until the run ends
  }
}

/** The result once the tree has been made; the engine's failures and notes are of both stages. */
export function appliedResult(
  compared: BackupResult,
  {totals, bytes, notes, ...applied}: Applied,
  made: Pick<BackupResult, 'snapshot' | 'end'>,
): BackupResult {
  const failures = failuresWith(applied.failures, compared.carried)
  return {...compared, ...made, totals, addedBytes: bytes, failures, notes}
}

/** What the snapshot holds: a source that could not be read only where another one has it. */
export function heldIn(result: BackupResult, holdings: readonly Holding[]): Holding[] {
  const carried = new Map(result.carried.map((source) => [source.name, source]))
  return holdings.flatMap((held) => {
    const source = carried.get(held.name)
    if (source === undefined) return [held]
    return source.from === null ? [] : [{...held, carried: true}]
  })
}

const sourceJson = ({
  name,
  path,
  named,
  carried,
  host,
  joined,
  joined_until,
}: Holding): MarkerSource => ({
  name,
  path,
  ...(named !== undefined && {named}),
  ...(carried !== undefined && {carried}),
  ...(host !== undefined && {host}),
  ...(joined !== undefined && {joined}),
  ...(joined_until !== undefined && {joined_until}),
})

export function markerFor(
  result: BackupResult,
  {
    view,
    holdings,
    selection,
    earlier,
  }: Pick<Lineage, 'view' | 'holdings' | 'selection' | 'earlier'>,
  {host, tags}: {readonly host: Host; readonly tags: readonly string[]},
): Buffer {
  const {bytes, ...counts} = result.totals
  const clones = [...(view.clones.get(host.id) ?? [])].sort()
  return formatMarker({
    format: 1,
    start: result.start.toISOString(),
    end: result.end.toISOString(),
    host: host.name,
    host_id: host.id,
    ...(clones.length > 0 && {clones}),
    previous: result.previous,
    sources: heldIn(result, holdings).map(sourceJson),
    counts: {...counts, changes: result.changes, excluded: result.omitted},
    bytes: {total: bytes, added: result.addedBytes},
    tags,
    ...(selection !== '' && {selection}),
    ...(earlier.length > 0 && {earlier}),
    errors: failuresJson(result.failures),
    notes: notesJson(result.notes),
    version: version(),
  })
}
