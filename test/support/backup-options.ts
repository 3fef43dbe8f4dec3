// A backup's options as most tests want them: nothing special, nothing pruned.
import type {BackupOptions} from '../../src/operations/backup.js'
import {fullTrust} from '../../src/engine/selection.js'

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
  onProgress: () => undefined,
  onChanges: null,
  onOmissions: null,
  ...options,
})
