// What a backup is asked for.
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
  /** Accepts a source that had entries in the previous snapshot and has none now. */
  readonly allowEmpty: boolean
  /** The stages that other programs are to do. */
  readonly external: External
  /** Null: nothing is left out. */
  readonly selection: SelectionOptions | null
  readonly trust: Trust
  /** Whether the files that are stored anew get digests, where the addon stores them. */
  readonly digests: boolean
  readonly tags: readonly string[]
  /** By what the machine is known among those that use the store; null: by its own id. */
  readonly host: string | null
  /** The sources continue the histories that others of their names had. */
  readonly moved: boolean
  /** Null: nothing is pruned. */
  readonly pruning: RunPruning | null
  readonly clock: () => Date
  /** Which events are wanted that take time and memory; they come before anything is written. */
  readonly lists: {readonly changes: boolean; readonly omissions: boolean}
}
