// The tables of the flags that choose snapshots and ask questions. They have no CURA_… variables,
// because an answer must not depend on the environment.
import type {Setting} from './settings.js'
import {verifySettings} from './verify-settings.js'

type Table = Readonly<Record<string, Setting>>

/** Which snapshots count. */
export const filterSettings = {
  source: {
    type: 'text',
    value: 'NAME',
    group: 'FILTER',
    summary: 'Only snapshots of this source: its name, or its path.',
  },
  tag: {
    type: 'text',
    value: 'TAG',
    group: 'FILTER',
    summary: 'Only snapshots with this tag.',
  },
  host: {
    type: 'text',
    value: 'HOST',
    group: 'FILTER',
    summary: 'Only snapshots of this machine: its name, or its id.',
  },
} as const satisfies Table

export const atSettings = {
  at: {
    type: 'text',
    value: 'TIME',
    group: 'FILTER',
    summary: 'Use the newest snapshot at or before TIME, such as 3d or yesterday.',
    description:
      'TIME is 2026-11-21 (its end), "2026-11-21 14:00", "2026-11-21 14:00:05", a period such as ' +
      '2h, 3d, 2w, 6m or 1y, today, yesterday, or "yesterday 18:00".',
  },
} as const satisfies Table

export const snapshotsSettings = {
  last: {type: 'text', value: 'N', summary: 'Only the newest N snapshots.'},
  size: {type: 'switch', summary: 'Add what removing each snapshot alone would free.'},
} as const satisfies Table

export const statusSettings = {
  'max-age': {
    type: 'text',
    value: 'AGE',
    summary: 'Exit with 3 if the last good run of a source is older, such as 26h.',
    description:
      'AGE is a number with s, min, h, d or w. A run is good for a source if everything in it ' +
      'could be read, also if nothing had changed.',
  },
} as const satisfies Table

export const lsSettings = {
  long: {type: 'switch', char: 'l', summary: 'Show mode, owner, size and time.'},
  recursive: {type: 'switch', char: 'R', summary: 'List everything below the path.'},
  sort: {
    type: 'text',
    value: 'KEY',
    options: ['name', 'size', 'mtime'],
    summary: 'Sort by name (the default), size (largest first) or mtime (newest first).',
  },
  reverse: {type: 'switch', char: 'r', summary: 'Reverse the order.'},
  ncdu: {type: 'switch', summary: 'Print an export for ncdu -f.'},
} as const satisfies Table

const print0 = {
  type: 'switch',
  char: '0',
  summary: 'Print paths only, as raw bytes, each followed by a null byte.',
} as const

export const findSettings = {
  'ignore-case': {type: 'switch', char: 'i', summary: 'Ignore the case of the letters a to z.'},
  type: {
    type: 'list',
    value: 'TYPE',
    delimiter: ',',
    options: ['f', 'd', 'l', 's'],
    summary: 'Only files (f), directories (d), symlinks (l) or special files (s).',
  },
  size: {
    type: 'text',
    value: 'SIZE',
    summary: 'Only files larger (+10M), smaller (-10M) or exactly as large (10M).',
  },
  newer: {type: 'text', value: 'TIME', summary: 'Only what was modified since TIME.'},
  older: {type: 'text', value: 'TIME', summary: 'Only what was modified before TIME.'},
  deleted: {type: 'switch', summary: 'Only what is missing in the newest snapshot.'},
  digest: {type: 'text', value: 'SHA256', summary: 'Only files with this SHA-256 digest.'},
  'same-as': {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    summary: 'Only files with the same content as this file of the machine.',
  },
  print0,
} as const satisfies Table

export const historySettings = {
  'no-follow': {type: 'switch', summary: 'Do not follow renames.'},
  deleted: {type: 'switch', summary: 'List what was deleted below the directory.'},
  metadata: {type: 'switch', summary: 'Count changed permissions, owners and times as versions.'},
  'restore-all': {
    type: 'text',
    value: 'DIR',
    complete: 'directory',
    summary: 'Copy every version into this directory.',
  },
  print0,
} as const satisfies Table

export const diffSettings = {
  live: {type: 'switch', summary: 'Compare with the sources as they are now.'},
  metadata: {type: 'switch', summary: 'List changed permissions, owners and times as well.'},
  stat: {type: 'switch', summary: 'Print only the counts.'},
  'name-only': {type: 'switch', summary: 'Print only paths.'},
  content: {type: 'switch', summary: 'Show how the contents of text files differ.'},
  'exit-code': {type: 'switch', summary: 'Exit with 7 if there are differences.'},
} as const satisfies Table

export const sizeSettings = {
  top: {type: 'text', value: 'N', summary: 'List the N paths that cost most.'},
} as const satisfies Table

export const deleteSettings = {
  'allow-last': {type: 'switch', summary: 'Also delete the last snapshot of a source.'},
  all: {type: 'switch', summary: 'Delete all snapshots of the source given by --source.'},
} as const satisfies Table

export const tagSettings = {
  add: {type: 'list', value: 'TAG', delimiter: ',', summary: 'Add a tag; repeatable.'},
  remove: {type: 'list', value: 'TAG', delimiter: ',', summary: 'Remove a tag; repeatable.'},
} as const satisfies Table

export const restoreSettings = {
  to: {
    type: 'text',
    value: 'DIR',
    complete: 'directory',
    summary: 'Restore into this directory; what exists there is kept.',
  },
  'in-place': {type: 'switch', summary: 'Restore to where it was backed up from.'},
  from: {
    type: 'text',
    value: 'SNAPSHOT',
    complete: 'snapshot',
    summary: 'Restore the paths as they are in this snapshot.',
  },
  overwrite: {
    type: 'text',
    value: 'WHEN',
    options: ['if-changed', 'always', 'if-newer', 'never'],
    summary: 'Replace what exists: if-changed (default in place), always, if-newer or never.',
    description:
      'if-newer replaces what has an older modification time than the snapshot. Without this ' +
      'flag, --to replaces nothing. With --to this cannot be undone, because nothing is saved.',
  },
  checksum: {
    type: 'switch',
    summary: 'Compare the contents of files that are not certainly unchanged.',
  },
  delete: {
    type: 'switch',
    summary: 'Delete what the snapshot does not have, but nothing that it excluded.',
    description:
      'Only below what is restored, never beside it. With --to this cannot be undone, because ' +
      'nothing is saved, so it needs --max-delete as soon as it would delete anything.',
  },
  'delete-excluded': {
    type: 'switch',
    summary: 'With --delete, also delete what the snapshot excluded.',
  },
  'max-delete': {
    type: 'text',
    value: 'LIMIT',
    summary: 'Delete at most LIMIT entries: a number, a share such as 20%, or all.',
    description:
      'Without it, a restore in place that would delete more than 1,000 entries, if these are ' +
      'also more than 10% of what is there, does nothing (exit 6). With --to, a restore that ' +
      'would delete anything does nothing without it.',
  },
  'no-guard': {
    type: 'switch',
    summary: 'In place, do not save what is there now, so that there is no undo.',
  },
  'no-owner': {type: 'switch', summary: 'Do not restore owners and groups.'},
  'no-xattr': {type: 'switch', summary: 'Do not restore extended attributes and ACLs.'},
  suid: {
    type: 'text',
    value: 'HOW',
    options: ['keep', 'drop'],
    summary: 'Keep or drop set-user-ID and set-group-ID bits.',
    description: 'The default is keep for root with --in-place, otherwise drop.',
  },
  exclude: {
    type: 'list',
    char: 'e',
    value: 'PATTERN',
    group: 'EXCLUDING',
    summary: 'Neither restore nor delete what matches a pattern of .gitignore.',
  },
  iexclude: {
    type: 'list',
    value: 'PATTERN',
    group: 'EXCLUDING',
    summary: 'The same, ignoring the case of the letters a to z.',
  },
  'exclude-file': {
    type: 'list',
    value: 'FILE',
    group: 'EXCLUDING',
    complete: 'file',
    summary: 'Read such patterns from a file, one per line.',
  },
  include: {
    type: 'list',
    value: 'PATTERN',
    group: 'EXCLUDING',
    summary: 'Restore what matches even if --exclude matches it as well.',
    description: 'To restore only some paths, name them as operands instead.',
  },
} as const satisfies Table

/** All tables with flags that have no variable. */
export const queryTables: readonly Table[] = [
  filterSettings,
  atSettings,
  snapshotsSettings,
  statusSettings,
  lsSettings,
  findSettings,
  historySettings,
  diffSettings,
  sizeSettings,
  verifySettings,
  deleteSettings,
  tagSettings,
  restoreSettings,
]
