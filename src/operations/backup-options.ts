// The options of a backup.
import type {External} from '../engine/external/programs.js'
import type {Observer} from './events.js'
import type {Trust, SelectionOptions} from '../native/native.js'
import type {RunPruning} from './room.js'

export interface BackupOptions extends Observer {
  readonly storeDir: string
  /** As typed: PATH or NAME=PATH. */
  readonly operands: readonly string[]
  readonly dryRun: boolean
  readonly force: boolean
  /** How long to wait for another run; absent: not at all. */
  readonly wait_ms?: number
  /** Accepts a source that had entries in the previous snapshot and has none now. */
  readonly allowEmpty: boolean
  /** The stages that other programs do. */
  readonly external: External
  /** Null: nothing is excluded. */
  readonly selection: SelectionOptions | null
  readonly trust: Trust
  /** Whether files that the addon newly stores get digests. */
  readonly digests: boolean
  readonly tags: readonly string[]
  /** The name that identifies this machine in the store; null: its own id. */
  readonly host: string | null
  /** The sources continue the histories of other sources with the same names. */
  readonly moved: boolean
  /** Null: nothing is pruned. */
  readonly pruning: RunPruning | null
  readonly clock: () => Date
  /** Costly events to emit; they come before anything is written. */
  readonly lists: {readonly changes: boolean; readonly omissions: boolean}
}
