# Completion of cura-te-ipsum for bash.
# Made by `npm run generate` from the commands: do not edit.

# Adds each line that compgen prints.
_cura_te_ipsum_reply() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@")
}

_cura_te_ipsum() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command=backup flags= words= directories= at
  COMPREPLY=()
  # --flag=value and NAME=PATH come as three words.
  if [[ $current == "=" ]]; then
    current=''
  elif [[ $before == "=" ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $before in
    -b | --backups-dir)
      compopt -o filenames 2>/dev/null
      _cura_te_ipsum_reply -d -- "$current"
      return
      ;;
    --exclude-file)
      compopt -o filenames 2>/dev/null
      _cura_te_ipsum_reply -f -- "$current"
      return
      ;;
    -e | --exclude | --exclude-if-present | --exclude-if-xattr | --exclude-larger-than | --host | --iexclude | --ignore-file | --keep-all | --keep-daily | --keep-hourly | --keep-last | --keep-monthly | --keep-tag | --keep-weekly | --keep-yearly | --tag) return ;;
  esac
  local commands='backup prune status digests completion'
  if ((COMP_CWORD > 1)) && [[ " $commands " == *" ${COMP_WORDS[1]} "* ]]; then
    command=${COMP_WORDS[1]}
  fi
  case $command in
    backup)
      flags='--allow-empty -b --backups-dir --checksum -n --dry-run -e --exclude --exclude-caches --exclude-file --exclude-if-present --exclude-if-xattr --exclude-larger-than --external-hardlink --external-rsync -f --force --host --iexclude --ignore-ctime --ignore-file --ignore-inode --json --json-lines --keep-all --keep-daily --keep-hourly --keep-last --keep-monthly --keep-tag --keep-weekly --keep-yearly --moved --no-digest --no-prune -x --one-file-system --quick-check -q --quiet --tag -v --verbose -h --help'
      directories=yes
      ;;
    prune)
      flags='-b --backups-dir -n --dry-run -f --force --json --json-lines --keep-all --keep-daily --keep-hourly --keep-last --keep-monthly --keep-tag --keep-weekly --keep-yearly -q --quiet -v --verbose -h --help'
      ;;
    status)
      flags='-b --backups-dir --json --keep-all --keep-daily --keep-hourly --keep-last --keep-monthly --keep-tag --keep-weekly --keep-yearly -q --quiet -v --verbose -h --help'
      ;;
    digests)
      flags='-b --backups-dir --json -q --quiet -v --verbose -h --help'
      ;;
    completion)
      flags='--json -q --quiet -v --verbose -h --help'
      words='bash fish zsh'
      ;;
  esac
  for ((at = 1; at < COMP_CWORD; at++)); do
    [[ ${COMP_WORDS[at]} == -- ]] && flags=''
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

complete -F _cura_te_ipsum cura-te-ipsum
