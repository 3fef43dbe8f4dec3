// The options of a plain backup without pruning.
import type {BackupOptions} from '../../src/operations/backup.js'
import {fullTrust} from '../../src/engine/selection.js'
import type {Change} from '../../src/native/native.js'

type Essential = Pick<BackupOptions, 'storeDir' | 'operands' | 'clock'>

export const backupOptions = (options: Essential & Partial<BackupOptions>): BackupOptions => ({
  dryRun: false,
  host: null,
  moved: false,
  force: false,
  allowEmpty: false,
  digests: true,
  external: {rsync: false, hardlink: false},
  selection: null,
  trust: fullTrust,
  tags: [],
  pruning: null,
  signal: new AbortController().signal,
  emit: () => Promise.resolve(),
  lists: {changes: false, omissions: false},
  ...options,
})

/** Asks a backup for its changes, page by page. */
export const listing = (
  hear: (page: readonly Change[]) => unknown,
): Pick<BackupOptions, 'emit' | 'lists'> => ({
  lists: {changes: true, omissions: false},
  emit: (event) => {
    if (event.event === 'change') hear(event.changes)
    return Promise.resolve()
  },
})
