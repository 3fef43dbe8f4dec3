// A backup's options as most tests want them: nothing special, nothing pruned.
import type {BackupOptions} from '../src/backup.js'
import {fullBelief} from '../src/selection.js'

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
  belief: fullBelief,
  tags: [],
  pruning: null,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onChanges: null,
  onOmissions: null,
  ...options,
})
