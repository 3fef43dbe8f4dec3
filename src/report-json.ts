// What backup and status say to programs; the siblings of the reports for people.
import type {BackupResult} from './backup-result.js'
import {changeJson, failuresJson, notesJson} from './marker.js'
import type {Change} from './native.js'
import type {StatusResult} from './status.js'

/** `changes` is null where they were not asked for. */
export function backupJson(result: BackupResult, changes: readonly Change[] | null): object {
  const {bytes, ...counts} = result.totals
  return {
    made: result.snapshot !== null,
    dry_run: result.dryRun,
    differs: result.differs,
    snapshot: result.snapshot,
    previous: result.previous,
    start: result.start,
    end: result.end,
    counts: {...counts, changes: result.changes},
    bytes: {total: bytes, added: result.addedBytes},
    shortage: result.shortage,
    rebuilt: result.rebuilt,
    errors: failuresJson(result.failures),
    notes: notesJson(result.notes),
    future: result.future,
    warnings: result.warnings,
    ...(changes !== null && {changes: changes.map(changeJson)}),
    exit: result.exit,
  }
}

export function statusJson(result: StatusResult): object {
  const {storeDir, now, space, snapshots, leftovers, lastSuccess, lock} = result
  return {
    store: storeDir,
    now,
    snapshots,
    last_success: lastSuccess && {
      name: lastSuccess.name,
      instant: lastSuccess.instant,
      age_s: Math.floor(lastSuccess.age_ms / 1000),
    },
    leftovers,
    lock: lock && {state: lock.state, ...lock.owner},
    filesystem: {
      type: space.filesystem,
      total_bytes: space.totalBytes,
      free_bytes: space.freeBytes,
      total_inodes: space.totalInodes,
      free_inodes: space.freeInodes,
    },
    exit: 0,
  }
}
