// The text and the JSON of status.
import {expect} from 'chai'
import type {ScrubSummary} from '../../src/native/native.js'
import type {Marker} from '../../src/store/marker.js'
import {problemsText, statusReport} from '../../src/report/status.js'
import {statusJson} from '../../src/report/status-json.js'
import type {PastRun} from '../../src/operations/status-runs.js'
import {plainScreen, type Screen} from '../../src/report/screen.js'
import type {Verdict} from '../../src/retention/retention.js'
import type {StatusResult} from '../../src/operations/status.js'
import type {Snapshot} from '../../src/store/store.js'

const marker: Marker = {
  format: 1,
  start: '2026-11-22T21:30:00.000Z',
  end: '2026-11-22T21:30:04.100Z',
  host: 'nas',
  previous: null,
  sources: [],
  counts: {
    files: 117_745,
    directories: 1,
    symlinks: 0,
    specials: 0,
    changes: {new: 1, changed: 0, metadata: 0, renamed: 0, deleted: 0},
    excluded: 0,
  },
  bytes: {total: 2_400_000_000, added: 120_000_000},
  tags: ['before\nupgrade'],
  errors: {count: 0, warnings: 0, list: []},
  notes: [],
  version: '0.1.0',
}

const snapshot = (name: string, rest: Partial<Snapshot>): Snapshot => ({
  name,
  form: 'new',
  instant: new Date('2026-11-22T21:30:00.000Z'),
  finished: true,
  marker: null,
  damaged: false,
  future: false,
  pinned: false,
  tags: rest.marker?.tags ?? [],
  sources: null,
  ...rest,
})

const keep = (kept: Snapshot, ...reasons: string[]): Verdict<Snapshot> => ({
  snapshot: kept,
  keep: true,
  reasons,
})

const result: StatusResult = {
  storeDir: '/back\nups',
  scrub: null,
  now: new Date('2026-11-23T00:30:00.000Z'),
  space: {
    filesystem: 'ext4',
    totalBytes: 50e9,
    freeBytes: 30.1e9,
    availableBytes: 30.1e9,
    totalInodes: 4e6,
    freeInodes: 3.2e6,
  },
  verdicts: [
    keep(snapshot('2050-01-01_00-00-00', {future: true}), 'in the future'),
    keep(snapshot('2026-11-22_22-30-00', {marker}), 'newest', 'daily 30d'),
    keep(snapshot('2026-11-21_22-30-00', {finished: false}), 'unfinished'),
    keep(snapshot('2026-11-20_22-30-00', {damaged: true}), 'tag before\nupgrade'),
    {
      snapshot: snapshot('20250115_103000', {form: 'old'}),
      keep: false,
      reasons: ['no rule keeps it'],
    },
  ],
  hints: [],
  leftovers: ['.partial-2026-11-19_00-00-00'],
  lastSnapshot: {
    name: '2026-11-22_22-30-00',
    instant: new Date('2026-11-22T21:30:00.000Z'),
    age_ms: 3 * 3_600_000,
    errors: 2,
  },
  lastRun: null,
  histories: [{label: 'docs', lastGood: new Date('2026-11-22T21:30:00.000Z'), lastRun: null}],
  storedBytes: null,
  problems: [
    {text: 'the marker of 2026-11-20_22-30-00 is damaged or cannot be read', isGrave: true},
    {text: '2026-11-22_22-30-00: 2 entries could not be read', isGrave: false},
  ],
  maxAge_ms: 3_600_000,
  exit: 3,
  lock: {
    state: 'held',
    owner: {pid: 40, host: 'nas', boot: 'b', start: 's', since: '2026-11-23T00:29:00.000Z'},
  },
}

const signs: Screen = {width: null, hasSigns: true}

const lastRun: PastRun = {
  ...{start: '2026-11-23T00:20:00.000Z', end: '2026-11-23T00:26:00.000Z', age_ms: 240_000},
  ...{result: 'unchanged', exit: 0, snapshot: null, errors: 0, warnings: 0},
  ...{host: 'nas', sources: ['docs']},
}

const healthy: StatusResult = {
  ...{...result, storeDir: '/backups', verdicts: result.verdicts.slice(1, 2), leftovers: []},
  ...{lock: null, problems: [], exit: 0, storedBytes: 2.5e9, lastRun},
}

const linesOf = async (given: StatusResult, screen = plainScreen): Promise<string[]> =>
  (await statusReport(given, screen)).split('\n')

describe('report-status', () => {
  it('shows a store as a table, and what is wrong with it', async () => {
    expect(await linesOf(result)).to.deep.equal(
      [
        'Store /back\\x0aups: ext4, 3,200,000 inodes free.',
        'Last snapshot 2026-11-22_22-30-00, 3 hours ago; 2 entries could not be read',
        'Locked by process 40 on nas since 2026-11-23T00:29:00.000Z.',
        'Work in progress: .partial-2026-11-19_00-00-00.',
        '',
        'SNAPSHOT                AGE    FILES    SIZE   ADDED  KEPT BY',
        '20250115_103000         3 h                           not kept',
        '2026-11-20_22-30-00     3 h                           marker damaged, tag before\\x0aupgrade',
        '2026-11-21_22-30-00     3 h                           unfinished',
        '2026-11-22_22-30-00     3 h  117,745  2.4 GB  120 MB  #before\\x0aupgrade, newest, daily 30d',
        '2050-01-01_00-00-00     3 h                           in the future',
        '',
        '4 snapshots, 30.1 GB free of 50.0 GB',
        'problem: the marker of 2026-11-20_22-30-00 is damaged or cannot be read',
        'warning: 2026-11-22_22-30-00: 2 entries could not be read',
        '',
      ].map((line) => line.replace('    AGE', ' AGE').replace('     3 h', '  3 h')),
    )
    expect(problemsText(result)).to.equal(
      'cura-te-ipsum: the marker of 2026-11-20_22-30-00 is damaged or cannot be read\n',
    )
  })

  it('ends with the health of the store', async () => {
    const ending = async (given: Partial<StatusResult>, screen = signs): Promise<string[]> =>
      (await linesOf({...healthy, ...given}, screen)).slice(-3, -1)
    expect(await ending({})).to.deep.equal([
      '1 snapshot in 2.5 GB · 30.1 GB free of 50.0 GB',
      '✓ healthy · last run 4 min ago: no changes',
    ])
    expect(await ending({}, plainScreen)).to.deep.equal([
      '1 snapshot in 2.5 GB, 30.1 GB free of 50.0 GB',
      'healthy, last run 4 min ago: no changes',
    ])
    expect((await ending({lastRun: null}))[1]).to.equal('✓ healthy · last snapshot 3 hours ago')
    expect((await ending({problems: result.problems}))[0]).to.match(/^✗ the marker of/)
    expect((await ending({problems: result.problems}))[1]).to.match(/^! 2026-11-22_22-30-00: 2/)
  })

  it('says when the last run was, and how it ended', async () => {
    const line = async (run: Partial<PastRun>): Promise<string> =>
      (await linesOf({...healthy, lastRun: {...lastRun, ...run}}))[1] ?? ''
    expect(await line({})).to.match(/^Last run \d\d:26 (today|yesterday), 4 min ago: no changes$/)
    expect(await line({result: 'success', snapshot: 'x'})).to.match(/ago: new snapshot$/)
    expect(await line({result: 'warning', snapshot: 'x', errors: 2})).to.match(
      /ago: new snapshot, 2 entries could not be read$/,
    )
    expect(await line({result: 'warning', exit: 3})).to.match(
      /no changes, with warnings \(exit 3\)/,
    )
    expect(await line({result: 'failure', message: 'no\nroom'})).to.match(
      /ago: failed: no\\x0aroom$/,
    )
    const old = new Date(2026, 0, 2, 10, 30)
    expect(await line({end: old.toISOString()})).to.match(/^Last run 2026-01-02 10:30, /)
    const before = new Date(result.now)
    before.setDate(before.getDate() - 1)
    expect(await line({end: before.toISOString()})).to.match(/ yesterday, /)
  })

  it('says what was verified, if anything was', async () => {
    const scrub = {
      oldest_s: result.now.getTime() / 1000 - 12 * 86_400,
      ...{inodes: 9000, unreadInodes: 3000, damagedInodes: 2, time_s: 0},
    }
    const lineOf = async (changes: Partial<ScrubSummary>) =>
      (await statusReport({...result, scrub: {...scrub, ...changes}}, plainScreen))
        .split('\n')
        .find((line) => line.startsWith('Verified'))
    expect(await lineOf({})).to.equal(
      'Verified: oldest reading 12 days ago, 3,000 files never read',
    )
    expect(await lineOf({unreadInodes: 0})).to.equal('Verified: oldest reading 12 days ago')
    expect(await lineOf({oldest_s: null, unreadInodes: 1})).to.equal(
      'Verified: no file was read yet, 1 file never read',
    )
    expect(await statusReport(result, plainScreen)).not.to.match(/Verified/)
    expect(statusJson({...result, scrub})).to.deep.include({
      ...{oldest_verification: '2026-11-11T00:30:00Z', unread_inodes: 3000, damaged_inodes: 2},
    })
    expect(statusJson(result)).to.deep.include({
      ...{oldest_verification: null, unread_inodes: null, damaged_inodes: 0},
    })
  })

  it('names the reserve of root once it is larger than the rest', async () => {
    const space = {...result.space, freeBytes: 3e9, availableBytes: 1e9}
    expect((await linesOf({...healthy, space})).at(-3)).to.match(
      /, 1\.0 GB free of 50\.0 GB \(and 2\.0 GB reserved for root\)$/,
    )
    const ample = {...space, availableBytes: 2.9e9}
    expect((await linesOf({...healthy, space: ample})).at(-3)).to.match(
      /, 2\.9 GB free of 50\.0 GB$/,
    )
  })

  it('shows an empty store', async () => {
    const empty = {
      ...healthy,
      space: {...result.space, filesystem: 'btrfs', totalInodes: 0, freeInodes: 0},
      ...{verdicts: [], lastSnapshot: null, lastRun: null},
      problems: [{text: 'there is no finished snapshot yet', isGrave: true}],
    }
    expect(await linesOf(empty)).to.deep.equal([
      'Store /backups: btrfs.',
      'Last snapshot: none yet',
      'no snapshots, 30.1 GB free of 50.0 GB',
      'problem: there is no finished snapshot yet',
      '',
    ])
  })

  it('reports a stale lock', async () => {
    const stale = await statusReport({...result, lock: {state: 'stale', owner: null}}, signs)
    expect(stale).to.match(/A lock without an owner was left behind/)
    expect(await statusReport({...result, lock: {state: 'odd', owner: null}}, signs)).to.match(
      /that is not a lock blocks the store/,
    )
  })

  it('prints everything as JSON', () => {
    const json = JSON.parse(JSON.stringify(statusJson({...result, lastRun}))) as object
    expect(json).to.have.nested.property('last_success.age_s', 10_800)
    expect(json).to.have.nested.property('last_snapshot.errors', 2)
    expect(json).to.have.nested.property('last_run.age_s', 240)
    expect(json).to.have.nested.property('last_run.result', 'unchanged')
    expect(json).to.have.nested.property('histories[0].overdue', true)
    expect(json).to.have.nested.property('histories[0].last_good_age_s', 10_800)
    expect(json).to.have.nested.property('problems[0].grave', true)
    expect(json).to.have.nested.property('lock.pid', 40)
    expect(json).to.have.nested.property('filesystem.free_inodes', 3.2e6)
    expect(json).to.have.nested.property('filesystem.reserved_bytes', 0)
    expect(json).to.have.nested.property('snapshots[1].marker.bytes.added', 120_000_000)
    expect(json).to.include({healthy: false, exit: 3})
  })
})
