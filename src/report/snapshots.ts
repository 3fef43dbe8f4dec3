// The output of snapshots: a table, and JSON.
import type {SnapshotsResult} from '../operations/snapshots.js'
import type {Verdict} from '../retention/retention.js'
import type {Snapshot} from '../store/store.js'
import {lines} from './backup.js'
import type {Screen} from './screen.js'
import {snapshotTable, type ExclusiveSizes} from './snapshot-table.js'

/** The table, newest last. */
export async function snapshotsText(
  {now, verdicts, sizes}: Pick<SnapshotsResult, 'now' | 'verdicts' | 'sizes'>,
  screen: Screen,
): Promise<string> {
  if (verdicts.length === 0) return 'There are no such snapshots.\n'
  return lines(await snapshotTable([...verdicts].reverse(), {now, sizes, screen}))
}

/** `sizes` is null if they were not asked for. */
export const snapshotsJson =
  (sizes: ExclusiveSizes | null) =>
  ({snapshot, keep, reasons}: Verdict<Snapshot>): object => {
    const {name, instant, sources, marker, tags, pinned} = snapshot
    return {
      name,
      instant,
      sources: sources ?? [],
      files: marker?.counts.files ?? null,
      bytes: marker?.bytes.total ?? null,
      added_bytes: marker?.bytes.added ?? null,
      exclusive_bytes: sizes?.get(name)?.bytes ?? null,
      keep,
      reasons,
      tags,
      pinned,
    }
  }
