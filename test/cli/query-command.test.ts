// What the commands that ask questions share: filters, lists in pages, and the machine's own name.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../native/programs.js'
import {storedIn} from '../support/stored.js'
import {temporaryDirectory} from '../support/temporary.js'

describe('commands that ask questions', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const ask = (...argv: string[]) => runProgram([...argv, '-b', path('store')])

  beforeEach(() => {
    mkdirSync(path('store'), {mode: 0o700})
    mkdirSync(path('docs'))
    writeFileSync(path('docs/a'), 'a')
    runProgram(['backup', '-b', path('store'), '--tag', 'x', path('docs')])
  })

  it('take filters, which have no variables', () => {
    const names = (...argv: string[]): string[] =>
      (JSON.parse(ask('snapshots', '--json', ...argv).out) as {snapshots: Array<{name: string}>}).snapshots.map(({name}) => name) // prettier-ignore
    const [only = ''] = storedIn(path('store'))
    expect(names('--tag', 'x', '--source', 'docs')).to.deep.equal([only])
    expect(ask('ls', '--tag', 'y')).to.include({exit: 7})
    expect(runProgram(['ls', '-b', path('store')], {under: ['env', 'CURA_SOURCE=docs']}).err).to.match(/unknown environment variable CURA_SOURCE/) // prettier-ignore
  })

  it('find paths of this machine by the name it was given', () => {
    const [store, docs] = [path('named'), path('docs')]
    mkdirSync(store, {mode: 0o700})
    runProgram(['backup', '-b', store, '--host', 'box', docs])
    const list = (host: string) =>
      runProgram(['ls', '-b', store, docs], {under: ['env', `CURA_HOST=${host}`]})
    expect(list('box')).to.include({exit: 0, out: 'a\n'})
    expect(list('other')).to.include({exit: 7})
  })
})
