// The small functions of an attempt; backup.test has whole attempts.
import {expect} from 'chai'
import {newSnapshot} from '../../src/operations/attempt.js'
import {endOf, type Attempt, type Run} from '../../src/operations/run.js'
import type {BackupResult} from '../../src/operations/backup-result.js'

const start = new Date(2025, 0, 15, 10, 30, 0)
const runAt = (now: Date): Run => ({start, options: {clock: () => now}}) as unknown as Run
const holdings = ['docs', 'etc'].map((name) => ({
  name,
  path: `/${name}`,
  machine: 'a',
  hostId: '1',
}))
const attempt = {
  lineage: {holdings, selection: 'abc', earlier: ['']},
} as unknown as Attempt
const result = (fields: object): BackupResult =>
  ({snapshot: null, differs: true, carried: [], ...fields}) as unknown as BackupResult

describe('attempt', () => {
  it('never ends before it began, whatever the clock shows', () => {
    const later = new Date(start.getTime() + 5000)
    expect(endOf(runAt(later))).to.equal(later)
    expect(endOf(runAt(new Date(2000, 0, 1)))).to.equal(start)
  })

  it('passes the new snapshot to pruning, also in a dry run', () => {
    const [planned] = newSnapshot(runAt(start), attempt, result({}))
    expect(planned).to.deep.include({
      ...{name: '2025-01-15_10-30-00', instant: start, finished: true, marker: null},
      ...{selection: 'abc', earlier: [''], sources: ['docs', 'etc'], holdings},
    })
    const [made] = newSnapshot(runAt(start), attempt, result({snapshot: '2025-01-15_10-30-01'}))
    expect(made?.name).to.equal('2025-01-15_10-30-01')
  })

  it('plans no snapshot without changes, and no source that no snapshot holds', () => {
    expect(newSnapshot(runAt(start), attempt, result({differs: false}))).to.deep.equal([])
    const carried = [{name: 'etc', from: null}]
    const [planned] = newSnapshot(runAt(start), attempt, result({carried}))
    expect(planned?.sources).to.deep.equal(['docs'])
  })
})
