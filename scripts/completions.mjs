// Completion scripts for bash, zsh and fish, made from the compiled commands.
import {readCommands} from './commands.mjs'

/** The command of a command line that names none. */
const oldForm = 'backup'

const indent = (lines, by = '  ') => lines.map((line) => `${by}${line}`)
const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`

/** The words to complete a flag or an argument with. */
const wordsOf = ({options}) => options ?? []

/** Directories complete a source, too, behind its NAME=. */
const takesDirectory = ({complete}) => complete === 'directory' || complete === 'source'

function describe({name, summary, flags, args}) {
  const help = {name: 'help', char: 'h', type: 'boolean', summary: 'Show help.'}
  const byName = ([a], [b]) => (a < b ? -1 : 1)
  const sorted = Object.entries(flags).sort(byName)
  return {
    name,
    summary: summary.replace(/\.$/, ''),
    flags: [...sorted.map(([flag, facts]) => ({...facts, name: flag})), help],
    args: Object.entries(args).map(([arg, facts]) => ({...facts, name: arg})),
  }
}

const summaryOf = ({summary}) => summary.replace(/\.$/, '')
const namesOf = ({char, name}) => [...(char === undefined ? [] : [`-${char}`]), `--${name}`]
const takesValue = ({type}) => type === 'option'
const present = (lines) => lines.filter((line) => line !== null)

const made = 'Made by `npm run generate` from the commands: do not edit.'

// bash: version 3.2 of macOS has neither mapfile nor compopt.

function bashCase({name, flags, args}) {
  const words = flags.flatMap(namesOf).join(' ')
  const [first] = args
  return [
    `${name})`,
    `  flags=${quote(words)}`,
    ...(first !== undefined && takesDirectory(first) ? ['  directories=yes'] : []),
    ...(first?.options === undefined ? [] : [`  words=${quote(first.options.join(' '))}`]),
    '  ;;',
  ]
}

const bashHead = `# Completion of cura-te-ipsum for bash.
# ${made}

# Adds each line that compgen prints.
_cura_te_ipsum_reply() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@")
}

_cura_te_ipsum() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  local command=${oldForm} flags= words= directories= at
  COMPREPLY=()
  # --flag=value and NAME=PATH come as three words.
  if [[ $current == "=" ]]; then
    current=''
  elif [[ $before == "=" ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi`

const bashTail = `  for ((at = 1; at < COMP_CWORD; at++)); do
    [[ \${COMP_WORDS[at]} == -- ]] && flags=''
  done
  if ((COMP_CWORD == 1)); then
    words=$commands
    flags+=" --version"
  fi
  if [[ $current == -* ]]; then
    _cura_te_ipsum_reply -W "$flags" -- "$current"
    return
  fi
  [[ -n $words ]] && _cura_te_ipsum_reply -W "$words" -- "$current"
  if [[ -n $directories ]]; then
    # With both, a directory with the name of a command must not get a slash.
    [[ -n $words ]] || compopt -o filenames 2>/dev/null
    _cura_te_ipsum_reply -d -- "$current"
  fi
}

complete -F _cura_te_ipsum cura-te-ipsum`

const bashPaths = (flags, action) => [
  `    ${flags})`,
  '      compopt -o filenames 2>/dev/null',
  `      _cura_te_ipsum_reply ${action} -- "$current"`,
  '      return',
  '      ;;',
]

function bash(commands) {
  const flags = commands.flatMap((command) => command.flags).filter(takesValue)
  const withDirectories = flags.filter(takesDirectory)
  const withFiles = flags.filter(({complete}) => complete === 'file')
  const withNothing = flags.filter(({complete}) => complete === undefined)
  const pattern = (some) => [...new Set(some.flatMap(namesOf))].join(' | ')
  const names = commands.map(({name}) => name)
  return [
    bashHead,
    '  case $before in',
    ...bashPaths(pattern(withDirectories), '-d'),
    ...bashPaths(pattern(withFiles), '-f'),
    `    ${pattern(withNothing)}) return ;;`,
    '  esac',
    `  local commands=${quote(names.join(' '))}`,
    '  if ((COMP_CWORD > 1)) && [[ " $commands " == *" ${COMP_WORDS[1]} "* ]]; then',
    '    command=${COMP_WORDS[1]}',
    '  fi',
    '  case $command in',
    ...indent(commands.flatMap(bashCase), '    '),
    '  esac',
    bashTail,
  ]
}

// zsh

const zshText = (text) => text.replace(/[[\]:\\]/g, '\\$&')

const zshCompletions = {directory: '_files -/', file: '_files', source: '_cura-te-ipsum-source'}

function zshAction(item) {
  if (item.complete !== undefined) return zshCompletions[item.complete]
  const words = wordsOf(item)
  return words.length === 0 ? ' ' : `(${words.join(' ')})`
}

function zshFlag(flag) {
  const names = namesOf(flag)
  const first = flag.multiple ? '*' : names.length > 1 ? `(${names.join(' ')})` : ''
  return names.map((name) => {
    const glue = takesValue(flag) ? (name.startsWith('--') ? '=' : '+') : ''
    const value = takesValue(flag) ? `:${flag.helpValue}:${zshAction(flag)}` : ''
    return quote(`${first}${name}${glue}[${zshText(summaryOf(flag))}]${value}`)
  })
}

const zshArg = (arg) => quote(`${arg.multiple ? '*' : ''}:${arg.name}:${zshAction(arg)}`)

const zshCase = ({name, flags, args}) => [
  `${name})`,
  '  specs=(',
  ...indent([...flags.flatMap(zshFlag), ...args.map(zshArg)], '    '),
  '  )',
  '  ;;',
]

const zsh = (commands) => [
  '#compdef cura-te-ipsum',
  '# Completion of cura-te-ipsum for zsh.',
  `# ${made}`,
  '',
  '# PATH or NAME=PATH.',
  '_cura-te-ipsum-source() {',
  "  compset -P '[^/=]##='",
  '  _files -/',
  '}',
  '',
  '_cura-te-ipsum() {',
  `  local command=${oldForm} found=1`,
  '  local -a commands specs',
  '  commands=(',
  ...indent(
    commands.map(({name, summary}) => quote(`${name}:${summary}`)),
    '    ',
  ),
  '  )',
  '  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then',
  '    _describe -t commands command commands && found=0',
  '    _cura-te-ipsum-source && found=0',
  '    return found',
  '  fi',
  '  if ((CURRENT > 2)) && ((${commands[(I)${words[2]}:*]})); then',
  '    command=$words[2]',
  '    words[2]=()',
  '    ((CURRENT--))',
  '  fi',
  '  case $command in',
  ...indent(commands.flatMap(zshCase), '    '),
  '  esac',
  "  ((CURRENT == 2)) && [[ $command == backup ]] && specs+=('--version[Show the version]')",
  '  _arguments -s -S : $specs',
  '}',
  '',
  '# Sourced, or found in fpath and called for the first time.',
  'if [[ $funcstack[1] == _cura-te-ipsum ]]; then',
  '  _cura-te-ipsum "$@"',
  'else',
  '  compdef _cura-te-ipsum cura-te-ipsum',
  'fi',
]

// fish

const fishQuote = (text) => `'${text.replace(/['\\]/g, '\\$&')}'`

const fishCompletions = {
  directory: '__fish_complete_directories',
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
  return ['', ...flags.map(flagLine), ...args.map((arg) => [start, ...fishValues(arg)].join(' '))]
}

const fish = (commands) => [
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
  'complete -c cura-te-ipsum -f',
  ...commands.map(
    ({name, summary}) =>
      `complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a ${name} -d ${fishQuote(summary)}`,
  ),
  "complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -l version -d 'Show the version'",
  ...commands.flatMap(fishLines),
]

/** The scripts by the names of their files. */
export async function completions() {
  const commands = (await readCommands()).map(describe)
  const text = (lines) => `${lines.join('\n')}\n`
  return {
    'cura-te-ipsum.bash': text(bash(commands)),
    '_cura-te-ipsum': text(zsh(commands)),
    'cura-te-ipsum.fish': text(fish(commands)),
  }
}
