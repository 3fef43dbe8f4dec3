// The command pin, as a process.
import {mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {makeByHand} from '../../support/handmade.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command pin', () => {
  const temporary = temporaryDirectory()

  it('makes a file that keeps the snapshot', () => {
    const store = join(temporary(), 'store')
    mkdirSync(store, {mode: 0o700})
    const name = makeByHand(store, '2025-01-01_10-00-00')
    expect(runProgram(['pin', '-b', store, 'latest'])).to.include({
      exit: 0,
      out: `${name}: pinned\n`,
    })
    expect(readdirSync(join(store, name))).to.include('.backup_pinned')
  })
})
