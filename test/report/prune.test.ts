// The text of prune: the verdicts and the removal.
import {expect} from 'chai'
import type {PruneResult} from '../../src/operations/prune.js'
import {pruneReport, reasonsText} from '../../src/report/prune.js'
import {plannedSnapshot} from '../../src/store/store.js'

const start = new Date('2026-11-22T21:30:00.000Z')
const snapshot = (name: string) => plannedSnapshot(name, start, [])

const result: PruneResult = {
  storeDir: '/backups',
  dryRun: false,
  policy: {rules: [], tags: []},
  start,
  end: new Date('2026-11-22T21:30:02.500Z'),
  verdicts: [
    {snapshot: snapshot('2026-11-22_22-00-00'), keep: true, reasons: ['newest', 'tag a\nb']},
    {snapshot: snapshot('2026-11-21_22-00-00'), keep: false, reasons: ['no rule keeps it']},
  ],
  removal: {
    names: ['2026-11-21_22-00-00'],
    entries: 260_034,
    bytes: 1_200_000_000,
    inodes: 1,
    leased: [],
    problems: [],
  },
  warnings: [],
  exit: 0,
}

const table = [
  'Snapshot             Verdict  Because',
  '2026-11-21_22-00-00  remove   no rule keeps it',
  '2026-11-22_22-00-00  keep     newest, tag a\\x0ab',
  '',
]

describe('report-prune', () => {
  it('shows each snapshot with its verdict and its reasons', () => {
    const {summary, problems} = pruneReport(result)
    expect(summary.split('\n').slice(0, -1)).to.deep.equal([
      ...table,
      'Removed 1 snapshot: 260,034 entries, 1.2 GB freed. It took 2.5 s.',
    ])
    expect(problems).to.equal('')
  })

  it('shows what a dry run would remove, without a time', () => {
    expect(
      pruneReport({...result, dryRun: true})
        .summary.split('\n')
        .at(-2),
    ).to.equal('Would remove 1 snapshot: 260,034 entries, 1.2 GB would be freed.')
  })

  it('reports problems apart, for stderr', () => {
    const removal = {
      names: [],
      entries: 0,
      bytes: 0,
      inodes: 0,
      leased: [],
      problems: ['A could not be removed: EIO'],
    }
    const {summary, problems} = pruneReport({...result, removal, warnings: ['and this']})
    expect(summary).to.match(/\nNo snapshot was removed\.\n$/)
    expect(problems).to.equal('A could not be removed: EIO\nand this\n')
  })

  it('reports an empty store', () => {
    const removal = {names: [], entries: 0, bytes: 0, inodes: 1, leased: [], problems: []}
    expect(pruneReport({...result, verdicts: [], removal}).summary).to.equal(
      'The store has no snapshots.\nNo snapshot was removed.\n',
    )
  })

  it('escapes control characters in reasons', () => {
    expect(reasonsText({reasons: ['daily 30d', 'tag \u001b[2J']})).to.equal(
      'daily 30d, tag \\x1b[2J',
    )
  })
})
