# Completion of cura-te-ipsum for fish.
# Made by `npm run generate` from the commands: do not edit.

# True if the command on the line is one of these; none if there is no command yet.
function __cura_te_ipsum_on
    set -l words (commandline -opc)
    set -l command backup
    if not set -q words[2]
        set command none
    else if contains -- $words[2] backup prune status digests completion
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

complete -c cura-te-ipsum -f
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a backup -d 'Make a snapshot of the sources, if they have changed'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a prune -d 'Remove the snapshots that no retention rule keeps'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a status -d 'List the snapshots of a store and report its health'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a digests -d 'Print the SHA-256 digests of a snapshot for sha256sum -c'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -a completion -d 'Print a completion script for a shell'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on none' -l version -d 'Show the version'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l allow-empty -d 'Accept a source that is empty now and had entries in the last snapshot'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l checksum -d 'Compare the contents of all files, not only of those that look changed'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s e -l exclude -x -d 'Exclude what matches a pattern of .gitignore'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l exclude-caches -d 'Exclude the contents of directories with a CACHEDIR.TAG'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l exclude-file -r -F -d 'Read patterns from a file, one per line'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l exclude-if-present -x -d 'Exclude the contents of directories that contain NAME'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l exclude-if-xattr -x -d 'Exclude what has this extended attribute, such as user.nobackup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l exclude-larger-than -x -d 'Exclude larger files; SIZE is for example 500k, 20M or 4G'
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
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-all -x -d 'Keep every snapshot of this period, such as 7d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-daily -x -d 'Keep the first of each day, such as 30d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-hourly -x -d 'Keep the first of each hour, such as 24h'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-last -x -d 'Keep the newest N snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-monthly -x -d 'Keep the first of each month, such as 12m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-tag -x -d 'Keep every snapshot with this tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-weekly -x -d 'Keep the first of each week, such as 52w'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l keep-yearly -x -d 'Keep the first of each year, such as 5y'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l moved -d 'Continue the history that a source of the same name has elsewhere'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l no-digest -d 'Do not compute SHA-256 digests of newly stored files'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l no-prune -d 'Remove no snapshot, even if no rule keeps it'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s x -l one-file-system -d 'Exclude filesystems mounted below a source; keep their empty directories'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l quick-check -d 'Trust size and modification time, as rsync does: do not read files with both unchanged'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -l tag -x -d 'Give the snapshot a tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on backup none' -a '(__cura_te_ipsum_sources)'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s f -l force -d 'Stop another run on this store, and take its place'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l json-lines -d 'Print one JSON object per line as things happen, the summary last'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-all -x -d 'Keep every snapshot of this period, such as 7d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-daily -x -d 'Keep the first of each day, such as 30d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-hourly -x -d 'Keep the first of each hour, such as 24h'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-last -x -d 'Keep the newest N snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-monthly -x -d 'Keep the first of each month, such as 12m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-tag -x -d 'Keep every snapshot with this tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-weekly -x -d 'Keep the first of each week, such as 52w'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -l keep-yearly -x -d 'Keep the first of each year, such as 5y'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on prune' -s h -l help -d 'Show help'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-all -x -d 'Keep every snapshot of this period, such as 7d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-daily -x -d 'Keep the first of each day, such as 30d'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-hourly -x -d 'Keep the first of each hour, such as 24h'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-last -x -d 'Keep the newest N snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-monthly -x -d 'Keep the first of each month, such as 12m'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-tag -x -d 'Keep every snapshot with this tag; repeatable'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-weekly -x -d 'Keep the first of each week, such as 52w'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -l keep-yearly -x -d 'Keep the first of each year, such as 5y'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on status' -s h -l help -d 'Show help'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -s b -l backups-dir -x -a '(__fish_complete_directories)' -d 'The directory that holds the snapshots'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on digests'

complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -l json -d 'Print the result as one JSON object'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -s q -l quiet -d 'Print errors only'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -s v -l verbose -d 'List every change and every excluded entry of a backup'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -s h -l help -d 'Show help'
complete -c cura-te-ipsum -n '__cura_te_ipsum_on completion' -a 'bash fish zsh'
