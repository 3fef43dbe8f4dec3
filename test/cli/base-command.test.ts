// What every command does: formats, errors and the environment.
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../native/programs.js'
import {temporaryDirectory} from '../support/temporary.js'

describe('base-command', () => {
  const temporary = temporaryDirectory()
  const none = (): string => join(temporary(), 'none')
  const commands = [['backup', '/etc'], ['prune'], ['status'], ['digests']] as const

  it('prints an error as a sentence on stderr, or as one object on stdout', () => {
    for (const [command, ...operands] of commands) {
      const argv = [command, '-b', none(), ...operands]
      const text = runProgram(argv)
      expect(text).to.include({exit: 10, out: ''})
      expect(text.err).to.match(/^cura-te-ipsum: [^\n]*\n$/)
      const json = runProgram([...argv, '--json'])
      expect(json).to.include({exit: 10, err: ''})
      expect(JSON.parse(json.out)).to.include({code: 'noStore', exit: 10})
    }
  })

  it('refuses a typo in the environment in every command', () => {
    for (const [command, ...operands] of commands) {
      const under = ['env', 'CURA_VERBSE=1']
      const {exit, err} = runProgram([command, '-b', none(), ...operands], {under})
      expect(exit, command).to.equal(2)
      expect(err).to.match(/CURA_VERBSE, did you mean CURA_VERBOSE\?\n$/)
    }
  })

  it('takes JSON from the environment, but a flag overrides it', () => {
    mkdirSync(none(), {mode: 0o700})
    const argv = ['prune', '-n', '-b', none()]
    const under = ['env', 'CURA_JSON=yes']
    expect(JSON.parse(runProgram(argv, {under}).out)).to.include({exit: 0})
    const lines = runProgram([...argv, '--json-lines'], {under}).out
    expect(lines).to.match(/^\{"event":"summary",[^\n]*\}\n$/)
  })
})
