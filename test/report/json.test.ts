// The JSON of prune; tests of backup and status have theirs.
import {expect} from 'chai'
import {pruneJson, verdictJson} from '../../src/report/json.js'
import {policyFrom} from '../../src/retention/policy.js'
import {plannedSnapshot} from '../../src/store/store.js'

const start = new Date('2026-11-22T21:30:00.000Z')
const snapshot = plannedSnapshot('2026-11-22_22-30-00', start, [])

describe('report-json', () => {
  it('has the policy, the verdicts and the removal of prune', () => {
    const json = pruneJson({
      storeDir: '/backups',
      dryRun: true,
      policy: policyFrom({'keep-daily': '30d', 'keep-last': '3', 'keep-tag': ['x']}),
      start,
      end: start,
      verdicts: [{snapshot, keep: true, reasons: ['newest']}],
      removal: {names: ['A'], entries: 2, bytes: 3, inodes: 1, leased: [], problems: []},
      warnings: [],
      exit: 0,
    })
    expect(JSON.parse(JSON.stringify(json))).to.deep.equal({
      store: '/backups',
      dry_run: true,
      start: '2026-11-22T21:30:00.000Z',
      end: '2026-11-22T21:30:00.000Z',
      policy: {keep_last: '3', keep_daily: '30d', keep_tag: ['x']},
      snapshots: [
        {
          name: '2026-11-22_22-30-00',
          instant: '2026-11-22T21:30:00.000Z',
          keep: true,
          reasons: ['newest'],
        },
      ],
      removed: {names: ['A'], entries: 2, bytes: 3, inodes: 1, leased: [], problems: []},
      warnings: [],
      exit: 0,
    })
  })

  it('lists only facts of a verdict', () => {
    const verdict = verdictJson({snapshot, keep: false, reasons: ['no rule keeps it']})
    expect(Object.keys(verdict)).to.deep.equal(['name', 'instant', 'keep', 'reasons'])
  })
})
