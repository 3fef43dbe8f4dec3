// How a command is found, and what happens without one.
import {expect} from 'chai'
import {commandNames} from '../../src/cli/command-names.js'
import {commands} from '../../src/cli/main.js'
import {runProgram} from '../native/programs.js'

describe('main', () => {
  it('has the commands, the most used first', () => {
    expect(Object.keys(commands)).to.deep.equal([
      ...['backup', 'restore', 'prune', 'status', 'find', 'history', 'snapshots', 'ls', 'diff'],
      ...['size', 'delete', 'pin', 'unpin', 'tag', 'verify', 'digests', 'completion'],
    ])
  })

  it('has the same names for hints', () => {
    expect(Object.keys(commands)).to.deep.equal(commandNames)
  })

  it('starts each of them (slow)', () => {
    for (const name of Object.keys(commands)) {
      const {exit, err} = runProgram([name, '--frob'])
      expect(exit, name).to.equal(2)
      expect(err).to.match(/^cura-te-ipsum: .*has no flag --frob: .*\n$/)
    }
  })

  it('refuses an unknown command, in text and in JSON', () => {
    expect(runProgram(['frob'])).to.include({exit: 2, out: ''})
    expect(JSON.parse(runProgram(['frob', '--json']).out)).to.include({code: 'usage', exit: 2})
  })
})
