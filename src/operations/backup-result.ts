// The result of a backup: how its stages add up, and the marker that records it.
import {exitCode, type Findings} from '../base/exit-code.js'
import {failuresJson, formatMarker, notesJson} from '../store/marker.js'
import type {ChangeCounts, MarkerGuard, MarkerRules, MarkerSource} from '../store/marker.js'
import type {Applied, Comparison, Failure, Failures, Note, Totals} from '../native/native.js'
import type {Removal} from './removal.js'
import {version} from '../base/package.js'
import type {Lineage} from '../store/bases.js'
import type {Holding, Host} from '../store/series.js'

/** A source that could not be read and was carried over from another snapshot. */
export interface Carried {
  readonly name: string
  readonly path: string
  /** The errno's name, or 'EMPTIED'. */
  readonly code: string
  readonly syscall: string
  /** Such as 'there is no such source: /mnt/usb'. */
  readonly reason: string
  /** The snapshot that it was carried over from; null if none holds it. */
  readonly from: string | null
}

export interface BackupResult {
  readonly dryRun: boolean
  /** The name of the new snapshot; null if none was made. */
  readonly snapshot: string | null
  readonly previous: string | null
  /** False if the sources equal the previous snapshot. */
  readonly differs: boolean
  readonly start: Date
  /** When the snapshot was published or found unnecessary; pruning comes later. */
  readonly end: Date
  readonly totals: Totals
  readonly changes: ChangeCounts
  /** The same apart; see Comparison. */
  readonly fileChanges: ChangeCounts
  readonly directoryChanges: ChangeCounts
  /** The number of excluded entries, each counted once with everything below it. */
  readonly omitted: number
  /** Bytes of the files that were, or in a dry run would be, newly stored. */
  readonly addedBytes: number
  /** Why the store has no room for the snapshot; only a dry run returns this instead of failing. */
  readonly shortage: string | null
  /** Why the previous manifest could not be used, else null. */
  readonly rebuilt: string | null
  /** Includes the sources that could not be read. */
  readonly failures: Failures
  readonly carried: readonly Carried[]
  readonly notes: readonly Note[]
  /** Snapshots dated in the future, which were ignored. */
  readonly future: readonly string[]
  /** Sentences for the user that are not about errors. */
  readonly notices: readonly string[]
  /** Sentences about errors that did not affect the snapshot. */
  readonly warnings: readonly string[]
  /** Null if nothing was to be pruned, or if the run ended earlier. */
  readonly pruned: Removal | null
  /** Names of the pruned snapshots that were removed to make room for this one. */
  readonly madeRoom: readonly string[]
  readonly exit: number
}

/** The exit code alone must show that something needs attention. */
export const findingsOf = ({failures, warnings, pruned, shortage}: BackupResult): Findings => ({
  noSpace: shortage !== null,
  incomplete: failures.errors > 0 || warnings.length > 0 || (pruned?.problems ?? []).length > 0,
})

/** The engine's failures, preceded by the sources that were not read. */
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

/** The result after the comparison, before anything is made. */
export function comparedResult(
  comparison: Comparison,
  rest: Pick<BackupResult, Given>,
): BackupResult {
  const {totals, changes, fileChanges, directoryChanges} = comparison
  const {omitted, need, notes, rebuilt, differs} = comparison
  const failures = failuresWith(comparison.failures, rest.carried)
  return {
    ...rest,
    snapshot: null,
    differs,
    totals,
    changes,
    fileChanges,
    directoryChanges,
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

/** The result after the tree is made; the engine's failures and notes are from both stages. */
export function appliedResult(
  compared: BackupResult,
  {totals, bytes, notes, ...applied}: Applied,
  made: Pick<BackupResult, 'snapshot' | 'end'>,
): BackupResult {
  const failures = failuresWith(applied.failures, compared.carried)
  return {...compared, ...made, totals, addedBytes: bytes, failures, notes}
}

/** The sources that the snapshot holds; an unreadable one only if it was carried over. */
export function heldIn(result: BackupResult, holdings: readonly Holding[]): Holding[] {
  const carried = new Map(result.carried.map((source) => [source.name, source]))
  return holdings.flatMap((held) => {
    const source = carried.get(held.name)
    if (source === undefined) return [held]
    return source.from === null ? [] : [{...held, carried: true}]
  })
}

const sourceJson = (
  {name, path, named, carried, host, joined, joined_until}: Holding,
  isMounted: boolean,
): MarkerSource => ({
  name,
  path,
  ...(named !== undefined && {named}),
  ...(isMounted && {mounted: true}),
  ...(carried !== undefined && {carried}),
  ...(host !== undefined && {host}),
  ...(joined !== undefined && {joined}),
  ...(joined_until !== undefined && {joined_until}),
})

/** What a marker records besides the result. */
interface MarkerFacts {
  readonly host: Host
  readonly tags: readonly string[]
  /** The names of the sources that are mount points. */
  readonly mounted: ReadonlySet<string>
  /** Null if there are none, or if they are too long. */
  readonly rules: MarkerRules | null
  /** Null for an ordinary snapshot. */
  readonly guard: MarkerGuard | null
}

export function markerFor(
  result: BackupResult,
  {
    view,
    holdings,
    selection,
    earlier,
  }: Pick<Lineage, 'view' | 'holdings' | 'selection' | 'earlier'>,
  {host, tags, mounted, rules, guard}: MarkerFacts,
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
    sources: heldIn(result, holdings).map((held) => sourceJson(held, mounted.has(held.name))),
    counts: {...counts, changes: result.changes, excluded: result.omitted},
    bytes: {total: bytes, added: result.addedBytes},
    tags,
    ...(selection !== '' && {selection}),
    ...(rules !== null && {rules}),
    ...(guard !== null && {guard}),
    ...(earlier.length > 0 && {earlier}),
    errors: failuresJson(result.failures),
    notes: notesJson(result.notes),
    version: version(),
  })
}
