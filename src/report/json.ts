// The JSON of the commands, for programs.
import type {BackupResult} from '../operations/backup-result.js'
import {JsonList} from './json-pieces.js'
import {changeJson, failuresJson, notesJson, omissionJson} from '../store/marker.js'
import type {Change, Omission} from '../native/native.js'
import {extentText, type Policy} from '../retention/policy.js'
import type {DeleteResult} from '../operations/delete.js'
import type {PruneResult} from '../operations/prune.js'
import type {Removal} from '../operations/removal.js'
import type {Verdict} from '../retention/retention.js'
import type {Snapshot} from '../store/store.js'

const removalJson = ({names, entries, bytes, inodes, leased, problems}: Removal): object => ({
  names,
  entries,
  bytes,
  inodes,
  leased,
  problems,
})

/** {"keep_daily": "30d", "keep_tag": ["x"]} */
const policyJson = ({rules, tags}: Policy): object => ({
  ...Object.fromEntries(rules.map(({rule, extent}) => [`keep_${rule}`, extentText(extent)])),
  ...(tags.length > 0 && {keep_tag: tags}),
})

export const verdictJson = ({snapshot, keep, reasons}: Verdict<Snapshot>): object => ({
  name: snapshot.name,
  instant: snapshot.instant,
  keep,
  reasons,
})

export function pruneJson(result: PruneResult): object {
  const {storeDir, dryRun, start, end, policy, verdicts, removal, warnings, exit} = result
  return {
    store: storeDir,
    dry_run: dryRun,
    start,
    end,
    policy: policyJson(policy),
    snapshots: verdicts.map(verdictJson),
    removed: removalJson(removal),
    warnings,
    exit,
  }
}

export function deleteJson(result: DeleteResult): object {
  const {storeDir, dryRun, start, end, verdicts, removal, kept, warnings, exit} = result
  return {
    store: storeDir,
    dry_run: dryRun,
    start,
    end,
    snapshots: verdicts.map(verdictJson),
    removed: removalJson(removal),
    kept,
    warnings,
    exit,
  }
}

/** `changes` and `omissions` are null if the user did not ask for them. */
export function backupJson(
  result: BackupResult,
  changes: readonly Change[] | null,
  omissions: readonly Omission[] | null,
): object {
  const {bytes, ...counts} = result.totals
  return {
    made: result.snapshot !== null,
    dry_run: result.dryRun,
    differs: result.differs,
    snapshot: result.snapshot,
    previous: result.previous,
    start: result.start,
    end: result.end,
    counts: {
      ...counts,
      changes: result.changes,
      file_changes: result.fileChanges,
      directory_changes: result.directoryChanges,
      excluded: result.omitted,
    },
    bytes: {total: bytes, added: result.addedBytes},
    shortage: result.shortage,
    rebuilt: result.rebuilt,
    errors: failuresJson(result.failures),
    carried: result.carried.map(({name, path, code, reason, from}) => {
      return {name, path, code, reason, from}
    }),
    notes: notesJson(result.notes),
    future: result.future,
    notices: result.notices,
    warnings: result.warnings,
    pruned: result.pruned && removalJson(result.pruned),
    ...(changes !== null && {changes: new JsonList(changes, changeJson)}),
    ...(omissions !== null && {excluded: new JsonList(omissions, omissionJson)}),
    made_room: result.madeRoom,
    exit: result.exit,
  }
}
