// What the man page says that no command does. Flags and `names` in it are set in bold.

export const purpose = `A snapshot is a directory in the store that holds the whole tree of the sources, to be opened with \`ls\`, and copied back with \`cp -a\`. What has not changed since the snapshot before is a hardlink to it and takes no space. Where nothing has changed no snapshot is made.

A snapshot is made under a hidden name and appears when it is complete: a kill or a power cut leaves a whole one or none. A snapshot that is there is never changed. Copy files out of it, and do not edit them in place: such a file is one inode in many snapshots.

Without the name of a command the command line is that of \`backup\`.`

export const patterns = {
  text: `Patterns are those of gitignore. They are matched while directories are listed, so that what is left out is never read, and of several that match the last one decides. Those of --exclude-file come first, then those of -e, then those of --iexclude. A source that is named is never left out itself. With -n -v each thing left out is named with the rule that did it.`,
  list: [
    ['*.o', 'whatever ends in .o, in any directory'],
    ['build/', 'directories of that name, but no files'],
    ['/cache', 'what is called so directly in a source, not deeper'],
    [
      'docs/*.pdf',
      'PDF files directly in docs of the source: a slash within ties it to the source',
    ],
    ['a/**/z', 'z below a, with any number of directories between, or none'],
    ['photo[0-9]?.jpg', 'one of a set, and any one byte; [!...] is any other'],
    ['!keep.o', 'nothing: it takes back what an earlier pattern left out'],
  ],
}

export const variables = {
  text: 'Each flag has a variable, which is named with it. A switch is on with 1, true, y or yes, and off with 0, false, n or no. What may be given more than once has its tags divided by commas, and its patterns, files and names by line breaks. The command line counts more.',
  list: [
    ['TZ', 'The zone of time in which snapshots are named and days begin.'],
    ['RSYNC_RSH', 'With --external-rsync, as other variables of rsync(1).'],
  ],
}

export const files = {
  text: 'In the store:',
  list: [
    ['2026-11-22_22-00-00/', 'A snapshot, named by the local time of its start.'],
    ['2026-11-22_22-00-00/NAME', 'A source, under its last name or that of NAME=PATH.'],
    [
      '2026-11-22_22-00-00/.backup_finished',
      'The marker, in JSON. Without it a snapshot is unfinished.',
    ],
    ['2026-11-22_22-00-00/.backup_manifest', 'The record of the tree.'],
    ['2026-11-22_22-00-00/.backup_delta/', 'Hardlinks to what this snapshot added or changed.'],
    ['2026-11-22_22-00-00/.backup_pinned', 'Made with touch(1): such a snapshot is never removed.'],
    ['.backups_lock', 'The lock, only while a run is on.'],
    [
      '.partial-NAME/, .trash-NAME/',
      'Work in progress, or what a run left that was cut off. The next run removes it.',
    ],
  ],
}
