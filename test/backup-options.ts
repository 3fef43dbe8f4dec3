// A backup's options as most tests want them: nothing special, nothing pruned.
import type {BackupOptions} from '../src/backup.js'

type Essential = Pick<BackupOptions, 'storeDir' | 'operands' | 'clock'>

export const backupOptions = (options: Essential & Partial<BackupOptions>): BackupOptions => ({
  dryRun: false,
  force: false,
  allowEmpty: false,
  digests: true,
  external: {rsync: false, hardlink: false},
  tags: [],
  pruning: null,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onChanges: null,
  ...options,
})
