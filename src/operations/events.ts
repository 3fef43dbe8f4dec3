// What an operation reports while it works. Text, --json and --json-lines are all made from these events.
import type {Following} from '../native/job.js'
import type {Change, Failure, Omission, Progress} from '../native/native.js'
import type {Verdict} from '../retention/retention.js'
import type {Snapshot} from '../store/store.js'

/** Lists come in pages, so that a long one is never in memory as a whole. */
export type OperationEvent =
  | {readonly event: 'phase'; readonly phase: Progress['phase']}
  | {readonly event: 'progress'; readonly progress: Progress}
  /** A sentence on what the run has been waiting for longer than usual. */
  | {readonly event: 'wait'; readonly text: string}
  | {readonly event: 'change'; readonly changes: readonly Change[]}
  | {readonly event: 'omission'; readonly omissions: readonly Omission[]}
  | {readonly event: 'failure'; readonly failures: readonly Failure[]}
  /** What a policy says of each snapshot. */
  | {readonly event: 'entry'; readonly verdicts: ReadonlyArray<Verdict<Snapshot>>}

/** Who follows an operation, and who can stop it. The result is the last thing that it reports. */
export interface Observer {
  readonly signal: AbortSignal
  /** Settles when there is room for more. */
  readonly emit: (event: OperationEvent) => Promise<void>
}

/** Reports the progress of native jobs as events. */
export function followingOf({signal, emit}: Observer): Following {
  let known: Progress['phase'] | null = null
  return {
    signal,
    onProgress: (progress) => {
      const {phase} = progress
      if (phase !== known) void emit({event: 'phase', phase})
      known = phase
      void emit({event: 'progress', progress})
    },
    onWait: (text) => void emit({event: 'wait', text}),
  }
}
