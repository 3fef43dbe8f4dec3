// The command prune: its rules reach the operation, and its verdicts the right stream.
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {makeByHand} from '../../support/handmade.js'
import {temporaryDirectory} from '../../support/temporary.js'
import {storedIn} from '../../support/stored.js'

describe('command prune', () => {
  const temporary = temporaryDirectory()
  const store = (): string => join(temporary(), 'store')
  const prune = (...flags: string[]) => runProgram(['prune', '-b', store(), ...flags])
  const names = ['2025-01-15_10-30-00', '2025-01-16_10-30-00', '2025-01-17_10-30-00']

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    for (const name of names) makeByHand(store(), `${name} @${name.slice(0, 10)}T10:30:00Z`)
  })

  it('lists with -n the snapshots that it removes without', () => {
    const {exit, out, err} = prune('-n', '--keep-last', '2')
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    expect(out)
      .to.match(/^2025-01-15_10-30-00 +remove /m)
      .and.match(/^Would remove 1 snapshot: /m)
    expect(storedIn(store()).sort()).to.deep.equal(names)
    expect(prune('--keep-last', '2').out).to.match(/^Removed 1 snapshot: /m)
    expect(storedIn(store()).sort()).to.deep.equal(names.slice(1))
  })

  it('removes only the snapshots that are named', () => {
    const {exit, out} = prune('--keep-last', '1', '2025-01-16', 'latest')
    expect(exit).to.equal(0)
    expect(out).to.match(/^2025-01-15_10-30-00 +keep +not selected$/m)
    expect(storedIn(store())).to.have.members(
      names.filter((name) => !name.startsWith('2025-01-16')),
    )
    expect(prune('--keep-last', '1', 'something')).to.include({exit: 2, out: ''})
  })

  it('refuses a rule that is not an extent, and removes nothing', () => {
    expect(prune('--keep-daily', '30x')).to.include({exit: 2, out: ''})
    expect(storedIn(store()).sort()).to.deep.equal(names)
  })
})
