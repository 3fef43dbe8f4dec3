// The results of native jobs: plain objects, which other engines return as well.

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
  /** The previous path of a renamed entry. */
  readonly from?: Buffer
  /** Of a new directory: where it was before, with everything that is in it now. */
  readonly movedFrom?: Buffer
  /** How many entries are below it. */
  readonly movedEntries?: number
  /** Part of such a move, at its old or its new place. */
  readonly inMove?: true
  /** Size of a regular file, else 0. */
  readonly bytes: number
}

/** An entry that was excluded, with everything below it. */
export interface Omission {
  readonly path: Buffer
  readonly isDirectory: boolean
  /** A 'tag' keeps the directory itself, a 'filesystem' keeps its mount point. */
  readonly reason: 'pattern' | 'tag' | 'size' | 'filesystem' | 'attribute'
  /** The pattern, or the name of the tag or attribute; else empty. */
  readonly rule: Buffer
  /** The origin of a pattern: '--exclude', '--iexclude', or the path of its file. */
  readonly origin: Buffer
  /** The line in that file, from 1; else 0. */
  readonly line: number
}

/** An entry that the snapshot does not hold as it should. */
export interface Failure {
  readonly path: Buffer
  /** As of a NativeError; 'CHANGED' for a file that changed while it was read. */
  readonly code: string
  readonly syscall: string
  /** The entry only vanished during the run, which is not an error. */
  readonly warning: boolean
}

/** A limit of the store or the sources: entries that could not be kept as they are. One per kind. */
export interface Note {
  /** For instance 'socket', 'store', 'owner', 'link', 'device', 'digest', 'xattr:trusted'. */
  readonly kind: string
  readonly count: number
  /** The first entry; empty if the note is about all of them. */
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
  /** The number of excluded entries, each counted once with everything below it. */
  readonly omitted: number
  /** Why the tree was read instead of the previous manifest, else null. */
  readonly rebuilt: string | null
  readonly totals: Totals
  /** Entries by kind of change. */
  readonly changes: Readonly<Record<ChangeKind, number>>
  /** The same apart; what moved with its directory, and the directory, counts as renamed. */
  readonly fileChanges: Readonly<Record<ChangeKind, number>>
  readonly directoryChanges: Readonly<Record<ChangeKind, number>>
  /** What apply will write; `allocatedBytes` excludes files that may share blocks with the source. */
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
  /** Bytes of the newly stored files. */
  readonly bytes: number
  /** Includes the failures and notes of the earlier stages. */
  readonly failures: Failures
  readonly notes: Note[]
}

export interface Space {
  /** The usual name of the filesystem's type, such as 'ext4'. */
  readonly filesystem: string
  readonly totalBytes: number
  /** The space that this user may use. */
  readonly freeBytes: number
  /** Without what is reserved for root, as df shows it. */
  readonly availableBytes: number
  /** Both are 0 if the filesystem creates inodes on demand. */
  readonly totalInodes: number
  readonly freeInodes: number
}
