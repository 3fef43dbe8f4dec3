# Completion of cura-te-ipsum for bash.
# Made by `npm run generate` from the commands: do not edit.

# Adds each line that compgen prints.
_cura_te_ipsum_reply() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@")
}

# Sets store to the one on the command line, or in CURA_BACKUPS_DIR.
_cura_te_ipsum_store() {
  local at
  store=${CURA_BACKUPS_DIR-}
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
  [[ -n $store ]]
}

_cura_te_ipsum_snapshots() {
  local names='latest oldest' store directory name
  if _cura_te_ipsum_store; then
    for directory in "$store"/[0-9]*_*[0-9]/; do
      directory=${directory%/}
      name=${directory##*/}
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
      directory=${directory%/}
      name=${directory##*/}
    done
  fi
  [[ -n $name && $name != *[!0-9_-]* ]] || return
  compopt -o filenames -o nospace 2>/dev/null
  while IFS= read -r path; do
    [[ $path == "$store/$name"/.backup_* ]] && continue
    [[ -d $path ]] && path+=/
    COMPREPLY+=("${path#"$store/$name/"}")
  done < <(compgen -f -- "$store/$name/$2")
}

_cura_te_ipsum_tags() {
  local store
  _cura_te_ipsum_store || return
  _cura_te_ipsum_reply -W "$(
    sed -n -e '/^ "tags": \[$/,/^ \]/s/^  \(".*"\),\{0,1\}$/\1/p' -e 's/^\[\(".*"\)\]$/\1/p' "$store"/[0-9]*_*[0-9]/.backup_{finished,tags} 2>/dev/null | tr ',' '\n' | tr -d '"' | LC_ALL=C grep '^[A-Za-z0-9_.][A-Za-z0-9_.+-]*$' | sort -u
  )" -- "$1"
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
    -b | --backups-dir | --to | --restore-all | --replica)
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
    --keep-tag | --tag | --add | --remove) _cura_te_ipsum_tags "$current"; return ;;
    --color) _cura_te_ipsum_reply -W 'auto always never' -- "$current"; return ;;
    --exclude-larger-than) _cura_te_ipsum_reply -W '500k 20M 4G' -- "$current"; return ;;
    --keep-all) _cura_te_ipsum_reply -W '24h 7d 30d' -- "$current"; return ;;
    --keep-daily) _cura_te_ipsum_reply -W '7d 30d 90d' -- "$current"; return ;;
    --keep-hourly) _cura_te_ipsum_reply -W '24h 48h 7d' -- "$current"; return ;;
    --keep-last) _cura_te_ipsum_reply -W '1 10 30' -- "$current"; return ;;
    --keep-monthly) _cura_te_ipsum_reply -W '6m 12m 24m' -- "$current"; return ;;
    --keep-weekly) _cura_te_ipsum_reply -W '8w 26w 52w' -- "$current"; return ;;
    --keep-yearly) _cura_te_ipsum_reply -W '3y 5y 10y' -- "$current"; return ;;
    --at) _cura_te_ipsum_reply -W 'today yesterday 2h 3d 2w 6m 1y' -- "$current"; return ;;
    --max-delete) _cura_te_ipsum_reply -W '100 20% all' -- "$current"; return ;;
    --overwrite) _cura_te_ipsum_reply -W 'if-changed always if-newer never' -- "$current"; return ;;
    --suid) _cura_te_ipsum_reply -W 'keep drop' -- "$current"; return ;;
    --max-age) _cura_te_ipsum_reply -W '2h 26h 8d 5w' -- "$current"; return ;;
    --newer) _cura_te_ipsum_reply -W 'today yesterday 2h 3d 2w 6m 1y' -- "$current"; return ;;
    --older) _cura_te_ipsum_reply -W 'today yesterday 2h 3d 2w 6m 1y' -- "$current"; return ;;
    --size) _cura_te_ipsum_reply -W '10M +10M -10M +1G' -- "$current"; return ;;
    --type) _cura_te_ipsum_reply -W 'f d l s' -- "$current"; return ;;
    --last) _cura_te_ipsum_reply -W '1 10 30' -- "$current"; return ;;
    --sort) _cura_te_ipsum_reply -W 'name size mtime' -- "$current"; return ;;
    --top) _cura_te_ipsum_reply -W '10 30' -- "$current"; return ;;
    --bwlimit) _cura_te_ipsum_reply -W '20M 50M 200M' -- "$current"; return ;;
    --for) _cura_te_ipsum_reply -W '20m 1h 6h' -- "$current"; return ;;
    --older-than) _cura_te_ipsum_reply -W '7d 30d 90d' -- "$current"; return ;;
    --read) _cura_te_ipsum_reply -W 'all new bad 10% 50G' -- "$current"; return ;;
    -e | --exclude | --exclude-if-present | --exclude-if-xattr | --host | --iexclude | --ignore-file | --include | --source | --digest) return ;;
  esac
  local commands='backup restore prune status find history snapshots ls diff size delete pin unpin tag verify digests completion'
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
      files=yes
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
    verify)
      flags='-b --backups-dir --bwlimit --color -n --dry-run --for --heal --json --json-lines --older-than -q --quiet --read --replica --source -v --verbose --wait -h --help'
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
  if [[ -n $snapshots && $current == ":" ]]; then
    _cura_te_ipsum_paths "$before" ''
    return
  elif [[ -n $snapshots && $before == ":" ]]; then
    _cura_te_ipsum_paths "${COMP_WORDS[COMP_CWORD - 2]}" "$current"
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

complete -F _cura_te_ipsum cura-te-ipsum
