# Completion of cura-te-ipsum for bash.
# Made by `npm run generate` from the commands: do not edit.

# Adds each line that compgen prints.
_cura_te_ipsum_reply() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@")
}

# The snapshots in the store on the command line, or in CURA_BACKUPS_DIR.
_cura_te_ipsum_snapshots() {
  local store=${CURA_BACKUPS_DIR-} names='latest oldest' at directory name
  for ((at = 1; at < COMP_CWORD; at++)); do
    case ${COMP_WORDS[at]} in
      -b?*) store=${COMP_WORDS[at]#-b} ;;
      -b | -[!-]*b | --backups-dir)
        store=${COMP_WORDS[at + 1]}
        [[ $store == "=" ]] && store=${COMP_WORDS[at + 2]}
        ;;
    esac
  done
  store=${store//[\"\'\\]/}
  [[ $store == "~"/* ]] && store=$HOME/${store#*/}
  if [[ -n $store ]]; then
    for directory in "$store"/[0-9]*_*[0-9]/; do
      directory=${directory%/}
      name=${directory##*/}
      # compgen -W expands its words, so a name must be harmless.
      [[ -d $directory && $name != *[!0-9_-]* ]] && names+=" $name"
    done
  fi
  _cura_te_ipsum_reply -W "$names" -- "$1"
}

_cura_te_ipsum() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command=backup flags= words= directories= files= snapshots= at
  COMPREPLY=()
  # --flag=value and NAME=PATH come as three words.
  if [[ $current == "=" ]]; then
    current=''
  elif [[ $before == "=" ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $before in
    -b | --backups-dir | --to | --restore-all)
      compopt -o filenames 2>/dev/null
      _cura_te_ipsum_reply -d -- "$current"
      return
      ;;
    --exclude-file | --same-as)
      compopt -o filenames 2>/dev/null
      _cura_te_ipsum_reply -f -- "$current"
      return
      ;;
    --from) _cura_te_ipsum_snapshots "$current"; return ;;
    --color | -e | --exclude | --exclude-if-present | --exclude-if-xattr | --exclude-larger-than | --host | --iexclude | --ignore-file | --keep-all | --keep-daily | --keep-hourly | --keep-last | --keep-monthly | --keep-tag | --keep-weekly | --keep-yearly | --tag | --at | --include | --max-delete | --overwrite | --source | --suid | --max-age | --digest | --newer | --older | --size | --type | --last | --sort | --top | --add | --remove) return ;;
  esac
  local commands='backup restore prune status find history snapshots ls diff size delete pin unpin tag digests completion'
  if ((COMP_CWORD > 1)) && [[ " $commands " == *" ${COMP_WORDS[1]} "* ]]; then
    command=${COMP_WORDS[1]}
  fi
  case $command in
    backup)
      flags='--allow-empty -b --backups-dir --checksum --color -n --dry-run -e --exclude --exclude-caches --exclude-file --exclude-if-present --exclude-if-xattr --exclude-larger-than --external-hardlink --external-rsync -f --force --host --iexclude --ignore-ctime --ignore-file --ignore-inode --json --json-lines --keep-all --keep-daily --keep-hourly --keep-last --keep-monthly --keep-tag --keep-weekly --keep-yearly --moved --no-digest --no-prune -x --one-file-system --quick-check -q --quiet --tag -v --verbose --wait -h --help'
      directories=yes
      ;;
    restore)
      flags='--at -b --backups-dir --checksum --color --delete --delete-excluded -n --dry-run -e --exclude --exclude-file --from --host --iexclude --in-place --include --json --json-lines --max-delete --no-guard --no-owner --no-xattr --overwrite -q --quiet --source --suid --tag --to -v --verbose --wait -h --help'
      snapshots=yes
      ;;
    prune)
      flags='-b --backups-dir --color -n --dry-run -f --force --json --json-lines --keep-all --keep-daily --keep-hourly --keep-last --keep-monthly --keep-tag --keep-weekly --keep-yearly -q --quiet -v --verbose --wait -h --help'
      snapshots=yes
      ;;
    status)
      flags='-b --backups-dir --color --json --keep-all --keep-daily --keep-hourly --keep-last --keep-monthly --keep-tag --keep-weekly --keep-yearly --max-age -q --quiet --source -v --verbose -h --help'
      ;;
    find)
      flags='-b --backups-dir --color --deleted --digest --host -i --ignore-case --json --json-lines --newer --older -0 --print0 -q --quiet --same-as --size --source --tag --type -v --verbose -h --help'
      ;;
    history)
      flags='-b --backups-dir --color --deleted --host --json --json-lines --metadata --no-follow -0 --print0 -q --quiet --restore-all --source --tag -v --verbose -h --help'
      files=yes
      ;;
    snapshots)
      flags='-b --backups-dir --color --host --json --json-lines --keep-all --keep-daily --keep-hourly --keep-last --keep-monthly --keep-tag --keep-weekly --keep-yearly --last -q --quiet --size --source --tag -v --verbose -h --help'
      ;;
    ls)
      flags='--at -b --backups-dir --color --host --json --json-lines -l --long --ncdu -q --quiet -R --recursive -r --reverse --sort --source --tag -v --verbose -h --help'
      snapshots=yes
      ;;
    diff)
      flags='--at -b --backups-dir --color --content --exit-code --host --json --json-lines --live --metadata --name-only -q --quiet --source --stat --tag -v --verbose -h --help'
      snapshots=yes
      ;;
    size)
      flags='--at -b --backups-dir --color --host --json --json-lines -q --quiet --source --tag --top -v --verbose -h --help'
      snapshots=yes
      ;;
    delete)
      flags='--all --allow-last --at -b --backups-dir --color -n --dry-run -f --force --host --json --json-lines -q --quiet --source --tag -v --verbose --wait -h --help'
      snapshots=yes
      ;;
    pin)
      flags='--at -b --backups-dir --color -n --dry-run -f --force --host --json -q --quiet --source --tag -v --verbose --wait -h --help'
      snapshots=yes
      ;;
    unpin)
      flags='--at -b --backups-dir --color -n --dry-run -f --force --host --json -q --quiet --source --tag -v --verbose --wait -h --help'
      snapshots=yes
      ;;
    tag)
      flags='--add --at -b --backups-dir --color -n --dry-run -f --force --host --json -q --quiet --remove --source --tag -v --verbose --wait -h --help'
      snapshots=yes
      ;;
    digests)
      flags='--at -b --backups-dir --color --host --json --json-lines -q --quiet --source --tag -v --verbose -h --help'
      snapshots=yes
      ;;
    completion)
      flags='--color --json -q --quiet -v --verbose -h --help'
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

complete -F _cura_te_ipsum cura-te-ipsum
