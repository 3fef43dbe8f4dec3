// The command unpin, as a process.
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {makeByHand} from '../../support/handmade.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command unpin', () => {
  const temporary = temporaryDirectory()

  it('removes the file of a pin, however it was made', () => {
    const store = join(temporary(), 'store')
    mkdirSync(store, {mode: 0o700})
    const name = makeByHand(store, '2025-01-01_10-00-00')
    writeFileSync(join(store, name, '.backup_pinned'), '')
    const wanted = {exit: 0, out: `${name}: no longer pinned\n`}
    expect(runProgram(['unpin', '-b', store, 'latest'])).to.include(wanted)
    expect(readdirSync(join(store, name))).not.to.include('.backup_pinned')
  })
})
