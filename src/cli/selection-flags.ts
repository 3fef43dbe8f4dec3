// The flags of `backup` that say what is left out, and how far the source is believed.
import * as Flags from '@oclif/core/flags'

const group = 'EXCLUDING'

/** A flag that may be given more than once, each time with one text; selection.ts divides them. */
const manyFlag = (name: string, helpValue: string, summary: string, char?: 'e') =>
  Flags.string({
    ...(char !== undefined && {char}),
    env: `CURA_${name}`,
    helpGroup: group,
    helpValue,
    multiple: true,
    multipleNonGreedy: true,
    summary,
  })

const switchFlag = (name: string, helpGroup: string, summary: string, char?: 'x') =>
  Flags.boolean({
    ...(char !== undefined && {char}),
    default: false,
    env: `CURA_${name}`,
    helpGroup,
    summary,
  })

export const selectionFlags = {
  exclude: manyFlag('EXCLUDE', 'PATTERN', 'Leave out what matches, as a line of .gitignore.', 'e'),
  iexclude: manyFlag('IEXCLUDE', 'PATTERN', 'The same, whatever the case of its letters a to z.'),
  'exclude-file': manyFlag('EXCLUDE_FILE', 'FILE', 'Take patterns from a file, one a line.'),
  'ignore-file': manyFlag(
    'IGNORE_FILE',
    'NAME',
    'Take patterns for a directory from its file of that name, such as .gitignore.',
  ),
  'exclude-caches': switchFlag(
    'EXCLUDE_CACHES',
    group,
    'Leave out what is in a directory with a CACHEDIR.TAG.',
  ),
  'exclude-if-present': manyFlag(
    'EXCLUDE_IF_PRESENT',
    'NAME',
    'Leave out what is in a directory with an entry of that name.',
  ),
  'exclude-if-xattr': manyFlag(
    'EXCLUDE_IF_XATTR',
    'NAME',
    'Leave out what has that extended attribute, such as user.nobackup.',
  ),
  'exclude-larger-than': Flags.string({
    env: 'CURA_EXCLUDE_LARGER_THAN',
    helpGroup: group,
    helpValue: 'SIZE',
    summary: 'Leave out larger files; SIZE is such as 500k, 20M or 4G.',
    description: 'k, M, G and T are powers of 1,024, and with a B behind them of 1,000.',
  }),
  'one-file-system': switchFlag(
    'ONE_FILE_SYSTEM',
    group,
    'Leave out what is mounted below a source; the empty directories stay.',
    'x',
  ),
}

export const trustFlags = {
  checksum: switchFlag(
    'CHECKSUM',
    'COMPARING',
    'Compare the contents of all files, not only of those that look changed.',
  ),
  'quick-check': switchFlag(
    'QUICK_CHECK',
    'COMPARING',
    'Trust size and modification time, as rsync does: read no file in which both are unchanged.',
  ),
  'ignore-inode': switchFlag(
    'IGNORE_INODE',
    'COMPARING',
    'Do not take another inode number for a change; moved files are copied.',
  ),
  'ignore-ctime': switchFlag(
    'IGNORE_CTIME',
    'COMPARING',
    'Do not take another ctime for a change.',
  ),
}
