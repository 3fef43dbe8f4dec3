// The completion marker of a snapshot: what it says, how it is written, how it is read back.
import type {Change, ChangeKind, Failures, Note, Omission, Totals} from '../native/native.js'
import {pathJson, type PathJson} from '../base/escape.js'
import {safeParse} from 'valibot'
import {markerSchema} from './marker-schema.js'

export const markerFile = '.backup_finished'
/** The empty marker of the Python tool. */
export const oldMarkerFile = (snapshot: string): string => `${markerFile}_${snapshot}`
/** A marker above this is damaged; ours stay far below it. */
export const markerLimit_bytes = 8 * 1024 * 1024
/** Raw bytes of paths; JSON and base64 make up to eight times that of them. */
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
  /** Absolute; of a remote source as it was typed. */
  readonly path: string
  /** Its user gave it its name: NAME=PATH. */
  readonly named?: true
  /** It could not be read and is as the snapshot before has it. */
  readonly carried?: true
  /** The host of a remote source, without the user. */
  readonly host?: string
  /** Other series whose history this one continues, by their keys (see series.ts). */
  readonly joined?: ReadonlyArray<readonly string[]>
  /** Until when that was so, in the same order; what uses such a key later is another series. */
  readonly joined_until?: readonly string[]
}

export interface Marker {
  readonly format: 1
  /** UTC, ISO 8601 with milliseconds. */
  readonly start: string
  readonly end: string
  /** The name of the machine. */
  readonly host: string
  /** By what the machine is known, '' where nothing tells; absent in markers of older versions. */
  readonly host_id?: string
  /** Names of the machines that share that id; absent where there is one. */
  readonly clones?: readonly string[]
  /** The newest snapshot that this one was linked against. */
  readonly previous: string | null
  readonly sources: readonly MarkerSource[]
  readonly counts: Omit<Totals, 'bytes'> & {
    readonly changes: ChangeCounts
    /** Entries that were left out as the user wanted, each with all below it. */
    readonly excluded: number
  }
  readonly bytes: {readonly total: number; readonly added: number}
  readonly tags: readonly string[]
  /** A fingerprint of what was left out on purpose; absent where nothing was, and in older markers. */
  readonly selection?: string
  /** Those that were used before in its series (see turns.ts); absent where there were no others. */
  readonly earlier?: readonly string[]
  readonly errors: {
    readonly count: number
    readonly warnings: number
    /** The first of them, 1,000 at most. */
    readonly list: readonly FailureJson[]
  }
  readonly notes: readonly NoteJson[]
  readonly version: string
}

/** A marker as it was read: of a damaged one only that it is there. */
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

/** What was left out as it stands in JSON output. */
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

/** A change as it stands in JSON output. */
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
 * Reads what may be damaged or hostile: never throws, and every field has its type afterwards.
 * Without a format and two instants a marker counts as damaged, and the snapshot's name has to do.
 */
export function parseMarker(bytes: Buffer | string): MarkerReading {
  if (bytes.length > markerLimit_bytes) return damagedMarker
  try {
    const {success, output} = safeParse(markerSchema, JSON.parse(bytes.toString()))
    return success ? {damaged: false, marker: output} : damagedMarker
  } catch {
    return damagedMarker // no JSON, or deeper than any stack
  }
}
