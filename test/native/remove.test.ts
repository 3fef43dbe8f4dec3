// Removing leftovers of a killed run, and nothing else, wherever their links point.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {follow} from '../../src/native/job.js'
import {native, type Removed, type SpaceUse} from '../../src/native/native.js'
import {inventory} from './inventory.js'
import {isRoot, python, sh, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

const signal = new AbortController().signal
const leftover = '.partial-2020-01-01_00-00-00'

describe('remove', () => {
  const {docs, store, path, snapshot, later} = workshop()

  async function remove(name: string): Promise<Removed> {
    const opened = native().openStore(store())
    try {
      return await follow(opened.remove(name), signal, () => undefined)
    } finally {
      opened.close()
    }
  }

  it('removes a whole tree, and counts its entries', async () => {
    python(
      store(),
      `os.makedirs('${leftover}/a/b')\nfor n in range(500): open('${leftover}/a/%d' % n, 'w')`,
    )
    expect(await remove(leftover)).to.include({entries: 502})
    expect(storedIn(store())).to.deep.equal([])
  })

  it('measures what is left if another run removes a snapshot meanwhile', async () => {
    const name = await snapshot()
    const opened = native().openStore(store())
    later(() => {
      opened.close()
    })
    const measure = (names: readonly string[]): Promise<SpaceUse> =>
      follow(opened.measure(names, {set: [], top: 0, topOfSet: false}), signal, () => undefined)
    const alone = await measure([name])
    expect(alone.all.entries).to.be.above(0)
    const gone = '2024-01-01_00-00-00'
    expect(await measure([gone, name])).to.deep.equal({...alone, gone: [gone]})
  })

  it('follows no symlink, and keeps the hardlinks of a snapshot', async () => {
    writeFileSync(docs('file'), 'content')
    const first = await snapshot()
    const before = inventory(store(first))
    mkdirSync(store(leftover, 'dir'), {recursive: true})
    symlinkSync(docs(), store(leftover, 'link'))
    symlinkSync(store(first), store(leftover, 'dir', 'link'))
    linkSync(store(first, 'docs', 'file'), store(leftover, 'file'))
    await remove(leftover)
    expect(existsSync(store(leftover))).to.be.false
    expect(readFileSync(docs('file'), 'utf8')).to.equal('content')
    expect(inventory(store(first))).to.deep.equal(before)
  })

  it('does not mistake a symlink for a leftover', async () => {
    writeFileSync(docs('file'), 'content')
    symlinkSync(docs(), store(leftover))
    const error: unknown = await remove(leftover).catch((reason: unknown) => reason)
    expect(error).to.have.property('code').that.is.oneOf(['ENOTDIR', 'ELOOP'])
    expect(readdirSync(docs())).to.deep.equal(['file'])
    await snapshot()
    expect(readdirSync(docs())).to.deep.equal(['file'])
  })

  it('removes a tree 3,000 levels deep', async () => {
    python(
      store(),
      `os.mkdir('${leftover}'); os.chdir('${leftover}')
for level in range(3000): os.mkdir('d'); os.chdir('d')`,
    )
    expect(await remove(leftover)).to.include({entries: 3000})
    expect(storedIn(store())).to.deep.equal([])
  })

  it('does not enter another filesystem (needs root)', async function () {
    if (!isRoot) this.skip()
    mkdirSync(store(leftover, 'mounted'), {recursive: true})
    mkdirSync(path('precious'))
    writeFileSync(path('precious', 'file'), 'content')
    sh('mount', '-t', 'tmpfs', 'cura-test', store(leftover, 'mounted'))
    later(() => sh('umount', store(leftover, 'mounted')))
    writeFileSync(store(leftover, 'mounted', 'file'), 'content')
    const error: unknown = await remove(leftover).catch((reason: unknown) => reason)
    expect(error).to.include({code: 'MOUNTED'})
    expect(readFileSync(store(leftover, 'mounted', 'file'), 'utf8')).to.equal('content')
  })

  it('does not enter a leftover that is a mount point (needs root)', async function () {
    if (!isRoot) this.skip()
    mkdirSync(store(leftover))
    // This looks like a snapshot, because the delta is removed before the rest.
    mkdirSync(path('precious', '.backup_delta'), {recursive: true})
    writeFileSync(path('precious', '.backup_delta', 'file'), 'content')
    // On the same filesystem, so that the device is the same.
    sh('mount', '--bind', path('precious'), store(leftover))
    later(() => sh('umount', store(leftover)))
    const error: unknown = await remove(leftover).catch((reason: unknown) => reason)
    expect(error).to.include({code: 'MOUNTED'})
    expect(readFileSync(path('precious', '.backup_delta', 'file'), 'utf8')).to.equal('content')
  })

  it('removes a file that has the name of the delta', async () => {
    mkdirSync(path('outside'))
    writeFileSync(path('outside', 'file'), 'content')
    mkdirSync(store(leftover))
    writeFileSync(store(leftover, '.backup_delta'), 'x')
    expect(await remove(leftover)).to.include({entries: 1})
    mkdirSync(store(leftover))
    symlinkSync(path('outside'), store(leftover, '.backup_delta'))
    expect(await remove(leftover)).to.include({entries: 1})
    expect(storedIn(store())).to.deep.equal([])
    expect(readdirSync(path('outside'))).to.deep.equal(['file'])
  })
})
