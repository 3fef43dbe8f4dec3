// Whole snapshots by several selectors.
import {expect} from 'chai'
import {localZone} from '../../src/retention/retention.js'
import {snapshotsFrom} from '../../src/store/operands.js'
import {plannedSnapshot} from '../../src/store/store.js'

describe('operands', () => {
  const names = ['2025-01-03_00-00-00', '2025-01-02_00-00-00', '2025-01-01_00-00-00'] as const
  const snapshots = names.map((name, at) => plannedSnapshot(name, new Date(2025, 0, 3 - at), []))
  const host = {name: 'h', id: 'h'}
  const choice = {snapshots, host, now: new Date(2025, 1, 1), zone: localZone, filters: {}}
  const chosen = (...selectors: string[]): string[] =>
    snapshotsFrom(selectors, choice).map(({name}) => name)

  it('are each chosen once, in the order of the command line', () => {
    expect(chosen('oldest', 'latest', '2025-01-01', names[0])).to.deep.equal([names[2], names[0]])
    expect(chosen()).to.deep.equal([])
  })

  it('have no path', () => {
    for (const operand of ['latest:docs', 'latest:', '/home/ann']) {
      expect(() => chosen(operand), operand).to.throw()
    }
    expect(() => chosen('latest:')).to.throw(/without a path/)
  })
})
