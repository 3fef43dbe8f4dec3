// Snapshots in the making as the addon has them: jobs, and the stages of the two pipelines.
import type {Applied, Change, Comparison, Omission} from './native-results.js'

/** A running native operation. It has its own threads; `done` settles once, `progress` is pulled. */
export interface Job<T> {
  readonly done: Promise<T>
  progress(): Progress
  /** Asks it to stop soon; `done` then rejects with an Error whose code is 'ABORT_ERR'. */
  abort(): void
}

/** What a job is at. The addon may name more than these. */
export type Phase = KnownPhase | (string & {})
export type KnownPhase = 'scan' | 'apply' | 'sync' | 'remove'

export interface Progress {
  /** The job's number in this process, the same in all stages of a snapshot. Other programs have none. */
  readonly id?: number
  readonly phase: Phase
  /** Entries dealt with so far in this phase. */
  readonly entries: number
  /** Bytes copied so far. */
  readonly bytes: number
  /** Reads of what is only compared: signs of life. Other programs give none. */
  readonly reads?: number
  /** 0 while it is not known. */
  readonly totalEntries: number
  readonly totalBytes: number
}

export interface Publication {
  readonly partial: string
  readonly name: string
  readonly marker: Buffer
}

/** The three stages of a backup, to be run one after the other. */
export interface NativeSnapshot {
  /** Scans the sources and compares them with the previous snapshot. Writes nothing at all. */
  compare(): Job<Comparison>
  /**
   * After a comparison that found no difference: keeps in the store what was compared by content, so
   * that the next run need not do it again.
   */
  keepProofs(): Job<void>
  /** The next at most `limit` changes in the order of their paths; empty at the end. */
  changes(limit: number): Change[]
  /** The same of what was left out, if the selection lists it. */
  omitted(limit: number): Omission[]
  /** Makes the tree and its manifest in `.partial-…`, which must not exist yet. */
  apply(partial: string): Job<Applied>
  /** Writes the marker into the partial, makes all durable and renames it to `name`. */
  publish(publication: Publication): Job<void>
  /** Lets go of all descriptors and memory. */
  close(): void
}

/**
 * A snapshot whose tree another program fills. The stages are to be run one after the other; the
 * program runs before `finish`. It may change directories, but has to make all else anew: what was
 * linked is shared with the previous snapshot. Paths are bytes and begin with a source's name; those
 * with an empty component, '.' or '..', and the store's own files, are passed over.
 */
export interface NativeExternalFill {
  /** Makes the empty work directory `.partial-…`, which must not exist yet. */
  begin(partial: string): void
  /**
   * Links the trees of these sources (top-level names; those that the previous snapshot lacks are
   * passed over) from the previous snapshot. What cannot be linked is left out.
   */
  link(names: readonly string[]): Job<{readonly entries: number}>
  /**
   * Takes these names out of the work directory, so that whoever fills it makes new inodes for
   * them: each path that is no directory, and every other name that the previous snapshot has of
   * the same inode. A name that is not there is passed over; a directory stays as it is.
   */
  unshare(paths: readonly Buffer[]): Job<{readonly entries: number}>
  /**
   * What is missing in the work directory though nobody asked for it: other names of an inode that
   * `unshare` took out, or that can have no more names.
   */
  leftOut(): Buffer[]
  /** Removes these names from the work directory, of a directory with all below it. */
  clear(paths: readonly Buffer[]): Job<{readonly entries: number}>
  /**
   * Links again from the previous snapshot what is missing among `paths` (with the names that
   * `unshare` took out along with it) where its directory is there, then writes the manifest and
   * the delta. Sockets are taken out.
   */
  finish(paths: readonly Buffer[]): Job<Applied>
  /** As in NativeSnapshot. */
  publish(publication: Publication): Job<void>
  /** Lets go of all descriptors and memory. */
  close(): void
}
