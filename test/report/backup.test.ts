// The text and the JSON of a backup.
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import type {BackupResult} from '../../src/operations/backup-result.js'
import {backupJson} from '../../src/report/json.js'
import {JsonList} from '../../src/report/json-pieces.js'
import type {Change, Failure} from '../../src/native/native.js'
import {backupReport, changeLines} from '../../src/report/backup.js'

const none = {new: 0, changed: 0, metadata: 0, renamed: 0, deleted: 0}

const result: BackupResult = {
  dryRun: false,
  snapshot: '2026-11-22_22-30-00',
  previous: '2026-11-21_22-30-00',
  differs: true,
  start: new Date('2026-11-22T21:30:00.000Z'),
  end: new Date('2026-11-22T21:30:04.100Z'),
  totals: {files: 117_745, directories: 12_002, symlinks: 0, specials: 0, bytes: 2_400_000_000},
  changes: {new: 1203, changed: 34, metadata: 5, renamed: 3, deleted: 2},
  fileChanges: {...none, new: 1200, changed: 34, renamed: 3, deleted: 2},
  directoryChanges: {...none, new: 3, metadata: 5},
  addedBytes: 120_000_000,
  shortage: null,
  omitted: 0,
  rebuilt: null,
  failures: {list: [], errors: 0, warnings: 0},
  carried: [],
  notes: [],
  future: [],
  notices: [],
  warnings: [],
  pruned: null,
  madeRoom: [],
  exit: 0,
}

const failure = (path: string, code: string, warning = false): Failure => ({
  path: Buffer.from(path),
  code,
  syscall: 'openat',
  warning,
})

const twentyFive = {
  list: Array.from({length: 25}, (_, index) => failure(`docs/${index}`, 'EACCES')),
  errors: 30,
  warnings: 0,
}

// The case, the summary, and the problems on stderr.
const table: ReadonlyArray<[string, Partial<BackupResult>, string[], string[]]> = [
  [
    'a snapshot',
    {},
    [
      'Snapshot 2026-11-22_22-30-00 is complete: 117,745 files, 2.4 GB, in 4.1 s.',
      '  files: 1,200 new, 34 changed, 3 renamed, 2 deleted; directories: 3 new, 5 with changed permissions or dates; 120 MB added, the rest shared with 2026-11-21_22-30-00.',
    ],
    [],
  ],
  [
    'the first snapshot',
    {previous: null, fileChanges: {...none, new: 129_747}, addedBytes: 2_400_000_000},
    [
      'Snapshot 2026-11-22_22-30-00 is complete: 117,745 files, 2.4 GB, in 4.1 s.',
      '  First snapshot: 2.4 GB added.',
    ],
    [],
  ],
  [
    'a snapshot that shares nothing',
    {fileChanges: {...none, new: 129_747}, directoryChanges: none, addedBytes: 2_400_000_000},
    [
      'Snapshot 2026-11-22_22-30-00 is complete: 117,745 files, 2.4 GB, in 4.1 s.',
      '  files: 129,747 new; 2.4 GB added.',
    ],
    [],
  ],
  [
    'nothing changed',
    {snapshot: null, differs: false, changes: none},
    ['Nothing has changed since 2026-11-21_22-30-00: no snapshot was made.'],
    [],
  ],
  [
    'a dry run',
    {
      snapshot: null,
      dryRun: true,
      fileChanges: none,
      directoryChanges: {...none, deleted: 2},
      addedBytes: 0,
    },
    [
      'Would make a snapshot of 117,745 files, 2.4 GB: directories: 2 deleted.',
      'Would add 0 B, the rest shared with 2026-11-21_22-30-00.',
    ],
    [],
  ],
  [
    'a dry run without a change',
    {snapshot: null, dryRun: true, differs: false},
    ['Nothing has changed since 2026-11-21_22-30-00: no snapshot would be made.'],
    [],
  ],
  [
    'a dry run that would not fit',
    {snapshot: null, dryRun: true, previous: null, shortage: '2.0 GB are needed, 1.0 GB are free'},
    [
      'Would make a snapshot of 117,745 files, 2.4 GB: files: 1,200 new, 34 changed, 3 renamed, 2 deleted; directories: 3 new, 5 with changed permissions or dates.',
      'Would add 120 MB.',
    ],
    ['The store has no room for this snapshot: 2.0 GB are needed, 1.0 GB are free.'],
  ],
  [
    'entries that failed and one that vanished, nothing else new',
    {
      snapshot: null,
      differs: false,
      failures: {
        list: [failure('a\nb', 'EACCES'), failure('gone', 'ENOENT', true), failure('c', 'CHANGED')],
        errors: 2,
        warnings: 1,
      },
    },
    ['Nothing has changed since 2026-11-21_22-30-00: no snapshot was made.'],
    [
      '2 entries could not be backed up:',
      '  a\\x0ab: permission denied (openat)',
      '  c: changed while it was read (openat)',
      '1 entry vanished during the backup:',
      '  gone: no such file or directory (openat)',
    ],
  ],
  [
    'a store in a source, which is always reported, and a socket, which is not',
    {
      snapshot: null,
      differs: false,
      notes: [
        {kind: 'store', count: 1, path: Buffer.from('home/backups')},
        {kind: 'socket', count: 2, path: Buffer.from('home/s')},
      ],
      future: ['2050-01-01_00-00-00'],
      warnings: ['the leftover x could not be removed'],
    },
    [
      'Nothing has changed since 2026-11-21_22-30-00: no snapshot was made.',
      '  The store lies inside a source and was excluded: home/backups.',
    ],
    [
      '2050-01-01_00-00-00 is dated in the future and was ignored: is the clock right?',
      'the leftover x could not be removed',
    ],
  ],
]

describe('report', () => {
  for (const [what, changed, summary, problems] of table) {
    it(`reports ${what}`, () => {
      const report = backupReport({...result, ...changed}, false)
      expect(report.summary.split('\n')).to.deep.equal([...summary, ''])
      expect(report.problems.split('\n')).to.deep.equal([...problems, ''])
    })
  }

  it('reports an unreadable source once, and notices last', () => {
    const carried = [
      {name: 'usb', path: '/mnt/usb', code: 'ENOENT', reason: 'there is no such source: /mnt/usb'},
      {name: 'nas', path: 'nas:/x', code: 'UNREACHABLE', reason: 'rsync of nas:/x failed'},
    ].map((source, at) => ({...source, syscall: 'open', from: at === 0 ? 'A' : null}))
    const list = [
      failure('usb', 'ENOENT'),
      failure('nas', 'UNREACHABLE'),
      failure('etc/x', 'EACCES'),
    ]
    const failures = {list, errors: 3, warnings: 0}
    const {problems} = backupReport({...result, carried, failures, notices: ['a notice']}, false)
    expect(problems.split('\n')).to.deep.equal([
      'there is no such source: /mnt/usb; usb is kept as in A. Is its disk mounted? If the source is gone for good, remove it from the command.',
      'rsync of nas:/x failed; no snapshot contains it yet. The other sources are backed up.',
      '1 entry could not be backed up:',
      '  etc/x: permission denied (openat)',
      'a notice',
      '',
    ])
    const quiet = backupReport({...result, notices: ['a notice']}, false, true)
    expect(quiet.problems).to.equal('')
  })

  const mounted = 'Is its disk mounted? If the source is gone for good, remove it from the command.'
  const asIs = 'To back it up as it is, use --allow-empty.'
  // Why a source was carried over, how many entries were excluded, and the advice.
  const advice: ReadonlyArray<[string, string, number, string]> = [
    ['ENOENT', '/mnt/usb', 0, ` ${mounted}`],
    ['ENOTCONN', '/mnt/usb', 0, ` ${mounted}`],
    ['EACCES', '/root', 0, ' Run as a user who can read it, or remove it from the command.'],
    ['EPERM', '/root', 0, ' Run as a user who can read it, or remove it from the command.'],
    ['ENOENT', 'nas:/x', 0, ''], // the reason says what to do
    ['EMPTIED', '/mnt/usb', 0, ` Is its disk mounted? ${asIs}`],
    [
      'EMPTIED',
      '/mnt/usb',
      3,
      ` Does a pattern exclude too much, or is its disk not mounted? ${asIs}`,
    ],
  ]
  for (const [code, path, omitted, expected] of advice) {
    it(`gives advice about ${path}: ${code}, ${omitted} excluded`, () => {
      const carried = [{name: 'x', path, code, syscall: '', reason: 'why', from: 'A'}]
      const failures = {list: [failure('x', code)], errors: 1, warnings: 0}
      const {problems} = backupReport({...result, carried, failures, omitted}, false)
      expect(problems).to.equal(`why; x is kept as in A.${expected}\n`)
    })
  }

  it('makes the JSON of a list item by item', () => {
    expect(backupJson(result, [], []))
      .property('changes')
      .to.be.instanceOf(JsonList)
    expect(backupJson(result, [], []))
      .property('excluded')
      .to.be.instanceOf(JsonList)
  })

  it('has each field of the JSON in docs/store.md', () => {
    const path = fileURLToPath(new URL('../../docs/store.md', import.meta.url))
    const text = readFileSync(path, 'utf8').split('## What --json prints')[1] ?? ''
    for (const key of Object.keys(backupJson(result, [], []))) {
      expect(text).to.include(`\`${key}\``)
    }
  })

  it('names the snapshots that were removed to make room', () => {
    const pruned = {
      names: ['A', 'B'],
      entries: 9,
      bytes: 2_000_000,
      inodes: 1,
      leased: [],
      problems: [],
    }
    const {summary} = backupReport({...result, pruned, madeRoom: ['A']}, false)
    expect(summary.split('\n').slice(-3)).to.deep.equal([
      'Removed 2 snapshots: 9 entries, 2.0 MB freed. They are: A, B.',
      'The store was full, so these were removed before the backup: A.',
      '',
    ])
  })

  it('lists twenty failures, and with -v all known ones', () => {
    const failed = {...result, failures: twentyFive}
    const short = backupReport(failed, false).problems.trimEnd().split('\n')
    expect(short).to.have.lengthOf(22)
    expect(short.at(-1)).to.equal('  and 10 more')
    const long = backupReport(failed, true).problems.trimEnd().split('\n')
    expect(long).to.have.lengthOf(27)
    expect(long.at(-1)).to.equal('  and 5 more')
  })

  it('reports with -v what was excluded, and why a manifest was not used', () => {
    const notes = [{kind: 'socket', count: 2, path: Buffer.from('home/s')}]
    const {summary} = backupReport({...result, notes, rebuilt: 'its checksum is wrong'}, true)
    expect(summary.split('\n').slice(2)).to.deep.equal([
      '  Read the tree of 2026-11-21_22-30-00, because its manifest could not be used: its checksum is wrong.',
      '  Note socket: 2 entries, first home/s.',
      '',
    ])
  })

  it('lists changes in columns', () => {
    const change = (kind: Change['kind'], type: Change['type'], path: string): Change => ({
      kind,
      type,
      path: Buffer.from(path),
      bytes: type === 'file' ? 1_200_000 : 0,
    })
    const text = changeLines([
      change('new', 'file', 'docs/a'),
      change('metadata', 'directory', 'docs'),
      {...change('renamed', 'file', 'docs/c'), from: Buffer.from('docs/\u001bb')},
      change('deleted', 'symlink', 'docs/l'),
      change('changed', 'special', 'docs/fifo'),
    ])
    expect(text.split('\n')).to.deep.equal([
      'new       file        1.2 MB  docs/a',
      'metadata  directory           docs',
      'renamed   file        1.2 MB  docs/\\x1bb -> docs/c',
      'deleted   symlink             docs/l',
      'changed   special             docs/fifo',
      '',
    ])
  })
})
