// The JSON of status.
import {timeJson} from '../base/units.js'
import type {ScrubSummary} from '../native/native.js'
import type {StatusResult} from '../operations/status.js'
import {isOverdue} from '../operations/status-health.js'
import type {HistoryRuns, PastRun} from '../operations/status-runs.js'

/** What verify has read and found. */
export const scrubJson = (scrub: ScrubSummary | null): object => ({
  oldest_verification: timeJson(scrub?.oldest_s ?? null),
  unread_inodes: scrub?.unreadInodes ?? null,
  damaged_inodes: scrub?.damagedInodes ?? 0,
})

const seconds = (ms: number): number => Math.floor(ms / 1000)

function runJson(run: PastRun | null): object | null {
  if (run === null) return null
  const {age_ms, ...rest} = run
  return {...rest, age_s: seconds(age_ms)}
}

const historyJson =
  ({now, maxAge_ms}: StatusResult) =>
  (history: HistoryRuns): object => ({
    label: history.label,
    last_good: history.lastGood,
    last_good_age_s: history.lastGood && seconds(now.getTime() - history.lastGood.getTime()),
    last_run: runJson(history.lastRun),
    overdue: maxAge_ms === null ? null : isOverdue(maxAge_ms, now)(history),
  })

/** Root may use more than is free for others. */
const filesystemJson = ({space}: StatusResult): object => ({
  type: space.filesystem,
  total_bytes: space.totalBytes,
  free_bytes: space.availableBytes,
  reserved_bytes: space.freeBytes - space.availableBytes,
  total_inodes: space.totalInodes,
  free_inodes: space.freeInodes,
})

export function statusJson(result: StatusResult): object {
  const {storeDir, now, verdicts, leftovers, lastSnapshot, lastRun, lock, hints} = result
  const last = lastSnapshot && {
    name: lastSnapshot.name,
    instant: lastSnapshot.instant,
    age_s: seconds(lastSnapshot.age_ms),
  }
  return {
    store: storeDir,
    now,
    healthy: result.problems.length === 0,
    problems: result.problems.map(({text, isGrave}) => ({text, grave: isGrave})),
    last_run: runJson(lastRun),
    last_snapshot: last && {...last, errors: lastSnapshot.errors},
    last_success: last,
    histories: result.histories.map(historyJson(result)),
    stored_bytes: result.storedBytes,
    ...scrubJson(result.scrub),
    snapshots: verdicts.map(({snapshot, keep, reasons}) => {
      return {...snapshot, ranks: undefined, keep, reasons} // undefined is left out
    }),
    hints,
    leftovers,
    lock: lock && {state: lock.state, ...lock.owner},
    filesystem: filesystemJson(result),
    exit: result.exit,
  }
}
