// The texts and the JSON of restore.
import {expect} from 'chai'
import {
  planJson,
  planLine,
  restoreChangeLines,
  restoreJson,
  restoreReport,
} from '../../src/report/restore.js'
import {jsonPieces} from '../../src/report/json-pieces.js'
import type {RestoreResult} from '../../src/operations/restore-options.js'

const noFailures = {list: [], errors: 0, warnings: 0}

const result = (given: Partial<RestoreResult> = {}): RestoreResult => ({
  dryRun: false,
  snapshot: '2026-11-21_10-00-00',
  start: new Date(0),
  end: new Date(1200),
  ...{
    restored: 12,
    updated: 3,
    unchanged: 4102,
    deleted: 1,
    kept: 0,
    keptPaths: [],
    bytes: 12_400_000,
  },
  ...{verified: 15, unverified: 0, damaged: 0, donated: 0},
  ...{guard: null, undo: null, rebuilt: null, refusal: null},
  ...{deletedPaths: [], emptyPlaces: [], target: Buffer.from('/home/ann')},
  ...{failures: noFailures, notes: [], notices: [], warnings: []},
  exit: 0,
  ...given,
})

const failure = (path: string, code: string, syscall = '', warning = false) => ({
  path: Buffer.from(path),
  code,
  syscall,
  warning,
})

const texts = (given: Partial<RestoreResult> = {}, verbose = false, quiet = false) =>
  restoreReport(result(given), verbose, quiet)

describe('the text of a restore', () => {
  const plan = {
    ...{rebuilt: null, operands: [], failures: noFailures, notes: []},
    ...{restored: 12, updated: 3, deleted: 1, kept: 0, unchanged: 4102, bytes: 12_400_000},
  }

  it('begins with the plan in one line', () => {
    const about = {...{snapshot: 'S', age_ms: 3 * 86_400_000}, target: null, dryRun: false}
    const lineOf = (one: typeof plan): string => planLine(one, about)
    const line = '12 to restore, 3 to update, 1 to delete, 4,102 unchanged; 12.4 MB\n'
    expect(lineOf(plan)).to.equal(line)
    const none = {...plan, restored: 0, updated: 0, deleted: 0, bytes: 0}
    expect(lineOf(none)).to.equal('4,102 unchanged\n')
    expect(lineOf({...none, unchanged: 0})).to.equal('nothing to restore\n')
    expect(lineOf({...none, kept: 2})).to.equal('2 kept, 4,102 unchanged\n')
  })

  it('says in a dry run what it would restore, and where to', () => {
    const about = {...{snapshot: 'S', age_ms: 3 * 86_400_000}, dryRun: true}
    const firstLine = (target: Buffer | null): string | undefined =>
      planLine(plan, {...about, target}).split('\n')[0]
    expect(firstLine(null)).to.equal('Would restore from S (3 days old) to where it was:')
    expect(firstLine(Buffer.from('/a\n'))).to.match(/old\) to \/a\\x0a:$/)
    expect(planJson(plan, {...about, target: Buffer.from('/a')})).to.include({snapshot: 'S', target: '/a'}) // prettier-ignore
  })

  it('lists changes in columns, with safe names', () => {
    const change = (action: 'deleted' | 'kept' | 'restored' | 'updated', path: string) =>
      ({action, type: 'file', path: Buffer.from(path), bytes: 1000}) as const
    const list = [change('restored', 'a'), change('deleted', 'b\n'), change('kept', 'c')]
    expect(restoreChangeLines(list)).to.equal(
      'restore  file        1.0 kB  a\n' +
        'delete   file                b\\x0a\n' +
        'keep     file        1.0 kB  c\n',
    )
  })

  it('ends with the summary, and the way back on a line of its own', () => {
    const undo = 'cura-te-ipsum restore -b /b G --in-place --delete'
    const deletedPaths = [Buffer.from('/home/ann/x')]
    expect(texts({guard: '2026-11-22_09-00-00', undo, deletedPaths})).to.deep.equal({
      summary:
        'Done in 1.2 s: 12 restored, 3 updated, 1 deleted; 12.4 MB.\n' +
        '  From 2026-11-21_10-00-00 to /home/ann.\n' +
        '  All files were verified as they were written.\n' +
        'Deleted:\n  /home/ann/x\n' +
        'To undo this restore (this also removes what is added there meanwhile):\n' +
        `  ${undo}\n`,
      problems: '',
    })
  })

  it('names the first deleted entries, unless -v has listed all', () => {
    const deletedPaths = Array.from({length: 10}, (_, at) => Buffer.from(`/home/ann/${at}`))
    const {summary} = texts({deleted: 12, deletedPaths})
    expect(summary).to.match(/Deleted:\n {2}\/home\/ann\/0\n[^]*ann\/9\n {2}and 2 more: -v lists/)
    expect(texts({deleted: 12, deletedPaths}, true).summary).not.to.include('Deleted:')
  })

  it('names what to remove if nothing was there before', () => {
    const ending = (...paths: string[]): string =>
      texts({
        deleted: 0,
        emptyPlaces: paths.map((path) => ({
          path: Buffer.from(path.replace(/\/$/, '')),
          isThere: path.endsWith('/'),
        })),
      }).summary.split('to undo, remove\n')[1] ?? ''
    expect(ending('/a')).to.equal('  /a\n')
    expect(ending('/a/', '/b')).to.equal('  everything in /a and /b\n')
    expect(ending('/a', '/b', '/c', '/d', '/e')).to.equal('  /a, /b, /c and 2 more places\n')
    expect(ending()).to.equal('')
  })

  it('says that nothing was done', () => {
    const none = {restored: 0, updated: 0, deleted: 0, bytes: 0, verified: 0}
    expect(texts(none).summary).to.equal(
      'Nothing was restored: all is as in 2026-11-21_10-00-00.\n',
    )
    expect(texts({...none, kept: 1}).summary).to.match(/what exists there was kept\.\n$/)
    expect(texts({dryRun: true})).to.deep.equal({summary: '', problems: ''})
  })

  it('says in one sentence what could not be verified', () => {
    expect(texts({unverified: 2}).summary).to.include(
      '  2 files could not be verified: the snapshot has no digest of them.\n',
    )
    expect(texts({unverified: 1}).summary).to.match(/1 file could not .* no digest of it\.\n/)
    expect(texts({donated: 1}).summary).to.match(/1 file came from another snapshot/)
  })

  it('names what failed, and why', () => {
    const list = [
      failure('a', 'DAMAGED'),
      failure('b', 'EACCES', 'openat'),
      failure('c', 'ENOENT', 'openat', true),
      failure('d', 'CHANGED'),
      failure('e', 'EXISTS'),
      failure('f', 'UNREAD'),
    ]
    const {problems} = texts({failures: {list, errors: 5, warnings: 1}})
    expect(problems).to.equal(
      '5 entries could not be restored:\n' +
        '  a: damaged in the store, and there is no good copy\n' +
        '  b: permission denied (openat)\n' +
        '  d: changed during the restore, so it was left as it is\n' +
        '  e: a directory is there: move it away, or add --delete to replace it\n' +
        '  f: the snapshot does not hold it, because it could not be read then\n' +
        '1 entry vanished during the restore:\n' +
        '  c: no such file or directory (openat)\n',
    )
  })

  it('names what is kept without being asked to', () => {
    const keptPaths = Array.from({length: 30}, (_, at) => Buffer.from(`docs/${at}`))
    const {problems} = texts({kept: 30, keptPaths})
    expect(problems).to.match(
      /^30 entries exist and were kept; --overwrite if-changed replaces them/,
    )
    expect(problems).to.match(/\n {2}docs\/19\n {2}and 10 more\n$/)
    expect(texts({kept: 30, keptPaths}, true).problems).to.match(/\n {2}docs\/29\n$/)
    const one = texts({kept: 1, keptPaths: [Buffer.from('a')], dryRun: true}).problems
    expect(one).to.equal(
      '1 entry exists and would be kept; --overwrite if-changed replaces it:\n  a\n',
    )
    expect(texts({kept: 30}).problems).to.equal('')
  })

  it('shortens a long list unless it is verbose', () => {
    const list = Array.from({length: 30}, (_, at) => failure(String(at), 'CHANGED'))
    const failures = {list, errors: 1030, warnings: 0}
    expect(texts({failures}).problems.split('\n')).to.have.length(23)
    expect(texts({failures}).problems).to.match(/and 1,010 more\n$/)
    expect(texts({failures}, true).problems).to.match(/and 1,000 more\n$/)
  })

  it('has lines of at most 80 columns, except for paths and commands', () => {
    const all = texts({
      unverified: 123_456,
      rebuilt: 'x',
      donated: 1_234,
      restored: 999,
      updated: 999,
      deleted: 999,
      guard: '2026-11-22_09-00-00',
      undo: 'x',
    })
    for (const line of all.summary.split('\n')) expect(line.length, line).to.be.at.most(80)
  })

  it('says on stderr why the plan was refused', () => {
    const {summary, problems} = texts({refusal: 'this would delete too much'})
    expect(summary).to.equal('')
    expect(problems).to.equal('cura-te-ipsum: this would delete too much\n')
  })
})

describe('the JSON of a restore', () => {
  it('has counts first, lists last, and the exit code', () => {
    const changes = [
      {action: 'restored', type: 'file', path: Buffer.from([0x61, 0xff]), bytes: 1},
    ] as const
    const json = [...jsonPieces(restoreJson(result(), changes))].join('')
    const object = JSON.parse(json) as Record<string, unknown>
    expect(Object.keys(object)).to.deep.equal([
      ...['restored', 'updated', 'unchanged', 'deleted', 'kept', 'failed', 'bytes', 'verified'],
      ...[
        'unverified',
        'damaged',
        'donated',
        'dry_run',
        'snapshot',
        'target',
        'guard',
        'undo',
        'start',
      ],
      ...['end', 'rebuilt', 'entries', 'errors', 'notes', 'notices', 'warnings', 'exit'],
    ])
    expect(object.entries).to.deep.equal([
      {path: 'a\ufffd', path_b64: 'Yf8=', action: 'restored', type: 'file', bytes: 1},
    ])
  })

  it('has the refusal as other errors have it', () => {
    const {code, message} = restoreJson(result({refusal: 'no'}), []) as Record<string, unknown>
    expect({code, message}).to.deep.equal({code: 'refused', message: 'no'})
  })
})
