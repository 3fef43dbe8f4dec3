// The command size: its operands and flags reach the operation, and its output the right stream.
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {makeByHand} from '../../support/handmade.js'
import {temporaryDirectory} from '../../support/temporary.js'
import {storedIn} from '../../support/stored.js'

describe('command size', () => {
  const temporary = temporaryDirectory()
  const store = (): string => join(temporary(), 'store')
  const size = (...flags: string[]) => runProgram(['size', '-b', store(), ...flags])
  const names = ['2025-01-15_10-30-00', '2025-01-16_10-30-00', '2025-01-17_10-30-00']

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    for (const name of names) makeByHand(store(), `${name} @${name.slice(0, 10)}T10:30:00Z`)
  })

  it('lists all snapshots, or those that are named, and changes nothing', () => {
    const all = size()
    expect(all.exit).to.equal(0)
    const listed = all.out.split('\n').map((line) => line.slice(0, 19))
    expect(listed.slice(1, 4)).to.deep.equal(names)
    expect(all.err).to.match(/^cura-te-ipsum: 2025-01-17_10-30-00: read its tree, /)
    const two = JSON.parse(size('--json', 'oldest', 'latest').out) as {set: {names: string[]}}
    expect(two.set.names).to.deep.equal([names[2], names[0]])
    expect(storedIn(store()).sort()).to.deep.equal(names)
  })

  it('refuses a number of paths that is none', () => {
    expect(size('--top', 'many')).to.deep.include({
      exit: 2,
      err: 'cura-te-ipsum: --top "many" is not a number from 1 to 999999\n',
    })
  })
})
