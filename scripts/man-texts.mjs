// The texts of the man page that no command has. Flags and `names` in them are set in bold.

export const purpose = `A snapshot is a directory in the store that contains the whole tree of the sources. Open it with \`ls\`, and copy files back with \`cp -a\`. Everything unchanged since the previous snapshot is a hardlink to it and takes no space. If nothing has changed, no snapshot is made.

A snapshot is made under a hidden name and appears when it is complete: after a kill or a power cut it is there as a whole or not at all. A published snapshot is never changed. Copy files out of a snapshot; do not edit them in place, because several snapshots share one inode.

A command line without a command's name is a \`backup\`.`

export const patterns = {
  text: `Patterns work as in .gitignore. They are matched while directories are listed, so excluded directories are never read. If several patterns match, the last one decides. The patterns of --exclude-file come first, then those of -e, then those of --iexclude. A source on the command line is never excluded itself. -n -v lists each excluded entry with the rule that excluded it.`,
  list: [
    ['*.o', 'names that end in .o, in any directory'],
    ['build/', 'directories of this name, but no files'],
    ['/cache', 'an entry of this name directly in a source, not deeper'],
    [
      'docs/*.pdf',
      'PDF files directly in docs of the source: a slash inside a pattern ties it to the source',
    ],
    ['a/**/z', 'z below a, with any number of directories between them'],
    [
      'photo[0-9]?.jpg',
      'one character of a set, and any one byte; [!...] means any other character',
    ],
    ['!keep.o', 'includes again what an earlier pattern excluded'],
  ],
}

export const variables = {
  text: 'Flags have variables, which are listed with the flags; those that choose snapshots and ask questions have none, so that an answer does not depend on the environment. Flags override variables. 1, true, y or yes turns a switch on, and 0, false, n or no turns it off. Separate several tags by commas, and several patterns, files or names by line breaks. An unknown CURA_ variable is an error, because a typo in a retention rule would make the default policy apply. CURA_CONFIG, CURA_PROFILE, CURA_STORE, CURA_SNAPSHOT, CURA_EXIT, CURA_RESULT and CURA_REPORT are ignored.',
  list: [
    ['TZ', 'The time zone of snapshot names, and of the days that retention counts.'],
    ['RSYNC_RSH', 'With --external-rsync, like the other variables of rsync(1).'],
  ],
}

export const files = {
  text: 'In the store:',
  list: [
    ['2026-11-22_22-00-00/', 'A snapshot, named by the local time of its start.'],
    ['2026-11-22_22-00-00/NAME', 'A source, under its last name or the name in NAME=PATH.'],
    [
      '2026-11-22_22-00-00/.backup_finished',
      'The marker, in JSON. A snapshot without it is unfinished.',
    ],
    ['2026-11-22_22-00-00/.backup_manifest', 'The record of the tree.'],
    ['2026-11-22_22-00-00/.backup_delta/', 'Hardlinks to what this snapshot added or changed.'],
    [
      '2026-11-22_22-00-00/.backup_pinned',
      'Made by pin, or with touch(1): the snapshot is never removed.',
    ],
    [
      '2026-11-22_22-00-00/.backup_tags',
      'Made by tag: a JSON list of the tags, which replaces those of the marker.',
    ],
    ['.backups_lock', 'The lock, during a run.'],
    [
      '.partial-NAME/, .trash-NAME/',
      'Work in progress, or leftovers of an interrupted run, which the next run removes.',
    ],
  ],
}
