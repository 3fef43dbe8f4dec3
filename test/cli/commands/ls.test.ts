// The command ls: lists on stdout, in any form.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command ls', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const ls = (...argv: string[]) => runProgram(['ls', '-b', path('store'), ...argv])

  beforeEach(() => {
    mkdirSync(path('store'), {mode: 0o700})
    mkdirSync(path('docs'))
    writeFileSync(path('docs/a'), 'a')
    runProgram(['backup', '-b', path('store'), path('docs')])
  })

  it('prints names, one object, or lines of JSON', () => {
    expect(ls('latest:docs')).to.include({exit: 0, out: 'a\n', err: ''})
    const whole = JSON.parse(ls('--json', 'latest:docs').out) as {entries: object[]}
    expect(whole).to.include({command: 'ls', format: 1, path: 'docs', exit: 0})
    expect(whole.entries).to.have.length(1)
    const lines = ls('--json-lines', 'latest:docs').out.trim().split('\n')
    const [entry, summary] = lines.map((line) => JSON.parse(line) as object)
    expect(entry).to.include({event: 'entry', path: 'docs/a', size: 1})
    expect(summary).to.include({event: 'summary', path: 'docs', exit: 0})
  })

  it('fails for a path or snapshot that does not exist', () => {
    expect(ls('latest:docs/b')).to.include({exit: 7, out: ''})
    expect(ls('2001-01-01')).to.include({exit: 7, out: ''})
    expect(ls('--sort', 'name-of-no-key')).to.include({exit: 2, out: ''})
  })
})
