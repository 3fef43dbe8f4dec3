// The command history: its table on stdout, and its exit codes.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command history', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const history = (...argv: string[]) => runProgram(['history', '-b', path('store'), ...argv])

  beforeEach(() => {
    mkdirSync(path('store'), {mode: 0o700})
    mkdirSync(path('docs'))
    writeFileSync(path('docs/a'), 'a')
    writeFileSync(path('docs/b'), 'b')
    runProgram(['backup', '-b', path('store'), path('docs')])
  })

  it('prints a table for each path', () => {
    const {exit, out, err} = history(path('docs/a'), 'docs/b')
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    expect(out.split('\n').filter((line) => /^docs\/[ab]$/.test(line))).to.have.length(2)
  })

  it('prints one object for one path, and a list for several', () => {
    expect(JSON.parse(history('--json', 'docs/a').out)).to.include({path: 'docs/a', exit: 0})
    const several = JSON.parse(history('--json', 'docs/a', 'docs/b').out) as {histories: object[]}
    expect(several.histories).to.have.length(2)
  })

  it('needs a path and a store', () => {
    expect(history()).to.include({exit: 2, out: ''})
    expect(runProgram(['history', '-b', path('none'), 'a'])).to.include({exit: 10, out: ''})
  })
})
