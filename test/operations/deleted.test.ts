// history --deleted: what it says if nothing is deleted, or the directory is unknown.
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {runProgram} from '../native/programs.js'
import {workshop} from '../native/workshop.js'

describe('deleted', () => {
  const {docs, store, snapshot} = workshop()
  const run = (...args: string[]) => runProgram(['history', '-b', store(), '--deleted', ...args])

  it('distinguishes an unknown directory from one without deletions', async () => {
    mkdirSync(docs('in'))
    writeFileSync(docs('in/a'), 'a')
    writeFileSync(docs('b'), 'b')
    await snapshot()
    rmSync(docs('b'))
    await snapshot()
    expect(run(docs())).to.include({exit: 0, err: ''})
    expect(run(docs('in'))).to.deep.include({
      ...{exit: 7, out: ''},
      err: `cura-te-ipsum: Nothing is deleted below ${docs('in')}.\n`,
    })
    expect(run('docs/none')).to.deep.include({
      ...{exit: 7, out: ''},
      err: "cura-te-ipsum: no snapshot has docs/none; to search for it: find '*none*'\n",
    })
    const json = JSON.parse(run('--json', 'docs/in').out) as object
    expect(json).to.deep.include({found: 0, warnings: [], exit: 7})
  })
})
