// The native job that restores from one snapshot, and its results.
import type {NativeSelection} from './native-options.js'
import type {Failures, Note} from './native-results.js'
import type {Job} from './native-pipelines.js'

/** One thing to restore, and where to. Paths are bytes. */
export interface RestoreOperand {
  /** The directory of the snapshot that corresponds to `root`; empty for the snapshot's top. */
  readonly anchor: Buffer
  /**
   * The path to restore, below the anchor: nothing beside it is touched. Empty: the contents of the
   * anchor, which then needs a path, and its metadata.
   */
  readonly below: Buffer
  /** Absolute; missing directories are made. */
  readonly root: Buffer
  /** The name in `root` of the first component of `below`. */
  readonly name: Buffer
  /** Keeps the metadata of `root` itself if it exists and is not empty. For contents only. */
  readonly keepsRoot: boolean
}

export type Overwrite = 'if-changed' | 'always' | 'if-newer' | 'never'

export interface RestoreOptions {
  readonly snapshot: string
  readonly operands: readonly RestoreOperand[]
  readonly overwrite: Overwrite
  /** Compares contents where an entry is not proven to be untouched. */
  readonly checksum: boolean
  /** Removes what the snapshot does not have below the operands. */
  readonly deletes: boolean
  /** What it leaves out is neither restored nor deleted; null: nothing. */
  readonly selection: NativeSelection | null
  readonly keepsOwner: boolean
  readonly keepsXattrs: boolean
  readonly keepsSuid: boolean
  /** Snapshots in which another copy of a damaged file is looked for, best first. */
  readonly donors: readonly string[]
}

/** 'kept': something else is there, and may not be overwritten. */
export type RestoreAction = 'restored' | 'updated' | 'deleted' | 'kept'

export interface RestoreChange {
  readonly action: RestoreAction
  readonly type: 'file' | 'directory' | 'symlink' | 'special'
  /** As in the snapshot, or where it would be there. */
  readonly path: Buffer
  /** Size of a regular file, else 0. */
  readonly bytes: number
}

/** What a restore would do. */
export interface RestorePlan {
  /** Why the record was made from the tree, so that nothing can be verified; null if it was not. */
  readonly rebuilt: string | null
  /** For each operand whether the snapshot has it, and how many entries are there now. */
  readonly operands: ReadonlyArray<{readonly isStored: boolean; readonly existing: number}>
  readonly restored: number
  readonly updated: number
  readonly deleted: number
  readonly kept: number
  readonly unchanged: number
  /** Of the files to write. */
  readonly bytes: number
  /** Entries that could not be looked at, or that the snapshot does not hold. */
  readonly failures: Failures
  readonly notes: readonly Note[]
}

/** What a restore has done. */
export interface Restored {
  readonly restored: number
  readonly updated: number
  readonly deleted: number
  readonly bytes: number
  /** Files whose bytes had the recorded digest, and files without a recorded one. */
  readonly verified: number
  readonly unverified: number
  /** Files whose only stored copies are damaged: also among the failures, as 'DAMAGED'. */
  readonly damaged: number
  /** Files restored from another copy than the damaged one. */
  readonly donated: number
  /** Includes those of the plan. */
  readonly failures: Failures
  readonly notes: readonly Note[]
}

/** The stages of a restore. Run them one after the other. */
export interface NativeRestore {
  /** Looks at what is there, and writes nothing. Throws ENOENT if the snapshot is gone. */
  compare(): Job<RestorePlan>
  /** The next at most `limit` changes; empty at the end. */
  changes(limit: number): RestoreChange[]
  /**
   * Restores. What is not as it was during `compare` stays and is a failure ('CHANGED'). Without
   * space, throws ENOSPC or EDQUOT; every file is then still its old or its new self.
   */
  apply(): Job<Restored>
  /** Releases all descriptors and memory. */
  close(): void
}
