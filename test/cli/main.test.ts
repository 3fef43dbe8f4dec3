// How a command is found, and what happens without one.
import {expect} from 'chai'
import {commands} from '../../src/cli/main.js'
import {runProgram} from '../native/programs.js'

describe('main', () => {
  it('has the commands, the most used first', () => {
    expect(Object.keys(commands)).to.deep.equal([
      ...['backup', 'prune', 'status', 'find', 'history', 'snapshots', 'ls', 'diff', 'size'],
      ...['delete', 'pin', 'unpin', 'tag', 'digests', 'completion'],
    ])
  })

  it('starts each of them (slow)', () => {
    for (const name of Object.keys(commands)) {
      const {exit, err} = runProgram([name, '--frob'])
      expect(exit, name).to.equal(2)
      expect(err).to.match(/^cura-te-ipsum: .*--frob.*\(see --help\)\n$/)
    }
  })

  it('refuses an unknown command, in text and in JSON', () => {
    expect(runProgram(['frob'])).to.include({exit: 2, out: ''})
    expect(JSON.parse(runProgram(['frob', '--json']).out)).to.include({code: 'usage', exit: 2})
  })
})
