// The text and the JSON of status.
import {expect} from 'chai'
import type {Marker} from '../../src/store/marker.js'
import {statusReport} from '../../src/report/status.js'
import {statusJson} from '../../src/report/json.js'
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
  now: new Date('2026-11-23T00:30:00.000Z'),
  space: {
    filesystem: 'ext4',
    totalBytes: 50e9,
    freeBytes: 30.1e9,
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
  lastSuccess: {
    name: '2026-11-22_22-30-00',
    instant: new Date('2026-11-22T21:30:00.000Z'),
    age_ms: 3 * 3_600_000,
  },
  lock: {
    state: 'held',
    owner: {pid: 40, host: 'nas', boot: 'b', start: 's', since: '2026-11-23T00:29:00.000Z'},
  },
}

describe('report-status', () => {
  it('shows a store as a table', () => {
    expect(statusReport(result).split('\n')).to.deep.equal([
      'Store /back\\x0aups: ext4, 30.1 GB of 50.0 GB free, 3,200,000 inodes free.',
      'Last success: 2026-11-22_22-30-00, 3 hours ago.',
      'Locked by process 40 on nas since 2026-11-23T00:29:00.000Z.',
      'Work in progress: .partial-2026-11-19_00-00-00.',
      '',
      'Snapshot               Files    Size   Added   Time  Errors  Kept by                Remarks',
      '2050-01-01_00-00-00        -       -       -      -       -  in the future',
      '2026-11-22_22-30-00  117,745  2.4 GB  120 MB  4.1 s       0  newest, daily 30d      tags before\\x0aupgrade',
      '2026-11-21_22-30-00        -       -       -      -       -  unfinished',
      '2026-11-20_22-30-00        -       -       -      -       -  tag before\\x0aupgrade  marker damaged',
      '20250115_103000            -       -       -      -       -  not kept',
      '',
    ])
  })

  it('shows an empty store', () => {
    const empty = {
      ...result,
      storeDir: '/backups',
      space: {...result.space, filesystem: 'btrfs', totalInodes: 0, freeInodes: 0},
      verdicts: [],
      leftovers: [],
      lastSuccess: null,
      lock: null,
    }
    expect(statusReport(empty).split('\n')).to.deep.equal([
      'Store /backups: btrfs, 30.1 GB of 50.0 GB free.',
      'Last success: none yet.',
      '',
    ])
  })

  it('reports a stale lock', () => {
    const stale = statusReport({...result, lock: {state: 'stale', owner: null}})
    expect(stale).to.match(/A lock without an owner was left behind/)
    expect(statusReport({...result, lock: {state: 'odd', owner: null}})).to.match(
      /that is not a lock blocks the store/,
    )
  })

  it('prints everything as JSON', () => {
    const json = JSON.parse(JSON.stringify(statusJson(result))) as Record<string, unknown>
    expect(json).to.have.nested.property('last_success.age_s', 10_800)
    expect(json).to.have.nested.property('lock.pid', 40)
    expect(json).to.have.nested.property('filesystem.free_inodes', 3.2e6)
    expect(json).to.have.nested.property('snapshots[1].marker.bytes.added', 120_000_000)
    expect(json).to.have.property('exit', 0)
  })
})
