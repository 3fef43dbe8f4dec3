// Which directories are mount points, and which sources were.
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {native} from '../../src/native/native.js'
import {filesystems, needs} from './mounts.js'
import {isRoot, sh, workshop} from './workshop.js'

describe('mount points', () => {
  const {docs, store, path, later} = workshop()
  const isMountPoint = (place: string): boolean => native().isMountPoint(place)

  /** The names of the sources that are mount points. */
  function mounted(sources: Readonly<Record<string, string>>): string[] {
    const opened = native().openStore(store())
    try {
      const given = Object.entries(sources).map(([name, place]) => ({name, path: place}))
      const found = opened.openSources(given)
      const names = found.mounted()
      found.close()
      return names
    } finally {
      opened.close()
    }
  }

  it('are the root directory, and no plain directory, file or missing path', () => {
    writeFileSync(docs('file'), '')
    expect(isMountPoint('/')).to.equal(true)
    for (const place of [docs(), docs('file'), docs('none'), docs('file', 'x'), '']) {
      expect(isMountPoint(place), place).to.equal(false)
    }
    expect(mounted({docs: docs(), file: docs('file')})).to.deep.equal([])
  })

  it('are mounted directories until they are unmounted (needs root)', function () {
    if (!isRoot) this.skip()
    mkdirSync(docs('disk', 'sub'), {recursive: true})
    symlinkSync('disk', docs('link'))
    sh('mount', '-t', 'tmpfs', 'none', docs('disk'))
    let isUp = true
    later(() => isUp && sh('umount', docs('disk')))
    mkdirSync(docs('disk', 'sub'))
    expect([docs('disk'), docs('link')].map(isMountPoint)).to.deep.equal([true, true])
    expect([docs(), docs('disk', 'sub')].map(isMountPoint)).to.deep.equal([false, false])
    const sources = {a: docs('disk'), b: docs(), c: docs('link'), d: docs('disk', 'sub')}
    expect(mounted(sources)).to.deep.equal(['a', 'c'])
    sh('umount', docs('disk'))
    isUp = false
    expect(isMountPoint(docs('disk'))).to.equal(false)
  })

  it('are bind mounts, even of a directory of the same filesystem (needs root)', function () {
    if (!isRoot || process.platform !== 'linux') this.skip()
    mkdirSync(path('from'))
    mkdirSync(docs('to'))
    sh('mount', '--bind', path('from'), docs('to'))
    later(() => sh('umount', docs('to')))
    expect([docs('to'), path('from')].map(isMountPoint)).to.deep.equal([true, false])
  })

  describe(`on btrfs (${needs})`, () => {
    const place = filesystems()

    it('are no subvolumes', () => {
      sh('btrfs', 'subvolume', 'create', `${place('btrfs')}/sub`)
      expect(isMountPoint(place('btrfs'))).to.equal(true)
      expect(isMountPoint(`${place('btrfs')}/sub`)).to.equal(false)
    })
  })
})
