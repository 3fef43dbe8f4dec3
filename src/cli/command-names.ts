// The names of the commands, for hints; main.ts has the commands, and a test compares the two.

export const commandNames = [
  'backup',
  'restore',
  'prune',
  'status',
  'find',
  'history',
  'snapshots',
  'ls',
  'diff',
  'size',
  'delete',
  'pin',
  'unpin',
  'tag',
  'verify',
  'digests',
  'completion',
] as const
