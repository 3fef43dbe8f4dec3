// The completion script for fish.
import {oldForm, wordsOf, tagsFrom, summaryOf, takesValue, present, made} from './facts.mjs'

const fishQuote = (text) => `'${text.replace(/['\\]/g, '\\$&')}'`

const fishCompletions = {
  directory: '__fish_complete_directories',
  snapshot: '__cura_te_ipsum_snapshots',
  source: '__cura_te_ipsum_sources',
  tag: '__cura_te_ipsum_tags',
  what: '__cura_te_ipsum_snapshots',
}

function fishValues(item) {
  if (item.complete === 'file') return []
  if (item.complete !== undefined) return [`-a ${fishQuote(`(${fishCompletions[item.complete]})`)}`]
  const words = wordsOf(item)
  return words.length === 0 ? [] : [`-a ${fishQuote(words.join(' '))}`]
}

function fishLines({name, flags, args}) {
  // Without a command, the flags and sources of backup.
  const where = name === oldForm ? `${name} none` : name
  const start = `complete -c cura-te-ipsum -n '__cura_te_ipsum_on ${where}'`
  const flagLine = (flag) =>
    present([
      start,
      flag.char === undefined ? null : `-s ${flag.char}`,
      `-l ${flag.name}`,
      takesValue(flag) ? (flag.complete === 'file' ? '-r -F' : '-x') : null,
      ...(takesValue(flag) ? fishValues(flag) : []),
      `-d ${fishQuote(summaryOf(flag))}`,
    ]).join(' ')
  const argLine = (arg) =>
    [start, ...(['file', 'what'].includes(arg.complete) ? ['-F'] : []), ...fishValues(arg)].join(
      ' ',
    )
  return ['', ...flags.map(flagLine), ...args.map(argLine)]
}

const pathsFunction = [
  '# The paths in a snapshot of a store: a full name, or latest.',
  'function __cura_te_ipsum_paths -a store name path',
  '    set -l directory $store/$name',
  '    if test "$name" = latest',
  '        set -l all $store/*-*_*/',
  '        set directory (string trim -r -c / -- $all[-1])',
  '    end',
  "    string match -qr -- '/[0-9-]+_[0-9-]+$' $directory; or return",
  '    for found in $directory/$path*',
  '        test -d $found; and set found $found/',
  '        string replace -- $directory/ "$name:" $found',
  '    end',
  'end',
  '',
]

const tagsFunction = [
  'function __cura_te_ipsum_tags',
  '    set -l store (__cura_te_ipsum_store)',
  '    test -n "$store"; or return',
  '    set -l files $store/*_*/.backup_finished $store/*_*/.backup_tags',
  '    set -q files[1]; or return',
  `    ${tagsFrom('$files')}`,
  'end',
  '',
]

const storeFunctions = [
  '# Prints the store on the command line, or in CURA_BACKUPS_DIR.',
  'function __cura_te_ipsum_store',
  '    set -l store $CURA_BACKUPS_DIR',
  '    set -l words (commandline -opc)',
  '    for at in (seq (count $words))',
  '        set -l next $words[(math $at + 1)]',
  "        if string match -qr -- '^(-b|-[^-].*b|--backups-dir)$' $words[$at]",
  '            set store $next',
  "        else if string match -qr -- '^(-b|--backups-dir=)' $words[$at]",
  "            set store (string replace -r -- '^(-b|--backups-dir=)' '' $words[$at])",
  '        end',
  '    end',
  "    string replace -r -- '^~(?=/)' $HOME $store",
  'end',
  '',
  '# SNAPSHOT, or the paths behind SNAPSHOT:',
  'function __cura_te_ipsum_snapshots',
  '    set -l store (__cura_te_ipsum_store)',
  "    set -l parts (string split -m 1 -- ':' (commandline -ct))",
  '    if set -q parts[2]',
  '        test -n "$store"; and __cura_te_ipsum_paths $store $parts',
  '        return',
  '    end',
  "    printf '%s\\n' latest oldest",
  '    test -n "$store"; or return',
  '    for directory in $store/*_*/',
  "        string match -r -- '(?<=/)[0-9-]+_[0-9-]+(?=/$)' $directory",
  '    end',
  'end',
  '',
]

export const fish = (commands) => [
  '# Completion of cura-te-ipsum for fish.',
  `# ${made}`,
  '',
  '# True if the command on the line is one of these; none if there is no command yet.',
  'function __cura_te_ipsum_on',
  '    set -l words (commandline -opc)',
  `    set -l command ${oldForm}`,
  '    if not set -q words[2]',
  '        set command none',
  `    else if contains -- $words[2] ${commands.map(({name}) => name).join(' ')}`,
  '        set command $words[2]',
  '    end',
  '    contains -- $command $argv',
  'end',
  '',
  '# PATH or NAME=PATH.',
  'function __cura_te_ipsum_sources',
  '    set -l word (commandline -ct)',
  "    set -l name (string match -r -- '^[^/=]+=' $word)",
  "    set -l path (string replace -r -- '^[^/=]+=' '' $word)",
  '    printf \'%s\\n\' "$name"(__fish_complete_directories "$path")',
  'end',
  '',
  ...storeFunctions,
  ...pathsFunction,
  ...tagsFunction,
  'complete -c cura-te-ipsum -f',
  ...commands.map(
    ({name, summary}) =>
      `complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a ${name} -d ${fishQuote(summary)}`,
  ),
  "complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -l version -d 'Show the version'",
  ...commands.flatMap(fishLines),
]
