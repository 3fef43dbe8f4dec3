// The completion marker of a snapshot: its contents, how it is written and read.
import type {Change, ChangeKind, Failures, Note, Omission, Totals} from '../native/native.js'
import {pathJson, type PathJson} from '../base/escape.js'
import {safeParse} from 'valibot'
import {markerSchema} from './marker-schema.js'

export const markerFile = '.backup_finished'
/** The empty marker of the Python tool. */
export const oldMarkerFile = (snapshot: string): string => `${markerFile}_${snapshot}`
/** A larger marker counts as damaged; real ones are far smaller. */
export const markerLimit_bytes = 8 * 1024 * 1024
/** Raw bytes of paths; JSON and base64 make them up to eight times as long. */
const failureListLimit_bytes = 1024 * 1024

export type ChangeCounts = Readonly<Record<ChangeKind, number>>

export interface FailureJson extends PathJson {
  readonly code: string
  readonly syscall: string
  readonly warning: boolean
}

export interface NoteJson extends PathJson {
  readonly kind: string
  readonly count: number
}

/** One source as the snapshot holds it. */
export interface MarkerSource {
  readonly name: string
  /** Absolute; for a remote source, as the user typed it. */
  readonly path: string
  /** The user gave the name: NAME=PATH. */
  readonly named?: true
  /** It was a mount point. */
  readonly mounted?: true
  /** It could not be read, so its files come from an older snapshot. */
  readonly carried?: true
  /** The host of a remote source, without the user. */
  readonly host?: string
  /** Other series whose history this one continues, by their keys (see series.ts). */
  readonly joined?: ReadonlyArray<readonly string[]>
  /** When each of those series ended, in the same order; a later use of the key is a new series. */
  readonly joined_until?: readonly string[]
}

/** The exclusion rules of a run, as the user gave them; see SelectionOptions. */
export interface MarkerRules {
  readonly patterns: ReadonlyArray<{
    readonly origin: string
    readonly text: string
    /** The exact bytes, if they are not UTF-8. */
    readonly text_b64?: string
    /** Lines as in .gitignore; otherwise a single pattern. */
    readonly file?: true
    readonly folds_case?: true
  }>
  readonly ignore_files: readonly string[]
  readonly tags: ReadonlyArray<{readonly name: string; readonly header: string}>
  readonly attributes: readonly string[]
  readonly largest: number | null
  readonly one_file_system: boolean
}

/** What a snapshot that was taken before a restore in place stands for. */
export interface MarkerGuard {
  /** The snapshot that was restored. */
  readonly of: string
  /** The paths that it holds, each with everything below it; they begin with a source's name. */
  readonly covered: readonly PathJson[]
  /** The paths that did not exist. */
  readonly absent: readonly PathJson[]
}

export interface Marker {
  readonly format: 1
  /** UTC, ISO 8601 with milliseconds. */
  readonly start: string
  readonly end: string
  /** The name of the machine. */
  readonly host: string
  /** The id of the machine, '' if it has none; absent in markers of older versions. */
  readonly host_id?: string
  /** Names of all machines that share that id; absent if there is only one. */
  readonly clones?: readonly string[]
  /** The newest snapshot that this one was linked against. */
  readonly previous: string | null
  readonly sources: readonly MarkerSource[]
  readonly counts: Omit<Totals, 'bytes'> & {
    readonly changes: ChangeCounts
    /** Excluded entries, each counted once with everything below it. */
    readonly excluded: number
  }
  readonly bytes: {readonly total: number; readonly added: number}
  readonly tags: readonly string[]
  /** A fingerprint of the exclusions; absent if there were none, and in older markers. */
  readonly selection?: string
  /** The exclusions themselves; absent if there were none, if they are too long, and in older markers. */
  readonly rules?: MarkerRules
  /** Only in a snapshot that was taken before a restore in place. */
  readonly guard?: MarkerGuard
  /** Fingerprints used before in its series (see turns.ts); absent if there were no others. */
  readonly earlier?: readonly string[]
  readonly errors: {
    readonly count: number
    readonly warnings: number
    /** The first 1,000 at most. */
    readonly list: readonly FailureJson[]
  }
  readonly notes: readonly NoteJson[]
  readonly version: string
}

/** The result of reading a marker; a damaged one has no contents. */
type MarkerReading =
  | {readonly damaged: false; readonly marker: Marker}
  | {readonly damaged: true; readonly marker: null}

const damagedMarker: MarkerReading = {damaged: true, marker: null}

export function failuresJson(failures: Failures): Marker['errors'] {
  const list: FailureJson[] = []
  let bytes = 0
  for (const {path, code, syscall, warning} of failures.list) {
    bytes += path.length
    if (bytes > failureListLimit_bytes) break
    list.push({...pathJson(path), code, syscall, warning})
  }
  return {count: failures.errors, warnings: failures.warnings, list}
}

export const notesJson = (notes: readonly Note[]): NoteJson[] =>
  notes.map(({kind, count, path}) => ({kind, count, ...pathJson(path)}))

/** An excluded entry in JSON output. */
export const omissionJson = ({
  path,
  isDirectory,
  reason,
  rule,
  origin,
  line,
}: Omission): object => ({
  ...pathJson(path),
  directory: isDirectory,
  reason,
  ...(rule.length > 0 && {rule: pathJson(rule).path}),
  ...(origin.length > 0 && {origin: pathJson(origin).path}),
  ...(line > 0 && {line}),
})

/** A change in JSON output. */
export function changeJson(change: Change): object {
  const {path, path_b64} = pathJson(change.path)
  const from = change.from === undefined ? undefined : pathJson(change.from)
  return {
    kind: change.kind,
    type: change.type,
    path,
    ...(path_b64 !== undefined && {path_b64}),
    ...(from !== undefined && {from: from.path}),
    ...(from?.path_b64 !== undefined && {from_b64: from.path_b64}),
    bytes: change.bytes,
  }
}

export function formatMarker(marker: Marker): Buffer {
  return Buffer.from(`${JSON.stringify(marker, null, 1)}\n`)
}

/**
 * Reads a marker that may be damaged or hostile. Never throws, and gives every field its type. A
 * marker without a format and two instants counts as damaged; the snapshot's name then gives its time.
 */
export function parseMarker(bytes: Buffer | string): MarkerReading {
  if (bytes.length > markerLimit_bytes) return damagedMarker
  try {
    const {success, output} = safeParse(markerSchema, JSON.parse(bytes.toString()))
    return success ? {damaged: false, marker: output} : damagedMarker
  } catch {
    return damagedMarker // it is not JSON, or nested too deeply for the stack
  }
}
