# Completion of cura-te-ipsum for fish.
# Made by `npm run generate` from the commands: do not edit.

# True if the command on the line is one of these; none if there is no command yet.
function __cura_te_ipsum_on
    set -l words (commandline -opc)
    set -l command backup
    if not set -q words[2]
        set command none
    else if contains -- $words[2] backup restore prune status find history snapshots ls diff size delete pin unpin tag verify digests completion
        set command $words[2]
    end
    contains -- $command $argv
end

# PATH or NAME=PATH.
function __cura_te_ipsum_sources
    set -l word (commandline -ct)
    set -l name (string match -r -- '^[^/=]+=' $word)
    set -l path (string replace -r -- '^[^/=]+=' '' $word)
    printf '%s\n' "$name"(__fish_complete_directories "$path")
end

# Prints the store on the command line, or in CURA_BACKUPS_DIR.
function __cura_te_ipsum_store
    set -l store $CURA_BACKUPS_DIR
    set -l words (commandline -opc)
    for at in (seq (count $words))
        set -l next $words[(math $at + 1)]
        if string match -qr -- '^(-b|-[^-].*b|--backups-dir)$' $words[$at]
            set store $next
        else if string match -qr -- '^(-b|--backups-dir=)' $words[$at]
            set store (string replace -r -- '^(-b|--backups-dir=)' '' $words[$at])
        end
    end
    string replace -r -- '^~(?=/)' $HOME $store
end

# SNAPSHOT, or the paths behind SNAPSHOT:
function __cura_te_ipsum_snapshots
    set -l store (__cura_te_ipsum_store)
    set -l parts (string split -m 1 -- ':' (commandline -ct))
    if set -q parts[2]
        test -n "$store"; and __cura_te_ipsum_paths $store $parts
        return
    end
    printf '%s\n' latest oldest
    test -n "$store"; or return
    for directory in $store/*_*/
        string match -r -- '(?<=/)[0-9-]+_[0-9-]+(?=/$)' $directory
    end
end

# The paths in a snapshot of a store: a full name, or latest.
function __cura_te_ipsum_paths -a store name path
    set -l directory $store/$name
    if test "$name" = latest
        set -l all $store/*-*_*/
        set directory (string trim -r -c / -- $all[-1])
    end
    string match -qr -- '/[0-9-]+_[0-9-]+$' $directory; or return
    for found in $directory/$path*
        test -d $found; and set found $found/
        string replace -- $directory/ "$name:" $found
    end
end

function __cura_te_ipsum_tags
    set -l store (__cura_te_ipsum_store)
    test -n "$store"; or return
    set -l files $store/*_*/.backup_finished $store/*_*/.backup_tags
    set -q files[1]; or return
    sed -n -e '/^ "tags": \[$/,/^ \]/s/^  \(".*"\),\{0,1\}$/\1/p' -e 's/^\[\(".*"\)\]$/\1/p' $files 2>/dev/null | tr ',' '\n' | tr -d '"' | LC_ALL=C grep '^[A-Za-z0-9_.][A-Za-z0-9_.+-]*$' | sort -u
end

complete -c cura-te-ipsum -f
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a backup -d 'Make a snapshot of the sources, if they have changed'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a restore -d 'Restore files, in place or into a directory'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a prune -d 'Remove the snapshots that no retention rule keeps'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a status -d 'List the snapshots of a store and report its health'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a find -d 'Find files in all snapshots, also deleted ones'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a history -d 'List the versions of a file, newest first'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a snapshots -d 'List the snapshots of a store'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a ls -d 'List what is in a snapshot'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a diff -d 'Show what differs between two snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a size -d 'Show exactly what removing snapshots would free on disk'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a delete -d 'Delete the snapshots that you name'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a pin -d 'Keep snapshots forever'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a unpin -d 'Let the retention rules judge pinned snapshots again'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a tag -d 'Add tags to snapshots, or remove them'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a verify -d 'Prove that the stored snapshots are as they were recorded'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a digests -d 'Print the SHA-256 digests of a snapshot for sha256sum -c'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a completion -d 'Print a completion script for a shell'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -l version -d 'Show the version'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l allow-empty -d 'Accept a source that is empty now and had entries in the last snapshot'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l checksum -d 'Compare the contents of all files, not only of those that look changed'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s e -l exclude -x -d 'Exclude what matches a pattern of .gitignore'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l exclude-caches -d 'Exclude the contents of directories with a CACHEDIR.TAG'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l exclude-file -r -F -d 'Read patterns from a file, one per line'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l exclude-if-present -x -d 'Exclude the contents of directories that contain NAME'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l exclude-if-xattr -x -d 'Exclude what has this extended attribute, such as user.nobackup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l exclude-larger-than -x -a '500k 20M 4G' -d 'Exclude larger files; SIZE is for example 500k, 20M or 4G'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l external-hardlink -d 'Make the hardlinks to the previous snapshot with cp (gcp on macOS)'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l external-rsync -d 'Copy with the installed rsync; a source may then be on another host'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s f -l force -d 'Stop another run on this store, and take its place'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l host -x -d 'Identify this machine by NAME instead of by its machine id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l iexclude -x -d 'Like --exclude, ignoring the case of the letters a to z'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l ignore-ctime -d 'Do not treat a new ctime as a change'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l ignore-file -x -d 'Read each directory\'s patterns from its file NAME, such as .gitignore'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l ignore-inode -d 'Do not treat a new inode number as a change; moved files are copied'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-all -x -a '24h 7d 30d' -d 'Keep every snapshot of this period, such as 7d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-daily -x -a '7d 30d 90d' -d 'Keep the first of each day, such as 30d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-hourly -x -a '24h 48h 7d' -d 'Keep the first of each hour, such as 24h'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-last -x -a '1 10 30' -d 'Keep the newest N snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-monthly -x -a '6m 12m 24m' -d 'Keep the first of each month, such as 12m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-tag -x -a '(__cura_te_ipsum_tags)' -d 'Keep every snapshot with this tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-weekly -x -a '8w 26w 52w' -d 'Keep the first of each week, such as 52w'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-yearly -x -a '3y 5y 10y' -d 'Keep the first of each year, such as 5y'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l moved -d 'Continue the history that a source of the same name has elsewhere'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l no-digest -d 'Do not compute SHA-256 digests of newly stored files'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l no-prune -d 'Remove no snapshot, even if no rule keeps it'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s x -l one-file-system -d 'Exclude filesystems mounted below a source; keep their empty directories'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l quick-check -d 'Trust size and modification time as rsync does: read no file with both unchanged'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Give the snapshot a tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l wait -d 'Wait for another run on this store to end, at most TIME, such as 10m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -a '(__cura_te_ipsum_sources)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l at -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Use the newest snapshot at or before TIME, such as 3d or yesterday'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l checksum -d 'Compare the contents of files that are not certainly unchanged'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l delete -d 'Delete what the snapshot does not have, but nothing that it excluded'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l delete-excluded -d 'With --delete, also delete what the snapshot excluded'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -s e -l exclude -x -d 'Neither restore nor delete what matches a pattern of .gitignore'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l exclude-file -r -F -d 'Read such patterns from a file, one per line'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l from -x -a '(__cura_te_ipsum_snapshots)' -d 'Restore the paths as they are in this snapshot'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l iexclude -x -d 'The same, ignoring the case of the letters a to z'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l in-place -d 'Restore to where it was backed up from'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l include -x -d 'Restore what matches even if --exclude matches it as well'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l max-delete -x -a '100 20% all' -d 'Delete at most LIMIT entries: a number, a share such as 20%, or all'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l no-guard -d 'In place, do not save what is there now, so that there is no undo'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l no-owner -d 'Do not restore owners and groups'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l no-xattr -d 'Do not restore extended attributes and ACLs'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l overwrite -x -a 'if-changed always if-newer never' -d 'Replace what exists: if-changed (default in place), always, if-newer or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l suid -x -a 'keep drop' -d 'Keep or drop set-user-ID and set-group-ID bits'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l to -x -a '(__fish_complete_directories)' -d 'Restore into this directory; what exists there is kept'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -l wait -d 'Wait for another run on this store to end, at most TIME, such as 10m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on restore' -F -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s f -l force -d 'Stop another run on this store, and take its place'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-all -x -a '24h 7d 30d' -d 'Keep every snapshot of this period, such as 7d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-daily -x -a '7d 30d 90d' -d 'Keep the first of each day, such as 30d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-hourly -x -a '24h 48h 7d' -d 'Keep the first of each hour, such as 24h'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-last -x -a '1 10 30' -d 'Keep the newest N snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-monthly -x -a '6m 12m 24m' -d 'Keep the first of each month, such as 12m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-tag -x -a '(__cura_te_ipsum_tags)' -d 'Keep every snapshot with this tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-weekly -x -a '8w 26w 52w' -d 'Keep the first of each week, such as 52w'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-yearly -x -a '3y 5y 10y' -d 'Keep the first of each year, such as 5y'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l wait -d 'Wait for another run on this store to end, at most TIME, such as 10m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-all -x -a '24h 7d 30d' -d 'Keep every snapshot of this period, such as 7d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-daily -x -a '7d 30d 90d' -d 'Keep the first of each day, such as 30d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-hourly -x -a '24h 48h 7d' -d 'Keep the first of each hour, such as 24h'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-last -x -a '1 10 30' -d 'Keep the newest N snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-monthly -x -a '6m 12m 24m' -d 'Keep the first of each month, such as 12m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-tag -x -a '(__cura_te_ipsum_tags)' -d 'Keep every snapshot with this tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-weekly -x -a '8w 26w 52w' -d 'Keep the first of each week, such as 52w'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-yearly -x -a '3y 5y 10y' -d 'Keep the first of each year, such as 5y'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l max-age -x -a '2h 26h 8d 5w' -d 'Exit with 3 if the last good run of a source is older, such as 26h'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -s h -l help -d 'Show help'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l deleted -d 'Only what is missing in the newest snapshot'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l digest -x -d 'Only files with this SHA-256 digest'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -s i -l ignore-case -d 'Ignore the case of the letters a to z'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l newer -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Only what was modified since TIME'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l older -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Only what was modified before TIME'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -s 0 -l print0 -d 'Print paths only, as raw bytes, each followed by a null byte'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l same-as -r -F -d 'Only files with the same content as this file of the machine'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l size -x -a '10M +10M -10M +1G' -d 'Only files larger (+10M), smaller (-10M) or exactly as large (10M)'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -l type -x -a 'f d l s' -d 'Only files (f), directories (d), symlinks (l) or special files (s)'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on find'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -l deleted -d 'List what was deleted below the directory'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -l metadata -d 'Count changed permissions, owners and times as versions'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -l no-follow -d 'Do not follow renames'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -s 0 -l print0 -d 'Print paths only, as raw bytes, each followed by a null byte'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -l restore-all -x -a '(__fish_complete_directories)' -d 'Copy every version into this directory'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on history' -F

complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l keep-all -x -a '24h 7d 30d' -d 'Keep every snapshot of this period, such as 7d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l keep-daily -x -a '7d 30d 90d' -d 'Keep the first of each day, such as 30d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l keep-hourly -x -a '24h 48h 7d' -d 'Keep the first of each hour, such as 24h'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l keep-last -x -a '1 10 30' -d 'Keep the newest N snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l keep-monthly -x -a '6m 12m 24m' -d 'Keep the first of each month, such as 12m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l keep-tag -x -a '(__cura_te_ipsum_tags)' -d 'Keep every snapshot with this tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l keep-weekly -x -a '8w 26w 52w' -d 'Keep the first of each week, such as 52w'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l keep-yearly -x -a '3y 5y 10y' -d 'Keep the first of each year, such as 5y'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l last -x -a '1 10 30' -d 'Only the newest N snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l size -d 'Add what removing each snapshot alone would free'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on snapshots' -s h -l help -d 'Show help'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -l at -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Use the newest snapshot at or before TIME, such as 3d or yesterday'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -s l -l long -d 'Show mode, owner, size and time'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -l ncdu -d 'Print an export for ncdu -f'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -s R -l recursive -d 'List everything below the path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -s r -l reverse -d 'Reverse the order'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -l sort -x -a 'name size mtime' -d 'Sort by name (the default), size (largest first) or mtime (newest first)'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on ls' -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l at -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Use the newest snapshot at or before TIME, such as 3d or yesterday'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l content -d 'Show how the contents of text files differ'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l exit-code -d 'Exit with 7 if there are differences'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l live -d 'Compare with the sources as they are now'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l metadata -d 'List changed permissions, owners and times as well'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l name-only -d 'Print only paths'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l stat -d 'Print only the counts'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -a '(__cura_te_ipsum_snapshots)'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on diff' -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -l at -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Use the newest snapshot at or before TIME, such as 3d or yesterday'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -l top -x -a '10 30' -d 'List the N paths that cost most'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on size' -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -l all -d 'Delete all snapshots of the source given by --source'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -l allow-last -d 'Also delete the last snapshot of a source'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -l at -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Use the newest snapshot at or before TIME, such as 3d or yesterday'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -s f -l force -d 'Stop another run on this store, and take its place'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -l wait -d 'Wait for another run on this store to end, at most TIME, such as 10m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on delete' -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -l at -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Use the newest snapshot at or before TIME, such as 3d or yesterday'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -s f -l force -d 'Stop another run on this store, and take its place'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -l wait -d 'Wait for another run on this store to end, at most TIME, such as 10m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on pin' -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -l at -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Use the newest snapshot at or before TIME, such as 3d or yesterday'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -s f -l force -d 'Stop another run on this store, and take its place'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -l wait -d 'Wait for another run on this store to end, at most TIME, such as 10m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on unpin' -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -l add -x -a '(__cura_te_ipsum_tags)' -d 'Add a tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -l at -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Use the newest snapshot at or before TIME, such as 3d or yesterday'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -s f -l force -d 'Stop another run on this store, and take its place'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -l remove -x -a '(__cura_te_ipsum_tags)' -d 'Remove a tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -l wait -d 'Wait for another run on this store to end, at most TIME, such as 10m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on tag' -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l bwlimit -x -a '20M 50M 200M' -d 'Read at most SIZE per second, such as 50M'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l for -x -a '20m 1h 6h' -d 'Read for TIME, such as 20m; the next run goes on'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l heal -d 'Replace what is damaged by a good copy, from the source or the store'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l older-than -x -a '7d 30d 90d' -d 'Read only what was not read for TIME, such as 30d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l read -x -a 'all new bad 10% 50G' -d 'Read contents: all, new (never read), bad (failed before), 10% or 50G'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l replica -x -a '(__fish_complete_directories)' -d 'With --heal: take good copies from this other store, too'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l source -d 'Compare the live sources with the store, to find damage in the sources'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -l wait -d 'Wait for another run on this store to end, at most TIME, such as 10m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on verify' -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -l at -x -a 'today yesterday 2h 3d 2w 6m 1y' -d 'Use the newest snapshot at or before TIME, such as 3d or yesterday'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -l host -x -d 'Only snapshots of this machine: its name, or its id'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -l source -x -d 'Only snapshots of this source: its name, or its path'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -l tag -x -a '(__cura_te_ipsum_tags)' -d 'Only snapshots with this tag'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -a '(__cura_te_ipsum_snapshots)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -l color -x -a 'auto always never' -d 'Use colours: auto (on a terminal, without NO_COLOR), always or never'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -a 'bash fish zsh'
