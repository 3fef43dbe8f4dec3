// The directory for copies of versions is never in the store.
import {existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {native} from '../../src/native/native.js'
import {makeTarget} from '../../src/operations/restore-target.js'
import {runProgram} from '../native/programs.js'
import {isRoot, sh, workshop} from '../native/workshop.js'

describe('the directory of --restore-all', () => {
  const {docs, path, store, snapshot, later} = workshop()
  const restoreInto = (directory: string) =>
    runProgram(['history', '-b', store(), '--restore-all', directory, docs('a')])

  it('refuses a directory in the store before it makes anything', async () => {
    writeFileSync(docs('a'), 'a')
    const first = await snapshot()
    const before = sh('find', store())
    symlinkSync(store(first), path('link'))
    symlinkSync(store(first, 'new'), path('dangling'))
    mkdirSync(path('real'))
    for (const directory of [
      store(first, 'docs', 'x', 'y'),
      store(),
      store('in'),
      path('link', 'x', 'y'),
      `${path('real')}/../link/x`,
    ]) {
      const refused = restoreInto(directory)
      expect(refused.exit, directory).to.equal(2)
      expect(refused.err, directory).to.contain('lies in the store')
    }
    expect(restoreInto(path('dangling')).exit).to.equal(1)
    expect(restoreInto(path('dangling', 'x')).exit).to.equal(1)
    expect(restoreInto(path('none', '..', 'link', 'x')).exit).to.equal(2)
    expect(restoreInto(`${path('none')}/../other`).exit).to.equal(1)
    expect(sh('find', store())).to.equal(before)
    expect(restoreInto(path('deep', 'er')).exit).to.equal(0)
  })

  it('returns the real path, and refuses a store by another mount (needs root)', async function () {
    if (!isRoot) this.skip()
    writeFileSync(docs('a'), 'a')
    await snapshot()
    const opened = native().openStore(store())
    later(() => {
      opened.close()
    })
    mkdirSync(path('real'))
    symlinkSync(path('real'), path('link'))
    expect(await makeTarget(opened, path('link', 'x'))).to.equal(realpathSync(path('real', 'x')))
    mkdirSync(path('bound'))
    sh('mount', '--bind', store(), path('bound'))
    later(() => sh('umount', path('bound')))
    expect(restoreInto(path('bound', 'x')).exit).to.equal(2)
    expect(existsSync(store('x'))).to.equal(false)
  })
})
