// A copied store, whose manifests name the inodes of the original.
import {expect} from 'chai'
import {renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {expectSame} from './snapshots.js'
import {isRoot, python, settle, sh, workshop} from './workshop.js'

const tree = `
for n in range(20): open('f%d' % n, 'w').write('content %d' % n)
os.link('f1', 'g1'); os.link('f2', 'g2'); os.mkdir('d'); os.link('f2', 'd/h2')
os.symlink('f1', 'link')
`

describe('a copied store', () => {
  const {docs, store, path, backUp, snapshot, newest} = workshop()

  const ino = (name: string, file: string): number => statSync(store(name, 'docs', file)).ino

  function copyStore(...flags: string[]): void {
    sh('cp', ...flags, store(), path('copy'))
    rmSync(store(), {recursive: true})
    renameSync(path('copy'), store())
  }

  beforeEach(async function () {
    if (!isRoot) this.skip()
    python(docs(), tree)
    await settle()
  })

  it('continues the history: only changes are stored (needs root)', async () => {
    const first = await snapshot()
    copyStore('-a')
    writeFileSync(docs('f0'), 'edited')
    const result = await backUp()
    expect(result).to.deep.include({
      changes: {new: 0, changed: 1, metadata: 0, renamed: 0, deleted: 0},
    })
    const second = newest()
    expectSame(docs(), store(second, 'docs'))
    for (const file of ['f1', 'f3', 'd/h2', 'link']) {
      expect(ino(second, file), file).to.equal(ino(first, file))
    }
  })

  it('finds nothing to do if nothing has changed, and remembers that (needs root)', async () => {
    await snapshot()
    copyStore('-a')
    expect(await backUp()).to.include({differs: false})
    expect(await backUp()).to.include({differs: false})
  })

  it('regains the link groups that the copy has split (needs root)', async () => {
    const first = await snapshot()
    copyStore('-r', '--preserve=all', '--no-preserve=links')
    expect(ino(first, 'f2'), 'the copy').not.to.equal(ino(first, 'g2'))
    const second = await snapshot()
    expectSame(docs(), store(second, 'docs'))
    expect(ino(second, 'f2')).to.equal(ino(second, 'd/h2'))
    expect([ino(first, 'f2'), ino(first, 'g2'), ino(first, 'd/h2')]).to.include(ino(second, 'f2'))
    expect(ino(second, 'f3'), 'shared').to.equal(ino(first, 'f3'))
    expect(await backUp()).to.include({differs: false})
  })

  it('does not trust a file that the copy has truncated or left out (needs root)', async () => {
    const first = await snapshot()
    copyStore('-a')
    writeFileSync(store(first, 'docs', 'f5'), 'cut')
    rmSync(store(first, 'docs', 'f6'))
    const second = await snapshot()
    expectSame(docs(), store(second, 'docs'))
  })

  it('does not trust a file that the copy has changed (needs root)', async () => {
    const first = await snapshot()
    copyStore('-a')
    python(store(first, 'docs'), "open('f5', 'r+').write('Content')")
    const second = await snapshot()
    expectSame(docs(), store(second, 'docs'))
  })
})
