// Native jobs, and the stages of the two pipelines that make a snapshot.
import type {Applied, Change, Comparison, Omission} from './native-results.js'

/** A running native operation with its own threads. `done` settles once; poll `progress`. */
export interface Job<T> {
  readonly done: Promise<T>
  progress(): Progress
  /** Asks the job to stop soon; `done` then rejects with an Error whose code is 'ABORT_ERR'. */
  abort(): void
}

/** The current phase of a job. The addon may report others. */
export type Phase = KnownPhase | (string & {})
export type KnownPhase =
  'scan' | 'apply' | 'save' | 'restore' | 'sync' | 'remove' | 'read' | 'check' | 'find' | 'heal'

export interface Progress {
  /** The job's number, the same in all stages of a snapshot; only native jobs have one. */
  readonly id?: number
  readonly phase: Phase
  /** Entries processed so far in this phase. */
  readonly entries: number
  /** Bytes copied so far. */
  readonly bytes: number
  /** Reads for comparing only, which show that the job is alive; only native jobs count them. */
  readonly reads?: number
  /** 0 while unknown. */
  readonly totalEntries: number
  readonly totalBytes: number
  /** The directory that the job was in a moment ago, as a path from the sources or the snapshot. */
  readonly directory?: Buffer
  /** What a removal removes. */
  readonly doomed?: Doomed
}

/** `number` counts from 1. */
export type Doomed =
  | {readonly what: 'snapshot'; readonly number: number; readonly of: number}
  | {readonly what: 'leftover' | 'unfinished'}

export interface Publication {
  readonly partial: string
  readonly name: string
  readonly marker: Buffer
}

/** The stages of a backup. Run them one after the other. */
export interface NativeSnapshot {
  /** Scans the sources and compares them with the previous snapshot. Writes nothing. */
  compare(): Job<Comparison>
  /**
   * After a comparison that found no difference: records in the store which files were compared by
   * content, so that the next run need not read them again.
   */
  keepProofs(): Job<void>
  /** The next at most `limit` changes in the order of their paths; empty at the end. */
  changes(limit: number): Change[]
  /** The same for excluded entries, if the selection lists them. */
  omitted(limit: number): Omission[]
  /** Makes the tree and its manifest in `.partial-…`, which must not exist yet. */
  apply(partial: string): Job<Applied>
  /** Writes the marker into the partial, makes everything durable and renames it to `name`. */
  publish(publication: Publication): Job<void>
  /** Releases all descriptors and memory. */
  close(): void
}

/**
 * A snapshot whose tree another program fills. Run the stages one after the other, and the program
 * before `finish`. The program may change directories, but must replace other entries, because linked
 * ones are shared with the previous snapshot. Paths are bytes and begin with a source's name. Paths
 * with an empty component, '.' or '..', and those of the store's own files, are ignored.
 */
export interface NativeExternalFill {
  /** Makes the empty work directory `.partial-…`, which must not exist yet. */
  begin(partial: string): void
  /**
   * Links the trees of these sources from the previous snapshot. Ignores names that the previous
   * snapshot lacks, and skips entries that cannot be linked; see leftOut().
   */
  link(names: readonly string[]): Job<{readonly entries: number}>
  /**
   * Removes these names from the work directory, so that the program makes new inodes for them: each
   * path that is not a directory, and every other name of the same inode in the previous snapshot.
   * Ignores missing names and keeps directories.
   */
  unshare(paths: readonly Buffer[]): Job<{readonly entries: number}>
  /**
   * Entries that are missing in the work directory without a request: other names of an inode that
   * `unshare` removed, or of one that has reached the link limit.
   */
  leftOut(): Buffer[]
  /**
   * Whether the previous snapshot has damaged files, so that the program must link nothing to it.
   * Valid after `unshare`.
   */
  hasDamaged(): boolean
  /** Removes these names from the work directory, and everything below them. */
  clear(paths: readonly Buffer[]): Job<{readonly entries: number}>
  /**
   * Links missing `paths` from the previous snapshot again if their directory exists, together with
   * the names that `unshare` removed with them. Then removes sockets, and writes the manifest and the
   * delta.
   */
  finish(paths: readonly Buffer[]): Job<Applied>
  /** As in NativeSnapshot. */
  publish(publication: Publication): Job<void>
  /** Releases all descriptors and memory. */
  close(): void
}
