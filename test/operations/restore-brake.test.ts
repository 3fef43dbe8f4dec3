// How much restore --delete may delete.
import {expect} from 'chai'
import {
  deleteLimitFrom,
  deletionRefusal,
  needsAllowance,
} from '../../src/operations/restore-brake.js'

describe('the brake of restore --delete', () => {
  // What is deleted, what is there, --max-delete, and whether it is refused.
  const table: ReadonlyArray<[number, number, string | null, boolean]> = [
    [0, 0, null, false],
    [1000, 1000, null, false],
    [1001, 10_010, null, false],
    [1001, 10_009, null, true],
    [1001, 1001, 'all', false],
    [1001, 1001, '1001', false],
    [1001, 1001, '1000', true],
    [1, 1_000_000, '0', true],
    [0, 10, '0', false],
    [20, 100, '20%', false],
    [21, 100, '20%', true],
    [100, 100, '100%', false],
  ]
  for (const [deleted, existing, limit, isRefused] of table) {
    const title = `${isRefused ? 'refuses' : 'allows'} ${deleted} of ${existing} with ${limit ?? 'no flag'}`
    it(title, () => {
      const refusal = deletionRefusal(
        {deleted, existing, directory: null},
        limit === null ? null : deleteLimitFrom(limit),
      )
      if (isRefused) expect(refusal).to.match(/^this would delete .* of .*--max-delete all$/)
      else expect(refusal).to.equal(null)
    })
  }

  // With --to, nothing is saved first.
  it('allows nothing in a directory of --to without a limit', () => {
    const into = (deleted: number, limit: string | null): string | null =>
      deletionRefusal(
        {deleted, existing: 100_000, directory: '/new'},
        limit === null ? null : deleteLimitFrom(limit),
      )
    expect(into(0, null)).to.equal(null)
    expect(into(80, null)).to.equal(
      'this would delete 80 entries of 100,000 in /new, and --to saves nothing, so nothing was ' +
        'restored: look at the list with -n; if that is right, add --max-delete 80',
    )
    expect([into(80, '80'), into(80, 'all'), into(80, '1%')]).to.deep.equal([null, null, null])
    expect(into(80, '79')).to.match(/--max-delete 80$/)
  })

  it('accepts no other limit', () => {
    for (const text of ['', '-1', '101%', '5k', '1.5', ' 3', 'ALL', '1e3', '%']) {
      expect(() => deleteLimitFrom(text), text).to.throw(/is not an amount/)
    }
  })

  it('knows when an undo needs --max-delete', () => {
    expect([1000, 1001].map(needsAllowance)).to.deep.equal([false, true])
  })
})
