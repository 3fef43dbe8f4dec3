// The completion script for bash. Version 3.2 of macOS has neither mapfile nor compopt.
import {
  oldForm,
  indent,
  quote,
  tagsFrom,
  takesDirectory,
  namesOf,
  takesValue,
  wordsOf,
  made,
} from './facts.mjs'

function bashCase({name, flags, args}) {
  const words = flags.flatMap(namesOf).join(' ')
  const [first] = args
  return [
    `${name})`,
    `  flags=${quote(words)}`,
    ...(first !== undefined && takesDirectory(first) ? ['  directories=yes'] : []),
    ...(['file', 'what'].includes(first?.complete) ? ['  files=yes'] : []),
    ...(['snapshot', 'what'].includes(first?.complete) ? ['  snapshots=yes'] : []),
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

# Sets store to the one on the command line, or in CURA_BACKUPS_DIR.
_cura_te_ipsum_store() {
  local at
  store=\${CURA_BACKUPS_DIR-}
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
  [[ -n $store ]]
}

_cura_te_ipsum_snapshots() {
  local names='latest oldest' store directory name
  if _cura_te_ipsum_store; then
    for directory in "$store"/[0-9]*_*[0-9]/; do
      directory=\${directory%/}
      name=\${directory##*/}
      # compgen -W expands its words, so a name must be harmless.
      [[ -d $directory && $name != *[!0-9_-]* ]] && names+=" $name"
    done
  fi
  _cura_te_ipsum_reply -W "$names" -- "$1"
}

# The paths in a snapshot: a full name, or latest.
_cura_te_ipsum_paths() {
  local store name=$1 directory path
  _cura_te_ipsum_store || return
  if [[ $name == latest ]]; then
    for directory in "$store"/[0-9]*-*_*[0-9]/; do
      directory=\${directory%/}
      name=\${directory##*/}
    done
  fi
  [[ -n $name && $name != *[!0-9_-]* ]] || return
  compopt -o filenames -o nospace 2>/dev/null
  while IFS= read -r path; do
    [[ $path == "$store/$name"/.backup_* ]] && continue
    [[ -d $path ]] && path+=/
    COMPREPLY+=("\${path#"$store/$name/"}")
  done < <(compgen -f -- "$store/$name/$2")
}

_cura_te_ipsum_tags() {
  local store
  _cura_te_ipsum_store || return
  _cura_te_ipsum_reply -W "$(
    ${tagsFrom('"$store"/[0-9]*_*[0-9]/.backup_{finished,tags}')}
  )" -- "$1"
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
  if [[ -n $snapshots && $current == ":" ]]; then
    _cura_te_ipsum_paths "$before" ''
    return
  elif [[ -n $snapshots && $before == ":" ]]; then
    _cura_te_ipsum_paths "\${COMP_WORDS[COMP_CWORD - 2]}" "$current"
    return
  fi
  [[ -n $snapshots ]] && _cura_te_ipsum_snapshots "$current"
  if [[ -n $files ]]; then
    # With both, a directory with the name of a snapshot must not get a slash.
    [[ -n $snapshots ]] || compopt -o filenames 2>/dev/null
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

const bashTags = (flags) =>
  flags === '' ? [] : [`    ${flags}) _cura_te_ipsum_tags "$current"; return ;;`]

function bashWords(flag) {
  const words = quote(wordsOf(flag).join(' '))
  return `    ${namesOf(flag).join(' | ')}) _cura_te_ipsum_reply -W ${words} -- "$current"; return ;;`
}

export function bash(commands) {
  const flags = commands.flatMap((command) => command.flags).filter(takesValue)
  const withDirectories = flags.filter(takesDirectory)
  const withFiles = flags.filter(({complete}) => complete === 'file')
  const withSnapshots = flags.filter(({complete}) => complete === 'snapshot')
  const withTags = flags.filter(({complete}) => complete === 'tag')
  const rest = flags.filter(({complete}) => complete === undefined)
  const withNothing = rest.filter((flag) => wordsOf(flag).length === 0)
  const pattern = (some) => [...new Set(some.flatMap(namesOf))].join(' | ')
  const names = commands.map(({name}) => name)
  return [
    bashHead,
    '  case $before in',
    ...bashPaths(pattern(withDirectories), '-d'),
    ...bashPaths(pattern(withFiles), '-f'),
    ...bashSnapshots(pattern(withSnapshots)),
    ...bashTags(pattern(withTags)),
    ...new Set(rest.filter((flag) => wordsOf(flag).length > 0).map(bashWords)),
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
