// The command snapshots: its table, JSON and flags.
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {makeByHand} from '../../support/handmade.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command snapshots', () => {
  const temporary = temporaryDirectory()
  const store = (): string => join(temporary(), 'store')
  const snapshots = (...argv: string[]) => runProgram(['snapshots', '-b', store(), ...argv])

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    for (const day of ['01', '02', '03']) {
      makeByHand(store(), `2025-01-${day}_10-00-00 @2025-01-${day}T10:00:00Z #day${day}`)
    }
  })

  it('prints a table, one object, or lines of JSON', () => {
    const {exit, out, err} = snapshots('--last', '2')
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    expect(out.split('\n').map((line) => line.slice(0, 10))).to.deep.equal(
      ['SNAPSHOT  ', '2025-01-02', '2025-01-03', ''], // prettier-ignore
    )
    const json = JSON.parse(snapshots('--json', '--tag', 'day01').out) as {snapshots: object[]}
    expect(json).to.include({command: 'snapshots', format: 1, exit: 0})
    expect(json.snapshots).to.have.length(1)
    const lines = snapshots('--json-lines').out.trim().split('\n')
    expect(lines).to.have.length(4)
    expect(JSON.parse(lines[0] ?? '')).to.include({event: 'entry', name: '2025-01-01_10-00-00'})
    expect(JSON.parse(lines[3] ?? '')).to.include({event: 'summary', exit: 0})
  })

  it('refuses a count that is none', () => {
    for (const text of ['0', '-1', 'x', '1.5', '']) {
      expect(snapshots(`--last=${text}`), text).to.include({exit: 2, out: ''})
    }
  })
})
