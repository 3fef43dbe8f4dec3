// What the jobs of the addon come to: plain objects, which other engines make, too.

export interface Totals {
  readonly files: number
  readonly directories: number
  readonly symlinks: number
  readonly specials: number
  /** Sum of the sizes of regular files, each hardlinked file once for each of its names. */
  readonly bytes: number
}

export type ChangeKind = 'new' | 'changed' | 'metadata' | 'renamed' | 'deleted'

export interface Change {
  readonly kind: ChangeKind
  readonly type: 'file' | 'directory' | 'symlink' | 'special'
  /** Begins with the source's name. */
  readonly path: Buffer
  /** Where a renamed one was before. */
  readonly from?: Buffer
  /** Size of a regular file, else 0. */
  readonly bytes: number
}

/** Something that was left out as the user wanted, with all that is below it. */
export interface Omission {
  readonly path: Buffer
  readonly isDirectory: boolean
  /** A 'tag' leaves the directory itself, a 'filesystem' the directory it is mounted on. */
  readonly reason: 'pattern' | 'tag' | 'size' | 'filesystem' | 'attribute'
  /** The pattern, the tag's name, the attribute's name; else empty. */
  readonly rule: Buffer
  /** Of a pattern: '--exclude' or '--iexclude', or the path of its file. */
  readonly origin: Buffer
  /** In that file, from 1; else 0. */
  readonly line: number
}

/** A regular file of a snapshot. */
export interface FileDigest {
  /** Begins with the source's name. */
  readonly path: Buffer
  /** Of its content, in hexadecimal; null where it is not known. */
  readonly sha256: string | null
}

/** What a manifest has at a path. */
export interface Lookup {
  readonly entry: null | {
    readonly type: 'file' | 'directory' | 'symlink' | 'special'
    /** Of regular files and symlinks, else 0. */
    readonly bytes: number
    readonly mode: number
    /** In the store; 0 where that is not known. */
    readonly storedInode: number
    readonly sha256: string | null
  }
  /** Of the manifest, to find it. */
  readonly bytesRead: number
}

/** An entry that is not in the snapshot as it should be. */
export interface Failure {
  readonly path: Buffer
  /** As of a NativeError; 'CHANGED' for a file that changed while it was read. */
  readonly code: string
  readonly syscall: string
  /** A warning: the entry vanished meanwhile, which is nobody's fault. */
  readonly warning: boolean
}

/** Something that was left out or not kept as it was, by its nature; once per kind. */
export interface Note {
  /** For instance 'socket', 'store', 'owner', 'link', 'device', 'digest', 'xattr:trusted'. */
  readonly kind: string
  readonly count: number
  /** The first one; empty where it is about all of them. */
  readonly path: Buffer
}

export interface Failures {
  /** The first 1,000. */
  readonly list: Failure[]
  readonly errors: number
  readonly warnings: number
}

export interface Comparison {
  /** False: a new snapshot would equal the previous one. */
  readonly differs: boolean
  /** How much was left out: each one counts once, whatever is below it. */
  readonly omitted: number
  /** Why the previous manifest could not be used and its tree was read instead, else null. */
  readonly rebuilt: string | null
  readonly totals: Totals
  /** Entries by kind of change. */
  readonly changes: Readonly<Record<ChangeKind, number>>
  /** What apply has to write; `allocatedBytes` without files that may share blocks with their sources. */
  readonly need: {readonly bytes: number; readonly allocatedBytes: number; readonly inodes: number}
  /** Entries directly in each source directory, now and in the previous snapshot. */
  readonly sources: ReadonlyArray<{
    readonly name: string
    readonly now: number
    readonly before: number
  }>
  readonly failures: Failures
  readonly notes: Note[]
}

export interface Applied {
  readonly totals: Totals
  /** Bytes of the files that were stored anew. */
  readonly bytes: number
  /** Failures and notes of the stages before, too. */
  readonly failures: Failures
  readonly notes: Note[]
}
