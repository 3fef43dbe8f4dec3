// Guards are kept for 7 days whatever the policy says, and change no other verdict.
import {expect} from 'chai'
import {judge} from '../../src/retention/retention.js'
import {candidate, judged, picture, policyOf, utc, at, series} from './cases.js'
import {withoutGuards} from '../../src/retention/guards.js'

const guard = '#before-restore'

describe('guards', () => {
  it('are kept for 7 days, then not', () => {
    const rows = [
      `+2025-01-15T11:00 ${guard}`,
      '+2025-01-15T10:00',
      `+2025-01-08T12:00 ${guard}`,
      `-2025-01-08T11:59:59.999 ${guard}`,
      '-2025-01-08T11:00',
    ]
    const verdicts = judged(
      rows.map((row) => row.slice(1)),
      'last 1',
      '2025-01-15T12:00',
      utc,
    )
    expect(picture(verdicts)).to.deep.equal(rows)
    expect(verdicts.map(({reasons}) => reasons.join(', '))).to.deep.equal([
      'guard, 7 days',
      'newest, last 1',
      'guard, 7 days',
      'guard, older than 7 days',
      'no rule keeps it',
    ])
  })

  it('are never the newest or only one', () => {
    const rows = [`-2025-01-01T11:00 ${guard}`]
    const verdicts = judged([`2025-01-01T11:00 ${guard}`], 'last 9', '2025-01-15T12:00', utc)
    expect(picture(verdicts)).to.deep.equal(rows)
    const control = judged(['2025-01-01T11:00'], 'last 9', '2025-01-15T12:00', utc)
    expect(picture(control)).to.deep.equal(['+2025-01-01T11:00'])
  })

  it('stay if they are pinned or in the future, or have a tag that the policy keeps', () => {
    const rows = [
      `+2025-02-01T11:00 ${guard}`,
      `+2025-01-01T12:00 ${guard} pinned`,
      `+2025-01-01T11:00 ${guard} #keep`,
      `-2025-01-01T10:00 ${guard} #other`,
    ]
    const verdicts = judged(
      rows.map((row) => row.slice(1)),
      'last 1, tag keep',
      '2025-01-15T12:00',
      utc,
    )
    expect(picture(verdicts)).to.deep.equal(rows)
  })

  for (const policy of ['last 3', 'all 2d', 'hourly 5', 'daily 4', 'weekly 2w', 'monthly 1']) {
    it(`change no other verdict under ${policy}`, () => {
      const now = at('2025-03-01T12:00')
      const plain = series('2025-02-10T00:30', '2025-03-01T12:00', 7)
      const guards = series('2025-02-10T00:10', '2025-03-01T12:00', 5).map(({instant}) =>
        candidate(`${instant.toISOString().slice(0, -1)} ${guard}`, now),
      )
      const judgeAll = (all: typeof plain) =>
        judge(all, policyOf(policy), now, utc)
          .filter(({snapshot}) => withoutGuards([snapshot]).length > 0)
          .map(({snapshot, keep, reasons}) => [snapshot.name, keep, reasons])
      expect(judgeAll([...guards, ...plain])).to.deep.equal(judgeAll(plain))
      expect(guards).to.have.length.above(50)
    })
  }
})
