// A --source that no snapshot holds.
import {mkdirSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {runProgram} from '../native/programs.js'
import {workshop} from '../native/workshop.js'

describe('known-sources', () => {
  const {docs, path, store, snapshot} = workshop()

  it('are named by every command that asks for another one', async () => {
    mkdirSync(path('pics'))
    writeFileSync(docs('a'), 'a')
    await snapshot({operands: [docs(), path('pics')]})
    const message = 'cura-te-ipsum: no snapshot has a source nope; there are: docs, pics\n'
    for (const [command = '', ...args] of [
      ['ls'],
      ['find', '*'],
      ['history', 'docs/a'],
      ['snapshots'],
      ['pin', 'latest'],
      ['size'],
      ['delete', '--all'],
    ]) {
      const run = (source: string) => runProgram([command, '-b', store(), '--source', source, ...args]) // prettier-ignore
      expect(run('nope'), command).to.deep.include({exit: 7, out: '', err: message})
      if (command !== 'delete') expect(run('docs').exit, command).to.equal(0)
    }
  })
})
