// One pass through the built program, as root and as an ordinary user.
import {chmodSync, chownSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {asNobody, nobody, program, runProgram, type RunOptions} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'

const users: ReadonlyArray<[string, RunOptions]> = isRoot
  ? [
      ['root', {}],
      ['an ordinary user', {under: asNobody}],
    ]
  : [['an ordinary user', {}]]

describe('the built program', () => {
  const {docs, store, path, newest} = workshop()

  for (const [who, options] of users) {
    it(`backs up, detects no change and every change, and shows the status, as ${who}`, () => {
      const run = (...argv: string[]): object => {
        const {exit, out, err} = runProgram([...argv, '--json'], options)
        expect({exit, err}, err).to.deep.equal({exit: 0, err: ''})
        return JSON.parse(out) as object
      }
      python(docs(), "os.makedirs('d')\nopen('d/x', 'w').write('x' * 5000)\nos.symlink('d', 'l')")
      if (isRoot && options.under !== undefined) {
        chmodSync(path(), 0o755)
        chownSync(store(), nobody, nobody)
        sh('chown', '-Rh', `${nobody}:${nobody}`, docs())
      }
      expect(run('-n', '-b', store(), docs())).to.include({made: false, differs: true})
      expect(run('-b', store(), docs())).to.include({made: true, previous: null})
      expectSame(docs(), store(newest(), 'docs'))
      const first = newest()
      expect(run('backup', '-b', store(), docs())).to.include({made: false, differs: false})
      renameSync(docs('d', 'x'), docs('y'))
      const second = run('-b', store(), docs())
      expect(second).to.include({made: true, previous: first})
      expect(second).to.have.nested.property('counts.changes.renamed', 1)
      expectSame(docs(), store(newest(), 'docs'))
      const state = run('status', '-b', store()) as {snapshots: unknown[]; lock: unknown}
      expect(state.snapshots).to.have.lengthOf(2)
      expect(state.lock).to.equal(null)
    })
  }

  it('needs nothing except what it ships with', () => {
    writeFileSync(docs('a'), 'a')
    expect(readFileSync(program, 'utf8')).to.match(/^#!\/usr\/bin\/env node\n/)
    const bare = runProgram(['-b', store(), docs()], {under: ['env', '-i']})
    expect(bare).to.include({exit: 0, err: ''})
  })
})
