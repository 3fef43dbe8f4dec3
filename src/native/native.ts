// The one door to the C++ addon, and its types.
import {loadAddon} from './addon.js'
import type {FileDigest, Lookup} from './native-results.js'
import type {Job, NativeExternalFill, NativeSnapshot} from './native-pipelines.js'
import type {Trust, SelectionOptions} from './native-options.js'

export type * from './native-options.js'
export type * from './native-pipelines.js'
export type * from './native-results.js'

/**
 * What the addon throws and rejects with: an Error as Node's own file errors are.
 * `code` is the errno's name ('ENOSPC'; 'errno 4000' where it has none), or 'ABORT_ERR', or one that
 * openSources documents.
 */
export interface NativeError extends Error {
  readonly code: string
  readonly syscall?: string
  /** Raw bytes: a file name need not be UTF-8. */
  readonly pathBytes?: Buffer
}

export interface Native {
  /**
   * Opens a store directory component by component.
   * Throws: ENOENT, ENOTDIR, EACCES; 'STORE_OWNER' when it belongs to another user,
   * 'STORE_WRITABLE' when others may write to it, 'STORE_LINK' when a symlink on the way
   * belongs to somebody else than root or the running user.
   */
  openStore(path: string): NativeStore
  /**
   * Reads patterns and what else says what is to be left out. For a pattern that means nothing it
   * throws 'BAD_PATTERN' with the pattern as `pathBytes`, the place of its list as `list`, and its
   * `line` (0 where it was not in a file).
   */
  selection(options: SelectionOptions & {readonly lists: boolean}): NativeSelection
  /** Identifies one boot of this machine. */
  bootId(): string
  /** Identifies this machine from boot to boot; '' where nothing does. */
  machineId(): string
  /** When a process started, as opaque text; null when there is no such process. */
  processStart(pid: number): string | null
  /** Signals the process only if it started then; false when it is gone or is another one. */
  signalProcess(pid: number, start: string, signal: number): boolean
}

export interface StoreEntry {
  readonly name: string
  readonly type: 'directory' | 'file' | 'symlink' | 'other'
}

/** A directory of a store. Only for names that begin with a digit there is more than the name. */
export interface StoredDirectory {
  readonly name: string
  /** The text of the completion marker; null where there is none, or where it cannot be read. */
  readonly marker: string | null
  /** The errno's name where the marker cannot be read. */
  readonly error?: string
  /** There is a `.backup_pinned` in it. */
  readonly pinned: boolean
  /** The directories in it; listed only where there is no marker, or an empty one. */
  readonly directories: readonly string[]
}

export interface LockFound {
  /** Whether a living process holds it; 'unknown' where the filesystem cannot tell. */
  readonly flock: 'held' | 'free' | 'unknown'
  /** The filesystem is one of this machine alone, where a free flock proves that the owner is gone. */
  readonly isLocal: boolean
  /** Its first 64 KiB. */
  readonly text: string
}

/** `created`: the lock is ours now. Otherwise who is in the way. */
export type LockAttempt =
  | {readonly state: 'created'}
  /** A regular file. */
  | ({readonly state: 'exists'} & LockFound)
  /** Not a regular file. */
  | {readonly state: 'odd'; readonly type: 'directory' | 'symlink' | 'other'}

export interface Space {
  /** The filesystem's type by its usual name, such as 'ext4'. */
  readonly filesystem: string
  readonly totalBytes: number
  /** What this user may still write. */
  readonly freeBytes: number
  /** Both 0 where the filesystem makes inodes as it needs them. */
  readonly totalInodes: number
  readonly freeInodes: number
}

/** A store directory held by its descriptor. All names are plain names in it, never paths. */
export interface NativeStore {
  /**
   * What is in the store, or in one of its directories.
   * Throws ENOENT when that is gone, ENOTDIR or ELOOP when it is no directory.
   */
  list(directory?: string): StoreEntry[]
  /**
   * The directories of the store with what tells of each whether it is a snapshot, in one call: all
   * that a list of snapshots needs. A marker of more than `limit` bytes has EFBIG as its error.
   */
  inventory(limit: number): StoredDirectory[]
  /** A path to the opened store for a child process; '/proc/self/fd/…' where the system has that. */
  directory(): string
  /** The lock file as text, whoever holds it, without touching it; null when there is none. */
  readLock(): LockAttempt | null
  /**
   * Makes a file `name` (`.backups_lock-`, then hexadecimal digits and dashes) with `text`, locks it
   * and links it to `.backups_lock`; or says what is in the way. Throws errno names.
   */
  tryLock(text: string, name: string): LockAttempt
  /**
   * The same on a disk without room for one more file: the lock becomes a second name of `file` in
   * one of the store's directories, and is held by its flock alone. Throws errno names.
   */
  borrowLock(directory: string, file: string): LockAttempt
  /**
   * Removes a stale lock: one whose flock is free and that still reads `text`, or (text null) one
   * that is no regular file. It is renamed to `name` first, which is as in `tryLock`. False when it
   * changed meanwhile, so that the caller looks again.
   */
  breakLock(text: string | null, name: string): boolean
  /** Removes the lock this object took; without effect when it holds none. */
  unlock(): void
  space(): Space
  /**
   * Opens what the user asked to back up, before anything is written.
   * Throws 'SOURCE_IN_STORE' for a source inside the store or equal to it, 'SOURCE_TYPE' for one
   * that is neither directory nor regular file, with `pathBytes`; and where no source can be
   * opened, the errno's name for the first. A symlink stands for what is behind it.
   */
  openSources(sources: readonly Source[]): NativeSources
  /** Prepares a snapshot; nothing is read yet. */
  snapshot(options: SnapshotOptions): NativeSnapshot
  /**
   * Lists the regular files of a snapshot by its manifest, in the order of their paths: a function
   * that gives the next at most `limit` ones, none at the end. A text where the manifest cannot be
   * used: the reason. Throws errno names.
   */
  digests(snapshot: string): ((limit: number) => FileDigest[]) | string
  /**
   * Looks up a path, which begins with a source's name, in a snapshot's manifest. A text where the
   * manifest cannot be used: the reason. Throws errno names, 'DAMAGED_MANIFEST' among them.
   */
  lookup(snapshot: string, path: Buffer): Lookup | string
  /**
   * Renames a snapshot to `trash`, which must not exist, and makes that durable: from then on it is
   * no snapshot any more. Needs no space. False when a reader has a lease on it, and then nothing is
   * done. Throws errno names.
   */
  trash(name: string, trash: string): boolean
  /**
   * Keeps a snapshot from being removed until `release`, `close` or the end of the process. Has no
   * effect where directories cannot be locked. Throws ENOENT when the snapshot is gone.
   */
  lease(name: string): void
  /** Ends one lease; without effect where there is none. */
  release(name: string): void
  /** Whether a reader, in this process or another one, has a lease on the snapshot. */
  isLeased(name: string): boolean
  /** Prepares a snapshot that another program fills. `previous` is the snapshot to link against. */
  externalFill(options: {previous: string | null}): NativeExternalFill
  /** Removes one hidden directory (`.partial-…`, `.trash-…`) with all below it. */
  remove(name: string): Job<Removed>
  /** What removing all these snapshots would come to. Reads them and writes nothing. */
  measureRemoval(names: readonly string[]): Job<Removed>
  close(): void
}

/** The stored snapshot that one source is compared with and linked from. */
export interface ComparedWith {
  /** Of the source. */
  readonly name: string
  /** Null: there is none. */
  readonly snapshot: string | null
  /** Made on another host: only contents are believed. */
  readonly foreign: boolean
  /** Older snapshots that may have what this one left out, the newest first. */
  readonly older: readonly string[]
}

export interface SnapshotOptions {
  readonly sources: NativeSources
  /** What each source is compared with and linked from. */
  readonly bases: readonly ComparedWith[]
  /** Null: nothing is left out. */
  readonly selection: NativeSelection | null
  readonly trust: Trust
  /** Whether files that are stored anew get digests. */
  readonly digests: boolean
}

/** Opaque: what is to be left out. */
export type NativeSelection = object

export interface Removed {
  readonly entries: number
  /** Bytes on disk that are free again: those of inodes that lose their last name. */
  readonly bytes: number
}

/** Where the user's operand lands in the snapshot. */
export interface Source {
  readonly name: string
  readonly path: string
  /** The path is one on another host, of which the addon knows nothing. */
  readonly remote?: true
  /** The user gave it its name: NAME=PATH. */
  readonly named?: true
}

/** A source that cannot be read. */
export interface FailedSource {
  readonly name: string
  readonly path: string
  /** The errno's name. */
  readonly code: string
  readonly syscall: string
}

/** The opened sources. Those that failed stay as the previous snapshot has them. */
export interface NativeSources {
  /** Those that could not be opened, and those that were dropped, in the order of their names. */
  failed(): FailedSource[]
  /**
   * Counts this one among the failed from the next comparison on; `code` is the errno's name.
   * Without effect where there is no such source.
   */
  drop(name: string): void
  close(): void
}

let loaded: Native | undefined

/** The addon, loaded when it is first needed. */
export function native(): Native {
  loaded ??= loadAddon() as Native
  return loaded
}
