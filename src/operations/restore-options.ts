// The options and the result of a restore.
import type {Observer} from './events.js'
import type {Asking} from './query.js'
import type {DeleteLimit} from './restore-brake.js'
import type {Failures, Note, Overwrite, SelectionOptions} from '../native/native.js'

/** Where to restore to: back to where it came from, or a directory. */
export type RestoreTarget =
  | {readonly inPlace: true}
  | {
      readonly inPlace: false
      readonly directory: string
      /** Another name for the only operand; null: its own. */
      readonly name: Buffer | null
    }

export interface RestoreOptions extends Asking, Observer {
  /** SNAPSHOT[:PATH] or PATH; with `from`, only paths. */
  readonly operands: readonly string[]
  /** A snapshot without a path. */
  readonly from: string | null
  readonly target: RestoreTarget
  /** Null: in place if-changed, otherwise nothing is replaced. */
  readonly overwrite: Overwrite | null
  readonly checksum: boolean
  readonly deletes: boolean
  readonly deletesExcluded: boolean
  /** Null: the usual brake. */
  readonly maxDelete: DeleteLimit | null
  readonly guards: boolean
  /** How long to wait for another run, which a guard must; absent: not at all. */
  readonly wait_ms?: number
  readonly keepsOwner: boolean
  readonly keepsXattrs: boolean
  /** Null: kept by root in place, otherwise dropped. */
  readonly keepsSuid: boolean | null
  /** What the user excludes; null: nothing. */
  readonly selection: SelectionOptions | null
  readonly dryRun: boolean
  /** The current directory, for hints. */
  readonly here: string
  /** Whether to emit the list of changes. */
  readonly lists: boolean
  readonly clock: () => Date
}

/** A place that had no entries before a restore. */
export interface EmptyPlace {
  readonly path: Buffer
  /** The directory itself was there. */
  readonly isThere: boolean
}

export interface RestoreResult {
  readonly dryRun: boolean
  readonly snapshot: string
  readonly start: Date
  readonly end: Date
  /** Entries that were, or in a dry run would be, made, replaced, deleted, or are equal. */
  readonly restored: number
  readonly updated: number
  readonly unchanged: number
  readonly deleted: number
  /** Entries that differ, but were not to be replaced. */
  readonly kept: number
  /** Where the first 1,000 of them are, if nobody asked to keep them. */
  readonly keptPaths: readonly Buffer[]
  /** Where the first 10 entries to delete are. */
  readonly deletedPaths: readonly Buffer[]
  /** Where it went: the place of the only operand or the directory of --to; null for several. */
  readonly target: Buffer | null
  /** If a guard was wanted but nothing was there: where. */
  readonly emptyPlaces: readonly EmptyPlace[]
  /** Of the files that were written. */
  readonly bytes: number
  /** Files with and without a recorded digest. */
  readonly verified: number
  readonly unverified: number
  /** Files that have no good copy in the store. */
  readonly damaged: number
  /** Files that were damaged, and restored from another copy. */
  readonly donated: number
  /** The snapshot of what was there before; null if nothing was there. */
  readonly guard: string | null
  /** The command that brings back what was there before. */
  readonly undo: string | null
  /** Why the record was made from the tree, so that nothing could be verified; else null. */
  readonly rebuilt: string | null
  readonly failures: Failures
  readonly notes: readonly Note[]
  /** Sentences that are not about errors. */
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
  /** Why a safety rule refused the plan; else null. */
  readonly refusal: string | null
  readonly exit: number
}
