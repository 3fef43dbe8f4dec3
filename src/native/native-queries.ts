// Questions about stored snapshots, which the addon answers from their records alone.
import type {Job} from './native-pipelines.js'
import type {Change, ChangeKind} from './native-results.js'

/** An entry of a snapshot, as its record has it. */
export interface StoredEntry {
  /** Begins with the source's name. */
  readonly path: Buffer
  readonly type: 'file' | 'directory' | 'symlink' | 'special'
  /** Its letter in ls -l: -, d, l, p, c or b. */
  readonly letter: string
  /** Not a directory, and its inode has several names. */
  readonly linked: boolean
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

/** What a path is in one record, and how that compares with the next record. */
export interface PathVersion {
  /** Null if the record lacks the path. */
  readonly entry: StoredEntry | null
  /** Of a directory: everything below it has the same content. */
  readonly sameContent: boolean
  readonly sameMetadata: boolean
}

export interface FindConditions {
  /** Patterns of .gitignore, for paths from the top of a snapshot; empty: every path. */
  readonly patterns: readonly string[]
  readonly ignoreCase: boolean
  readonly types: Readonly<Record<StoredEntry['type'], boolean>>
  /** The size of a regular file. */
  readonly size: {readonly is: 'above' | 'below' | 'equal'; readonly bytes: number} | null
  /** Modified after, or not after, the end of this second since 1970. */
  readonly after_s: number | null
  readonly until_s: number | null
  /** The SHA-256 of a regular file, in lower case. */
  readonly digest: string | null
  /** The first record must not have the path. */
  readonly deleted: boolean
  /** The first record only shows which paths are present. */
  readonly firstIsExtra: boolean
}

/** A path, as the first record has it in which all conditions hold. */
export interface Match extends StoredEntry {
  /** The places in the list of records of the first and the last of these records. */
  readonly newest: number
  readonly oldest: number
  /** How many they are. */
  readonly count: number
  /** The first record has the path. */
  readonly present: boolean
}

export interface Finder {
  /** Null at the end. May be empty before it, so that the caller can stop a long search. */
  readonly next: (limit: number) => Match[] | null
  /** How many paths could not be compared by digest so far, because none was recorded. */
  readonly undigested: () => number
}

export type KindCounts = Readonly<Record<ChangeKind, number>>

export interface TreeDifference {
  /** Everything that is no directory. */
  readonly files: KindCounts
  readonly directories: KindCounts
  /** Of new and changed files. */
  readonly bytes: number
  /**
   * In the order of the paths; a renamed entry comes at its new path. `from` is also the path of a
   * changed entry in the first tree, if that is another one.
   */
  readonly changes: NextPage<Change>
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
  /**
   * Finds paths below a directory in these records, which are sorted newest first, in the order of
   * the paths. If `top` is a source's name, it is found as well. Throws 'BAD_PATTERN'.
   */
  find(records: readonly number[], top: Buffer, conditions: FindConditions): Finder
  /**
   * Where another record has the entry at a path, in the same source: a file by its inode in the
   * store, or by its content and mtime; a directory by its inode in the source.
   */
  same(record: number, path: Buffer, other: number): Job<StoredEntry[]>
  /** Follows a path through these records. */
  versions(records: readonly number[], path: Buffer): Job<PathVersion[]>
  /**
   * Compares two records, or what is at a path in each. Entries with the same content under another
   * path are renamed; a renamed directory is one change, and what is equal in it is none. Null if
   * there is no such path in one of them.
   */
  diff(
    before: number,
    pathBefore: Buffer,
    after: number,
    pathAfter: Buffer,
  ): Job<TreeDifference | null>
  /** How many bytes of the record have been read. */
  bytesRead(record: number): number
  close(): void
}

/** What a removal would free. */
export interface Freed {
  /** Names that would be removed. */
  readonly entries: number
  /** On disk, of inodes that would lose their last name. */
  readonly bytes: number
  readonly inodes: number
  /** Inodes that would lose all their counted names but have names elsewhere: they are not freed. */
  readonly foreignBytes: number
  readonly foreignInodes: number
}

export interface MeasureOptions {
  /** Some of the measured snapshots. */
  readonly set: readonly string[]
  /** How many of the costliest paths to return. */
  readonly top: number
  /** The paths that cost most in the set; otherwise those that cost most in single snapshots. */
  readonly topOfSet: boolean
}

export interface SpaceUse {
  /** In the given order, without those that are gone. */
  readonly snapshots: ReadonlyArray<{
    readonly name: string
    /** Regular files of its sources, and the sum of their sizes. */
    readonly files: number
    readonly bytes: number
    /** By removing this snapshot alone. */
    readonly alone: Freed
  }>
  readonly set: Freed
  /** By removing all measured snapshots. */
  readonly all: Freed
  /** The costliest first: bytes on disk, and how many versions of the path they are. */
  readonly top: ReadonlyArray<{
    readonly path: Buffer
    readonly bytes: number
    readonly inodes: number
  }>
  /** Snapshots that were removed meanwhile. */
  readonly gone: readonly string[]
  /** Snapshots whose trees were read, because their records are unusable. */
  readonly listed: ReadonlyArray<{readonly snapshot: string; readonly why: string}>
  /** Places that this user may not look at; they are not counted. */
  readonly unread: number
}
