// The interface to the C++ addon. All other files use the addon through this one.
import {loadAddon} from './addon.js'
import type {MeasureOptions, NativeRecords, SpaceUse} from './native-queries.js'
import type {Job, NativeExternalFill, NativeSnapshot} from './native-pipelines.js'
import type {NativeSources, Source} from './native-sources.js'
import type {NativeRestore, RestoreOptions} from './native-restore.js'
import type {NativeSelection, Trust, SelectionOptions} from './native-options.js'
import type {Space} from './native-results.js'
import type {
  NativeVerification,
  ScrubSummary,
  SourceChecked,
  SourceCheckOptions,
  VerifyOptions,
} from './native-verify.js'

export type * from './native-options.js'
export type * from './native-pipelines.js'
export type * from './native-queries.js'
export type * from './native-restore.js'
export type * from './native-results.js'
export type * from './native-sources.js'
export type * from './native-verify.js'

/**
 * The errors of the addon, which have the form of Node's own file errors. `code` is the errno's name
 * ('ENOSPC'; 'errno 4000' if it has none), 'ABORT_ERR', or a code documented below.
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
   * Throws ENOENT, ENOTDIR or EACCES; 'STORE_OWNER' if it belongs to another user, 'STORE_WRITABLE'
   * if others may write to it, 'STORE_LINK' if a symlink in the path belongs to neither root nor the
   * running user.
   */
  openStore(path: string): NativeStore
  /**
   * Compiles patterns and the other exclusions. Throws 'BAD_PATTERN' for an invalid pattern, with the
   * pattern as `pathBytes`, the index of its list as `list`, and its `line` (0 if not in a file).
   */
  selection(options: SelectionOptions & {readonly lists: boolean}): NativeSelection
  /** Whether a pattern of .gitignore without slashes matches a name; false if it is invalid. */
  globMatches(pattern: string, name: string, foldsCase: boolean): boolean
  /** Identifies one boot of this machine. */
  bootId(): string
  /** Identifies this machine across boots; '' if it has no id. */
  machineId(): string
  /** Whether this path is a mount point now; false if there is no directory. Follows symlinks. */
  isMountPoint(path: string): boolean
  /** When a process started, as opaque text; null if there is no such process. */
  processStart(pid: number): string | null
  /** Signals the process only if it has that start time; false if it is gone or another one. */
  signalProcess(pid: number, start: string, signal: number): boolean
}

export interface StoreEntry {
  readonly name: string
  readonly type: 'directory' | 'file' | 'symlink' | 'other'
}

/** A directory of a store. Only names that begin with a digit have the other fields filled. */
export interface StoredDirectory {
  readonly name: string
  /** The text of the completion marker; null if there is none or it cannot be read. */
  readonly marker: string | null
  /** The errno's name if the marker cannot be read. */
  readonly error?: string
  /** The text of `.backup_tags`; null if there is none or it cannot be read. */
  readonly tags: string | null
  /** The errno's name if the tags cannot be read. */
  readonly tagsError?: string
  /** It contains a `.backup_pinned`. */
  readonly pinned: boolean
  /** The directories in it; listed only if the marker is missing or empty. */
  readonly directories: readonly string[]
}

export interface LockFound {
  /** Whether a running process holds it; 'unknown' if the filesystem cannot tell. */
  readonly flock: 'held' | 'free' | 'unknown'
  /** Only this machine uses the filesystem, so a free flock proves that the owner is gone. */
  readonly isLocal: boolean
  /** Its first 64 KiB. */
  readonly text: string
}

/** `created`: this process holds the lock now. Otherwise: what blocks it. */
export type LockAttempt =
  | {readonly state: 'created'}
  /** A regular file. */
  | ({readonly state: 'exists'} & LockFound)
  /** Not a regular file. */
  | {readonly state: 'odd'; readonly type: 'directory' | 'symlink' | 'other'}

/** An open store directory. All names are plain names in it, never paths. */
export interface NativeStore {
  /**
   * Lists the store, or one of its directories. Throws ENOENT if that is gone, ENOTDIR or ELOOP if it
   * is not a directory.
   */
  list(directory?: string): StoreEntry[]
  /**
   * Lists the directories of the store with everything that identifies snapshots, in one call. A
   * marker of more than `limit` bytes has EFBIG as its error, and so have tags.
   */
  inventory(limit: number): StoredDirectory[]
  /**
   * Reads a regular file of a snapshot, without following symlinks; null if it has more than `limit`
   * bytes. Throws errno names; EINVAL if it is no regular file.
   */
  readFile(snapshot: string, path: Buffer, limit: number): Buffer | null
  /** Opens such a file for reading, and returns a descriptor that the caller closes. Throws the same. */
  openFile(snapshot: string, path: Buffer): number
  /**
   * The text of `.backups_state`; null if there is none. Throws errno names; EFBIG if it has more than
   * `limit` bytes, EINVAL if it is no regular file.
   */
  readState(limit: number): string | null
  /** Replaces `.backups_state` atomically. The caller holds the lock. Throws errno names. */
  writeState(text: string): void
  /**
   * Makes or removes the `.backup_pinned` of a snapshot, durably. Does nothing if it is so already. The
   * caller holds the lock. Throws errno names.
   */
  setPinned(name: string, pinned: boolean): void
  /** Replaces the `.backup_tags` of a snapshot, atomically and durably. The same holds for it. */
  writeTags(name: string, text: string): void
  /** A path to the opened store for a child process; '/proc/self/fd/…' if the system has that. */
  directory(): string
  /** Reads the lock file without changing it, whoever holds it; null if there is none. */
  readLock(): LockAttempt | null
  /**
   * Makes a file `name` (`.backups_lock-`, then hexadecimal digits and dashes) with `text`, locks it
   * and links it to `.backups_lock`; or returns what blocks the lock. Throws errno names.
   */
  tryLock(text: string, name: string): LockAttempt
  /**
   * The same on a full disk: the lock becomes a second name of `file` in one of the store's
   * directories, and only its flock holds it. Throws errno names.
   */
  borrowLock(directory: string, file: string): LockAttempt
  /**
   * Removes a stale lock: one whose flock is free and whose text is still `text`, or (text null) one
   * that is not a regular file. Renames it to `name` first, which is as in `tryLock`. Returns false if
   * the lock changed, so that the caller judges it again.
   */
  breakLock(text: string | null, name: string): boolean
  /** Removes the lock that this object took; does nothing if it holds none. */
  unlock(): void
  space(): Space
  /**
   * Opens the sources before anything is written. A symlink means its target. Throws
   * 'SOURCE_IN_STORE' for a source inside the store or equal to it, 'SOURCE_TYPE' for one that is
   * neither a directory nor a regular file, with `pathBytes`; if no source can be opened, the errno's
   * name for the first.
   */
  openSources(sources: readonly Source[]): NativeSources
  /** Prepares a snapshot without reading anything. */
  snapshot(options: SnapshotOptions): NativeSnapshot
  /**
   * Opens the records of these snapshots. Makes a record that is missing or damaged from the tree, in
   * memory. With `whole`, finds all damage now; otherwise a method may find it later.
   */
  openRecords(names: readonly string[], options: {readonly whole: boolean}): Job<NativeRecords>
  /**
   * Renames a snapshot to `trash`, which must not exist, and makes that durable; it is then no longer
   * a snapshot. Needs no space. Returns false and does nothing if a reader has a lease on it. Throws
   * errno names.
   */
  trash(name: string, trash: string): boolean
  /**
   * Prevents the removal of a snapshot until `release`, `close` or the end of the process. Has no
   * effect if directories cannot be locked. Throws ENOENT if the snapshot is gone.
   */
  lease(name: string): void
  /** Ends one lease; does nothing if there is none. */
  release(name: string): void
  /** Whether a reader in this or another process has a lease on the snapshot. */
  isLeased(name: string): boolean
  /** Prepares a restore without reading anything. */
  restore(options: RestoreOptions): NativeRestore
  /** Prepares a snapshot that another program fills. `previous` is the snapshot to link against. */
  externalFill(options: {previous: string | null}): NativeExternalFill
  /** Removes one hidden directory (`.partial-…`, `.trash-…`) with everything below it. */
  remove(name: string): Job<Removed>
  /**
   * Measures exactly what removing these snapshots would free: each alone, those in `set` together,
   * and all of them. Links in other snapshots count as foreign. Reads and writes nothing else.
   */
  measure(names: readonly string[], options: MeasureOptions): Job<SpaceUse>
  /**
   * Prepares a verification, and locks out others. Throws 'VERIFY_LOCKED' if another one runs.
   */
  verify(options: VerifyOptions): NativeVerification
  /** Compares live files with the record of a snapshot, to find damage in the sources. */
  checkSources(options: SourceCheckOptions): Job<SourceChecked>
  /** The summary in `.backup_scrub`; null if there is none, or if it is of a copied store. */
  readScrub(): ScrubSummary | null
  close(): void
}

/** The stored snapshot that one source is compared with and linked from. */
export interface ComparedWith {
  /** The name of the source. */
  readonly name: string
  /** Null if there is none. */
  readonly snapshot: string | null
  /** Made on another host, so only contents are trusted. */
  readonly foreign: boolean
  /** Older snapshots that may hold entries this one excludes, the newest first. */
  readonly older: readonly string[]
}

export interface SnapshotOptions {
  readonly sources: NativeSources
  /** The snapshot that each source is compared with and linked from. */
  readonly bases: readonly ComparedWith[]
  /** Null: nothing is excluded. */
  readonly selection: NativeSelection | null
  readonly trust: Trust
  /** Whether newly stored files get digests. */
  readonly digests: boolean
}

export interface Removed {
  readonly entries: number
  /** Freed bytes on disk: those of inodes whose last name was removed. */
  readonly bytes: number
  /** Freed inodes, with directories. */
  readonly inodes: number
}

let loaded: Native | undefined

/** The addon, loaded on first use. */
export function native(): Native {
  loaded ??= loadAddon() as Native
  return loaded
}
