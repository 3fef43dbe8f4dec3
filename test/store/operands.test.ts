// Whole snapshots by several selectors.
import {writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {localZone} from '../../src/retention/retention.js'
import {selectorsFor, snapshotsFrom} from '../../src/store/operands.js'
import {runProgram} from '../native/programs.js'
import {workshop} from '../native/workshop.js'
import {plannedSnapshot} from '../../src/store/store.js'
import {storedIn} from '../support/stored.js'

describe('operands', () => {
  const {docs, store, snapshot} = workshop()
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

  it('are the snapshot that --at chooses if there are none', () => {
    expect(selectorsFor([], {at: '3d'})).to.deep.equal(['latest'])
    expect(selectorsFor([], {tag: 'x'})).to.deep.equal([])
    expect(selectorsFor(['oldest'], {at: '3d'})).to.deep.equal(['oldest'])
  })

  it('are what pin, size and delete take', async () => {
    const taken = [await snapshot(), '', '']
    for (const at of [1, 2]) {
      writeFileSync(docs('a'), `${at}`)
      taken[at] = await snapshot()
    }
    const run = (command: string, ...args: string[]) =>
      runProgram([command, '-b', store(), ...args])
    const at = ['--at', '2025-01-15 10:01']
    expect(run('pin').err).to.match(/name the snapshots, such as latest, or choose one with --at/)
    expect(run('pin').exit).to.equal(2)
    expect(run('pin', ...at).out).to.contain(taken[1])
    const {snapshots: measured} = JSON.parse(run('size', '--json', ...at).out) as {snapshots: Array<{name: string}>} // prettier-ignore
    expect(measured.map(({name}) => name)).to.deep.equal([taken[1]])
    expect(run('unpin', ...at).exit).to.equal(0)
    expect(run('tag', '--add', 'x', ...at).exit).to.equal(0)
    expect(run('delete', ...at).exit).to.equal(0)
    expect(storedIn(store()).filter((name) => /^2025/.test(name))).to.deep.equal([
      taken[0],
      taken[2],
    ])
    expect(run('delete').exit).to.equal(2)
  })

  it('have no path', () => {
    for (const operand of ['latest:docs', 'latest:', '/home/ann']) {
      expect(() => chosen(operand), operand).to.throw()
    }
    expect(() => chosen('latest:')).to.throw(/without a path/)
  })
})
