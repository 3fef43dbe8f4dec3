// The command find: its lines on stdout, its sentences on stderr, and its exit codes.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command find', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const find = (...argv: string[]) => runProgram(['find', '-b', path('store'), ...argv])

  beforeEach(() => {
    mkdirSync(path('store'), {mode: 0o700})
    mkdirSync(path('docs'))
    writeFileSync(path('docs/a'), 'a')
    runProgram(['backup', '-b', path('store'), path('docs')])
  })

  it('prints a line for each path', () => {
    const {exit, out, err} = find('a')
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    expect(out).to.match(/^\S+ {2}\S+ {2}docs\/a\n$/)
  })

  it('prints raw paths with -0, and JSON in two forms', () => {
    expect(find('-0', 'a').out).to.equal('docs/a\0')
    expect(JSON.parse(find('--json', 'a').out)).to.include({command: 'find', found: 1})
    expect(find('--json-lines', 'a').out.split('\n')).to.have.length(3)
  })

  it('refuses what it cannot read', () => {
    expect(find('--type', 'x', 'a')).to.include({exit: 2, out: ''})
    expect(find('--bogus')).to.include({exit: 2, out: ''})
    expect(runProgram(['find', '-b', path('none'), 'a'])).to.include({exit: 10, out: ''})
  })
})
