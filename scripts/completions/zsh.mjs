// The completion script for zsh.
import {
  oldForm,
  indent,
  quote,
  wordsOf,
  tagsFrom,
  summaryOf,
  namesOf,
  takesValue,
  made,
} from './facts.mjs'

const zshText = (text) => text.replace(/[[\]:\\]/g, '\\$&')

const zshCompletions = {
  directory: '_files -/',
  file: '_files',
  snapshot: '_cura-te-ipsum-snapshot',
  source: '_cura-te-ipsum-source',
  tag: '_cura-te-ipsum-tag',
  what: '_cura-te-ipsum-what',
}

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

const storeFunctions = [
  '# Sets store to the one on the command line, or in CURA_BACKUPS_DIR.',
  '_cura-te-ipsum-store() {',
  '  local at',
  '  store=${CURA_BACKUPS_DIR-}',
  '  for ((at = 1; at < CURRENT; at++)); do',
  '    case $words[at] in',
  '      -b?*) store=${words[at]#-b} ;;',
  '      --backups-dir=*) store=${words[at]#*=} ;;',
  '      -b | -[^-]*b | --backups-dir) store=$words[at+1] ;;',
  '    esac',
  '  done',
  '  store=${(Q)~store}',
  '  [[ -n $store ]]',
  '}',
  '',
  '# SNAPSHOT or SNAPSHOT:PATH.',
  '_cura-te-ipsum-snapshot() {',
  '  local store name',
  '  local -a names root',
  '  _cura-te-ipsum-store && names=($store/[0-9-]##_[0-9-]##(N/:t))',
  "  if compset -P 1 '*:'; then",
  '    name=${${IPREFIX%:}##*=}',
  '    [[ $name == latest ]] && name=${${(M)names:#*-*_*}[-1]}',
  '    ((${names[(Ie)$name]})) || return',
  '    root=(${store:a}/$name)',
  '    _path_files -W root',
  '    return',
  '  fi',
  '  compadd latest oldest $names',
  '}',
  '',
  '_cura-te-ipsum-what() {',
  '  local found=1',
  '  [[ $PREFIX != *:* ]] && _files && found=0',
  '  _cura-te-ipsum-snapshot && found=0',
  '  return found',
  '}',
  '',
  '_cura-te-ipsum-tag() {',
  '  local store',
  '  local -a files',
  '  _cura-te-ipsum-store && files=($store/*_*/.backup_{finished,tags}(N))',
  '  (($#files)) || return',
  `  compadd $(${tagsFrom('$files')})`,
  '}',
  '',
]

export const zsh = (commands) => [
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
  ...storeFunctions,
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
