// Questions about stored snapshots, which the addon answers from their records alone.

/** An entry of a snapshot, as its record has it. */
export interface StoredEntry {
  /** Begins with the source's name. */
  readonly path: Buffer
  readonly type: 'file' | 'directory' | 'symlink' | 'special'
  /** The size of a regular file or symlink, else 0. */
  readonly bytes: number
  /** Permission bits with suid, sgid and sticky. */
  readonly mode: number
  /** Null if the owner is unknown. */
  readonly uid: number | null
  readonly gid: number | null
  /** RFC 3339 in UTC, with nanoseconds. */
  readonly mtime: string
  /** The same in whole seconds since 1970. */
  readonly mtime_s: number
  /** Its inode in the store; 0 if unknown. */
  readonly storedInode: number
  /** The digest of a regular file's content in hexadecimal; null if unknown. */
  readonly sha256: string | null
  /** Of a symlink. */
  readonly target: Buffer | null
}

/** Gives the next at most `limit` items; none at the end. Throws as the other methods do. */
export type NextPage<T> = (limit: number) => T[]

export interface OpenedRecord {
  readonly snapshot: string
  /** Why the record was made from the tree, so that digests are unknown; null if it was not. */
  readonly rebuilt: string | null
}

/**
 * The records of some snapshots, numbered from 0. All methods throw errno names, and
 * 'DAMAGED_MANIFEST' for a record whose damage was not found when it was opened.
 */
export interface NativeRecords {
  opened(): OpenedRecord[]
  /** Snapshots that were removed before they could be opened. */
  gone(): string[]
  /** The entry at a path; null if there is none. */
  lookup(record: number, path: Buffer): StoredEntry | null
  /**
   * Lists what is in a directory, with `recursive` everything below it, or a single other entry, in
   * the order of the paths. An empty path is the whole snapshot. Null if there is no such path.
   */
  list(
    record: number,
    path: Buffer,
    options: {readonly recursive: boolean},
  ): NextPage<StoredEntry> | null
  /** How many bytes of the record have been read. */
  bytesRead(record: number): number
  close(): void
}
