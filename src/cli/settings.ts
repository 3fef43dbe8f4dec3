// The table of settings. Flags, CURA_… variables, help, man page and completions come from it.
// A setting's key is the long name of its flag and its key in a configuration file.
import {lockSettings} from './lock-settings.js'
import {colourSettings} from './colour-settings.js'

/** What a shell completes a value with. */
type Completion = 'directory' | 'file' | 'snapshot' | 'source' | 'what'

export interface Setting {
  /** A list may be given more than once. */
  readonly type: 'switch' | 'text' | 'list'
  readonly char?: '0' | 'b' | 'e' | 'f' | 'i' | 'l' | 'n' | 'q' | 'r' | 'R' | 'v' | 'x'
  /** The name of the value in the help. */
  readonly value?: string
  /** What else divides the values of a list on the command line. */
  readonly delimiter?: ','
  /** The value that the flag has alone; another one must follow a "=". */
  readonly alone?: string
  /** The only values that the flag takes. */
  readonly options?: readonly string[]
  readonly required?: true
  /** The heading in the help. */
  readonly group?: 'COMPARING' | 'EXCLUDING' | 'FILTER' | 'OUTPUT' | 'RETENTION'
  readonly complete?: Completion
  /** One line: help and completions show it. */
  readonly summary: string
  /** More of it: only the man page shows it. */
  readonly description?: string
}

type Table = Readonly<Record<string, Setting>>

/** Of commands that work on a store. */
export const runSettings = {
  'backups-dir': {
    type: 'text',
    char: 'b',
    value: 'STORE',
    required: true,
    complete: 'directory',
    summary: 'The directory that holds the snapshots.',
    description:
      'It must belong to you, and nobody else may write to it. It is never created for you, ' +
      'because a missing store may be a disk that is not mounted.',
  },
  'dry-run': {
    type: 'switch',
    char: 'n',
    summary: 'Print what would be done, and change nothing.',
    description: 'A dry run takes no lock.',
  },
  ...lockSettings,
  'json-lines': {
    type: 'switch',
    group: 'OUTPUT',
    summary: 'Print one JSON object per line as things happen, the summary last.',
  },
} as const satisfies Table

/** Of backup alone. */
export const backupSettings = {
  tag: {
    type: 'list',
    value: 'TAG',
    delimiter: ',',
    summary: 'Give the snapshot a tag; repeatable.',
    description: 'Commas separate several tags.',
  },
  'allow-empty': {
    type: 'switch',
    summary: 'Accept a source that is empty now and had entries in the last snapshot.',
    description: 'Without it the backup fails, because the disk may not be mounted.',
  },
  host: {
    type: 'text',
    value: 'NAME',
    summary: 'Identify this machine by NAME instead of by its machine id.',
    description:
      'Each machine has its own history of a source. Containers whose machine id changes need ' +
      'this.',
  },
  moved: {
    type: 'switch',
    summary: 'Continue the history that a source of the same name has elsewhere.',
    description:
      'Use it once after a source was moved or a machine was replaced, and stop backing up the ' +
      'old source.',
  },
  'no-digest': {
    type: 'switch',
    summary: 'Do not compute SHA-256 digests of newly stored files.',
  },
  'external-rsync': {
    type: 'switch',
    summary: 'Copy with the installed rsync; a source may then be on another host.',
    description:
      'Needs rsync 3.1 or later, which reads RSYNC_RSH and its other variables. Exclude flags ' +
      'do not work with it.',
  },
  'external-hardlink': {
    type: 'switch',
    summary: 'Make the hardlinks to the previous snapshot with cp (gcp on macOS).',
  },
} as const satisfies Table

/** What is excluded; engine/selection.ts divides the lists. */
export const excludeSettings = {
  exclude: {
    type: 'list',
    char: 'e',
    value: 'PATTERN',
    group: 'EXCLUDING',
    summary: 'Exclude what matches a pattern of .gitignore.',
  },
  iexclude: {
    type: 'list',
    value: 'PATTERN',
    group: 'EXCLUDING',
    summary: 'Like --exclude, ignoring the case of the letters a to z.',
  },
  'exclude-file': {
    type: 'list',
    value: 'FILE',
    group: 'EXCLUDING',
    complete: 'file',
    summary: 'Read patterns from a file, one per line.',
  },
  'ignore-file': {
    type: 'list',
    value: 'NAME',
    group: 'EXCLUDING',
    summary: "Read each directory's patterns from its file NAME, such as .gitignore.",
  },
  'exclude-caches': {
    type: 'switch',
    group: 'EXCLUDING',
    summary: 'Exclude the contents of directories with a CACHEDIR.TAG.',
  },
  'exclude-if-present': {
    type: 'list',
    value: 'NAME',
    group: 'EXCLUDING',
    summary: 'Exclude the contents of directories that contain NAME.',
  },
  'exclude-if-xattr': {
    type: 'list',
    value: 'NAME',
    group: 'EXCLUDING',
    summary: 'Exclude what has this extended attribute, such as user.nobackup.',
  },
  'exclude-larger-than': {
    type: 'text',
    value: 'SIZE',
    group: 'EXCLUDING',
    summary: 'Exclude larger files; SIZE is for example 500k, 20M or 4G.',
    description: 'k, M, G, T and KiB to TiB are powers of 1,024; KB to TB are powers of 1,000.',
  },
  'one-file-system': {
    type: 'switch',
    char: 'x',
    group: 'EXCLUDING',
    summary: 'Exclude filesystems mounted below a source; keep their empty directories.',
  },
} as const satisfies Table

/** How far the metadata of a source is believed. */
export const compareSettings = {
  checksum: {
    type: 'switch',
    group: 'COMPARING',
    summary: 'Compare the contents of all files, not only of those that look changed.',
  },
  'quick-check': {
    type: 'switch',
    group: 'COMPARING',
    summary: 'Trust size and modification time as rsync does: read no file with both unchanged.',
  },
  'ignore-inode': {
    type: 'switch',
    group: 'COMPARING',
    summary: 'Do not treat a new inode number as a change; moved files are copied.',
  },
  'ignore-ctime': {
    type: 'switch',
    group: 'COMPARING',
    summary: 'Do not treat a new ctime as a change.',
  },
} as const satisfies Table

export const pruneSettings = {
  'no-prune': {
    type: 'switch',
    group: 'RETENTION',
    summary: 'Remove no snapshot, even if no rule keeps it.',
  },
} as const satisfies Table

const keep = {type: 'text', value: 'EXTENT', group: 'RETENTION'} as const

/** The rules of retention. */
export const keepSettings = {
  'keep-last': {...keep, value: 'N', summary: 'Keep the newest N snapshots.'},
  'keep-all': {...keep, summary: 'Keep every snapshot of this period, such as 7d.'},
  'keep-hourly': {...keep, summary: 'Keep the first of each hour, such as 24h.'},
  'keep-daily': {...keep, summary: 'Keep the first of each day, such as 30d.'},
  'keep-weekly': {...keep, summary: 'Keep the first of each week, such as 52w.'},
  'keep-monthly': {...keep, summary: 'Keep the first of each month, such as 12m.'},
  'keep-yearly': {...keep, summary: 'Keep the first of each year, such as 5y.'},
  'keep-tag': {
    type: 'list',
    value: 'TAG',
    delimiter: ',',
    group: 'RETENTION',
    summary: 'Keep every snapshot with this tag; repeatable.',
  },
} as const satisfies Table

/** Of all commands. */
export const outputSettings = {
  quiet: {type: 'switch', char: 'q', group: 'OUTPUT', summary: 'Print errors only.'},
  verbose: {
    type: 'switch',
    char: 'v',
    group: 'OUTPUT',
    summary: 'List every change and every excluded entry of a backup.',
  },
  ...colourSettings,
  json: {
    type: 'switch',
    group: 'OUTPUT',
    summary: 'Print the result as one JSON object.',
    description: 'A path that is not UTF-8 also has its bytes in path_b64.',
  },
} as const satisfies Table

export const settings: Table = {
  ...runSettings,
  ...backupSettings,
  ...excludeSettings,
  ...compareSettings,
  ...pruneSettings,
  ...keepSettings,
  ...outputSettings,
}

/** 'keep-daily' → 'CURA_KEEP_DAILY'. */
export const variableOf = (name: string): string =>
  `CURA_${name.toUpperCase().replaceAll('-', '_')}`

/** What commands take without a flag. */
export const operands = {
  source: {summary: 'What to back up: PATH or NAME=PATH.', complete: 'source'},
  snapshot: {
    summary: 'A snapshot, such as latest, latest~1 or 2026-11-22, and a path in it.',
    complete: 'snapshot',
  },
  what: {summary: 'SNAPSHOT, SNAPSHOT:PATH, or a path of this machine.', complete: 'what'},
  snapshots: {summary: 'Snapshots, such as latest or 2026-11-22.', complete: 'snapshot'},
  pattern: {summary: 'What to find: a name or path with *, ? and [a-z], as in .gitignore.'},
  path: {summary: 'A path of this machine, or a path in the snapshots.', complete: 'file'},
  shell: {summary: 'The shell to complete in.'},
} as const satisfies Readonly<Record<string, Pick<Setting, 'complete' | 'summary'>>>
