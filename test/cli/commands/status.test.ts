// The command status: a table for people, an object for programs, and no change to the store.
import {mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {makeByHand} from '../../support/handmade.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command status', () => {
  const temporary = temporaryDirectory()
  const store = (): string => join(temporary(), 'store')
  const status = (...flags: string[]) => runProgram(['status', '-b', store(), ...flags])
  const name = '2025-01-15_10-30-00'

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    makeByHand(store(), `${name} @2025-01-15T10:30:00Z`)
  })

  it('prints each snapshot, and nothing with -q', () => {
    const {exit, out, err} = status()
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    expect(out)
      .to.match(/^Store .* free/)
      .and.match(new RegExp(`^${name} `, 'm'))
    expect(status('-q')).to.include({exit: 0, out: '', err: ''})
    expect(readdirSync(store())).to.deep.equal([name])
  })

  it('prints the same as one object with --json', () => {
    const {out} = status('--json', '--keep-last', '1')
    const {snapshots} = JSON.parse(out) as {snapshots: Array<{name: string; keep: boolean}>}
    expect(snapshots).to.have.lengthOf(1)
    expect(snapshots[0]).to.include({name, keep: true})
  })

  it('fails with 10 if there is no store', () => {
    const {exit, err} = runProgram(['status', '-b', join(temporary(), 'none')])
    expect(exit).to.equal(10)
    expect(err).to.match(/^cura-te-ipsum: .*none.*\n$/)
  })
})
