// The completion script for fish.
import {oldForm, wordsOf, summaryOf, takesValue, present, made} from './facts.mjs'

const fishQuote = (text) => `'${text.replace(/['\\]/g, '\\$&')}'`

const fishCompletions = {
  directory: '__fish_complete_directories',
  snapshot: '__cura_te_ipsum_snapshots',
  source: '__cura_te_ipsum_sources',
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
    [start, ...(arg.complete === 'file' ? ['-F'] : fishValues(arg))].join(' ')
  return ['', ...flags.map(flagLine), ...args.map(argLine)]
}

const snapshotsFunction = [
  '# The snapshots in the store on the command line, or in CURA_BACKUPS_DIR.',
  'function __cura_te_ipsum_snapshots',
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
  "    printf '%s\\n' latest oldest",
  '    test -n "$store"; or return',
  "    set store (string replace -r -- '^~(?=/)' $HOME $store)",
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
  ...snapshotsFunction,
  'complete -c cura-te-ipsum -f',
  ...commands.map(
    ({name, summary}) =>
      `complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a ${name} -d ${fishQuote(summary)}`,
  ),
  "complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -l version -d 'Show the version'",
  ...commands.flatMap(fishLines),
]
