// The completion script for bash. Version 3.2 of macOS has neither mapfile nor compopt.
import {oldForm, indent, quote, takesDirectory, namesOf, takesValue, made} from './facts.mjs'

function bashCase({name, flags, args}) {
  const words = flags.flatMap(namesOf).join(' ')
  const [first] = args
  return [
    `${name})`,
    `  flags=${quote(words)}`,
    ...(first !== undefined && takesDirectory(first) ? ['  directories=yes'] : []),
    ...(first?.complete === 'file' ? ['  files=yes'] : []),
    ...(first?.complete === 'snapshot' ? ['  snapshots=yes'] : []),
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

# The snapshots in the store on the command line, or in CURA_BACKUPS_DIR.
_cura_te_ipsum_snapshots() {
  local store=\${CURA_BACKUPS_DIR-} names='latest oldest' at directory name
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      -b?*) store=\${COMP_WORDS[at]#-b} ;;
      -b | -[!-]*b | --backups-dir)
        store=\${COMP_WORDS[at + 1]}
        [[ $store == "=" ]] && store=\${COMP_WORDS[at + 2]}
        ;;
    esac
  done
  store=\${store//[\\"\\'\\\\]/}
  [[ $store == "~"/* ]] && store=$HOME/\${store#*/}
  if [[ -n $store ]]; then
    for directory in "$store"/[0-9]*_*[0-9]/; do
      directory=\${directory%/}
      name=\${directory##*/}
      # compgen -W expands its words, so a name must be harmless.
      [[ -d $directory && $name != *[!0-9_-]* ]] && names+=" $name"
    done
  fi
  _cura_te_ipsum_reply -W "$names" -- "$1"
}

_cura_te_ipsum() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  local command=${oldForm} flags= words= directories= files= snapshots= at
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
  # A colon begins a path in a snapshot.
  if [[ -n $snapshots && $current != ":" && $before != ":" ]]; then
    _cura_te_ipsum_snapshots "$current"
  fi
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    _cura_te_ipsum_reply -f -- "$current"
  fi
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

const bashSnapshots = (flags) =>
  flags === '' ? [] : [`    ${flags}) _cura_te_ipsum_snapshots "$current"; return ;;`]

export function bash(commands) {
  const flags = commands.flatMap((command) => command.flags).filter(takesValue)
  const withDirectories = flags.filter(takesDirectory)
  const withFiles = flags.filter(({complete}) => complete === 'file')
  const withSnapshots = flags.filter(({complete}) => complete === 'snapshot')
  const withNothing = flags.filter(({complete}) => complete === undefined)
  const pattern = (some) => [...new Set(some.flatMap(namesOf))].join(' | ')
  const names = commands.map(({name}) => name)
  return [
    bashHead,
    '  case $before in',
    ...bashPaths(pattern(withDirectories), '-d'),
    ...bashPaths(pattern(withFiles), '-f'),
    ...bashSnapshots(pattern(withSnapshots)),
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
