// The events of an operation, from which text, --json and --json-lines are made.
import type {Following} from '../native/job.js'
import type {Change, Failure, Omission, Progress, RestoreChange, RestorePlan} from '../native/native.js' // prettier-ignore
import type {Verdict} from '../retention/retention.js'
import type {Snapshot} from '../store/store.js'

/** What a plan of a restore is about. */
export interface RestoreAbout {
  readonly snapshot: string
  readonly age_ms: number
  /** Null for several places. */
  readonly target: Buffer | null
  readonly dryRun: boolean
}

/** Lists come in pages, so that a long one is never in memory as a whole. */
export type OperationEvent =
  | {readonly event: 'phase'; readonly phase: Progress['phase']}
  | {readonly event: 'progress'; readonly progress: Progress}
  /** A sentence about what the run is waiting for, if it takes longer than usual or is wished. */
  | {readonly event: 'wait'; readonly text: string; readonly isWished?: true}
  | {readonly event: 'change'; readonly changes: readonly Change[]}
  | {readonly event: 'omission'; readonly omissions: readonly Omission[]}
  | {readonly event: 'failure'; readonly failures: readonly Failure[]}
  /** What a restore will do, and the list of it. */
  | {readonly event: 'plan'; readonly plan: RestorePlan; readonly about: RestoreAbout}
  | {readonly event: 'restore'; readonly changes: readonly RestoreChange[]}
  /** The policy's verdict on each snapshot. */
  | {readonly event: 'entry'; readonly verdicts: ReadonlyArray<Verdict<Snapshot>>}

/** Receives the events of an operation and can stop it. The result is returned, not emitted. */
export interface Observer {
  readonly signal: AbortSignal
  /** As in Following. */
  readonly leave?: AbortSignal
  /** Resolves when the observer is ready for more. */
  readonly emit: (event: OperationEvent) => Promise<void>
}

/** A total that is exceeded was wrong, so it becomes unknown. */
const withoutExceeded = (progress: Progress): Progress => ({
  ...progress,
  ...(progress.entries > progress.totalEntries && {totalEntries: 0}),
  ...(progress.bytes > progress.totalBytes && {totalBytes: 0}),
})

/** Reports the progress of native jobs as events. */
export function followingOf({signal, leave, emit}: Observer): Following {
  let known: Progress['phase'] | null = null
  return {
    signal,
    ...(leave !== undefined && {leave}),
    onProgress: (progress) => {
      const {phase} = progress
      if (phase !== known) void emit({event: 'phase', phase})
      known = phase
      void emit({event: 'progress', progress: withoutExceeded(progress)})
    },
    onWait: (text) => void emit({event: 'wait', text}),
    onQueue: (text) => void emit({event: 'wait', text, isWished: true}),
  }
}
