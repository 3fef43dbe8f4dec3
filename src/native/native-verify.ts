// Verification of stored snapshots, in stages: the structure, the contents, the names, the healing.
import type {Job} from './native-pipelines.js'
import type {Failures, Note} from './native-results.js'
import type {NativeSources} from './native-sources.js'

/** Which contents to read. 'new': never read before; 'bad': failed last time. */
export type Reading = 'none' | 'new' | 'bad' | 'all'

/** A snapshot to verify. */
export interface VerifiedSnapshot {
  readonly name: string
  /** Made by a program that wrote no records, so a missing one is no damage. */
  readonly hasNoRecord: boolean
  /** The snapshot that all its sources were compared with; null if it is gone or not the only one. */
  readonly base: string | null
}

export interface VerifyOptions {
  /** The snapshots whose structure and contents are checked, the newest first. */
  readonly snapshots: readonly VerifiedSnapshot[]
  /** All snapshots of the store, where the names of damaged inodes are looked for; newest first. */
  readonly all: readonly string[]
  readonly reading: Reading
  /** Read about this many bytes at most; null: no limit. A file that is begun is finished. */
  readonly mostBytes: number | null
  /** The same as a part of all bytes, from 0 to 1. */
  readonly mostShare: number | null
  /** Begin no further file after this time; the structure does not count. */
  readonly most_ms: number | null
  /** Read only what was last read before this second since 1970, or never. */
  readonly before_s: number | null
  readonly bytesPerSecond: number | null
  /** Kinds of notes that some marker has: metadata that the store could not keep. */
  readonly excused: readonly string[]
  /** The time that is recorded, in seconds since 1970. */
  readonly now_s: number
}

export interface Checked {
  /** Of all verified snapshots. */
  readonly entries: number
  /** Distinct inodes of regular files, and the bytes of their contents. */
  readonly inodes: number
  readonly bytes: number
  /** Read in this run. */
  readonly checkedInodes: number
  readonly checkedBytes: number
  /** Inodes that were never read, and those without a recorded digest to compare with. */
  readonly unreadInodes: number
  readonly undigestedInodes: number
  /** When the inode was read whose reading is the longest ago, in seconds since 1970; null if none. */
  readonly oldest_s: number | null
  /** All known damaged inodes, those of earlier runs included. */
  readonly damagedInodes: number
  /** A limit ended the reading before all chosen files were read. */
  readonly isPartial: boolean
  /** Snapshots that another run has removed meanwhile. */
  readonly gone: readonly string[]
  /** The errno's name if no record of this run can be kept (EROFS); else null. */
  readonly unrecorded: string | null
  /** How many damages there are. */
  readonly damages: number
  /** What could not be looked at. */
  readonly failures: Failures
  readonly notes: readonly Note[]
}

export type DamageKind =
  /** The bytes of a file are not those that were recorded. */
  | 'content'
  /** The disk cannot read it (EIO). */
  | 'unreadable'
  /** A file has another size, a symlink another target, or an entry has another type. */
  | 'replaced'
  /** Mode, owner, mtime or extended attributes. */
  | 'metadata'
  | 'missing'
  /** The snapshot has a name that its record does not have. */
  | 'extra'
  /** Names of one inode are no longer names of one inode. */
  | 'links'
  /** The record of a snapshot is damaged or missing. */
  | 'record'

export interface DamagedName {
  readonly snapshot: string
  /** Begins with the source's name, or '.backup_delta/'; empty for the snapshot itself. */
  readonly path: Buffer
}

export interface Damage {
  readonly kind: DamageKind
  /** What is wrong, without a full stop: 'mode 644 instead of 600'. May be empty. */
  readonly detail: string
  /** The recorded digest; null if there is none. */
  readonly sha256: string | null
  readonly actualSha256: string | null
  readonly bytes: number
  readonly paths: readonly DamagedName[]
  readonly healed: boolean
  /** Where the good content came from; null if it was not healed, or needed none. */
  readonly donor: {readonly kind: 'store' | 'source' | 'replica'; readonly path: Buffer} | null
}

/** A file of this machine that may have the content of a damaged one. */
export interface DonorPath {
  /** The number of the damage, in the order of `damages`. */
  readonly damage: number
  /** Absolute. */
  readonly path: Buffer
}

export interface HealOptions {
  readonly sources: readonly DonorPath[]
  /** Another store with copies, and its snapshots; null: none. */
  readonly replica: {readonly path: string; readonly snapshots: readonly string[]} | null
}

export interface Healed {
  readonly healed: number
  readonly failed: number
  readonly failures: Failures
  readonly notes: readonly Note[]
}

export interface NativeVerification {
  /** Checks the structure, then reads, then finds all names of what is damaged. */
  check(): Job<Checked>
  /** The next at most `limit` damages; empty at the end. After `heal`, begins again. */
  damages(limit: number): Damage[]
  /**
   * Replaces damaged files by good copies. The caller holds the store's lock, and no partial exists.
   * Throws errno names if the store cannot be written.
   */
  heal(options: HealOptions): Job<Healed>
  close(): void
}

/** A verification that is recorded in the store. */
export interface ScrubSummary {
  readonly oldest_s: number | null
  readonly inodes: number
  readonly unreadInodes: number
  readonly damagedInodes: number
  /** When it was written. */
  readonly time_s: number
}

export interface SourceCheckOptions {
  readonly snapshot: string
  /** The live ones, opened by the names that they have in the snapshot. */
  readonly sources: NativeSources
  readonly bytesPerSecond: number | null
}

/** A file of a source whose content changed although size, mtime, ctime and inode did not. */
export interface RottenFile {
  readonly path: Buffer
  readonly bytes: number
  readonly sha256: string
  readonly actualSha256: string | null
  /** The stored copy was read and is good. */
  readonly isStoredGood: boolean
}

export interface SourceChecked {
  readonly checkedFiles: number
  readonly checkedBytes: number
  /** Edited, deleted or moved since the snapshot, so not compared. */
  readonly changedFiles: number
  /** Without a recorded digest, inode or ctime, so not compared. */
  readonly unknownFiles: number
  readonly rotten: readonly RottenFile[]
  readonly failures: Failures
  readonly notes: readonly Note[]
}
