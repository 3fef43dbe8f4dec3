// Facts that must not count as evidence: names that were not read, flags that ignore changes, inodes of
// other bases.
import {expect} from 'chai'
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import type {BackupOptions} from '../../src/operations/backup.js'
import type {SelectionOptions} from '../../src/native/native.js'
import {fullTrust} from '../../src/engine/selection.js'
import {isRoot, python, settle, sh, workshop} from './workshop.js'

/** Writes other content of the same size, and restores the mtime. */
const hiddenEdit = (name: string): string =>
  `s = os.stat('${name}'); open('${name}', 'r+').write('other'); os.utime('${name}', ns=(s.st_atime_ns, s.st_mtime_ns))`

const excluding = (text: string): {selection: SelectionOptions} => ({
  selection: {
    patterns: [{origin: '--exclude', text: Buffer.from(text), isFile: false, foldsCase: false}],
    ignoreFiles: [],
    tags: [],
    attributes: [],
    largest: null,
    oneFileSystem: false,
  },
})

describe('evidence', () => {
  const {docs, path, store, newest, later, backUp, snapshot} = workshop()

  const stored = (name: string): string => readFileSync(store(newest(), 'docs', name), 'utf8')
  const ino = (...names: string[]): number => statSync(store(newest(), ...names)).ino
  const linkIno = (...names: string[]): number => lstatSync(store(newest(), ...names)).ino
  const quick = {trust: {...fullTrust, quick: true}}
  const ignoring = {trust: {...fullTrust, ctimes: false}}

  for (const [what, passing] of [
    ['--quick-check', quick],
    ['--ignore-ctime', ignoring],
  ] as const) {
    it(`of one name proves nothing about the others of its inode, after ${what}`, async () => {
      writeFileSync(docs('a'), 'first')
      linkSync(docs('a'), docs('b'))
      await settle()
      await snapshot()
      python(docs(), hiddenEdit('a'))
      await settle()
      expect(await backUp(passing)).to.include({differs: false})
      await snapshot()
      expect([stored('a'), stored('b')]).to.deep.equal(['other', 'other'])
      expect(ino('docs', 'a')).to.equal(ino('docs', 'b'))
    })
  }

  it('that --ignore-ctime has ignored does not count, even if the mode has changed as well', async () => {
    writeFileSync(docs('a'), 'first')
    await settle()
    await snapshot()
    python(docs(), `${hiddenEdit('a')}; os.chmod('a', 0o600)`)
    await settle()
    await snapshot(ignoring)
    await snapshot()
    expect(stored('a')).to.equal('other')
  })

  it('of a filesystem whose ctimes are all zero is checked again (needs root and mksquashfs)', async function () {
    if (!isRoot || !existsSync('/usr/bin/mksquashfs')) this.skip()
    const image = (name: string): void => {
      writeFileSync(docs('a'), name)
      sh(
        'mksquashfs',
        docs(),
        path(name),
        '-quiet',
        '-no-progress',
        '-all-time',
        '0',
        '-mkfs-time',
        '0',
      )
    }
    image('first')
    image('other')
    const mounted = path('mounted', 'docs')
    mkdirSync(mounted, {recursive: true})
    const run = async (name: string, options: Partial<BackupOptions>): Promise<void> => {
      sh('mount', '-o', 'loop', path(name), mounted)
      try {
        await backUp({operands: [mounted], ...options})
      } finally {
        sh('umount', mounted)
      }
    }
    later(() => void rmSync(path('mounted'), {recursive: true}))
    await run('first', {})
    await run('other', quick)
    await run('other', {})
    expect(stored('a')).to.equal('other')
  })

  it('of an older snapshot never makes one inode of two', async () => {
    writeFileSync(docs('p'), 'content')
    writeFileSync(docs('x.tmp'), '')
    await settle()
    await snapshot(excluding('*.tmp'))
    python(docs(), "os.rename('p', 'q')")
    await snapshot(excluding('*.tmp'))
    sh('cp', '-p', docs('q'), docs('p'))
    await snapshot(excluding('*.tmp'))
    expect(ino('docs', 'p')).not.to.equal(ino('docs', 'q'))
  })

  describe('of two bases', () => {
    const of = (...names: ('a' | 'b')[]) => ({operands: names.map((name) => path(name))})

    beforeEach(async () => {
      for (const name of ['a', 'b']) mkdirSync(path(name))
      writeFileSync(path('a', 'f'), 'content')
      linkSync(path('a', 'f'), path('b', 'g'))
      linkSync(path('a', 'f'), path('outside'))
      await settle()
    })

    it('never makes one inode of two', async () => {
      await snapshot(of('a', 'b'))
      sh('cp', '-p', path('a', 'f'), path('t'))
      sh('mv', path('t'), path('a', 'f'))
      writeFileSync(path('a', 'n'), 'n')
      await snapshot(of('a'))
      writeFileSync(path('b', 'n'), 'n')
      await snapshot(of('a', 'b'))
      expect(ino('a', 'f')).not.to.equal(ino('b', 'g'))
    })

    it('never makes one inode of two that have no other names left', async () => {
      await snapshot(of('a', 'b'))
      sh('cp', '-p', path('a', 'f'), path('t'))
      sh('mv', path('t'), path('a', 'f'))
      writeFileSync(path('a', 'n'), 'n')
      await snapshot(of('a'))
      sh('rm', path('outside'))
      writeFileSync(path('b', 'n'), 'n')
      await snapshot(of('b'))
      await settle()
      writeFileSync(path('b', 'm'), 'm')
      await snapshot(of('a', 'b'))
      expect(ino('a', 'f')).not.to.equal(ino('b', 'g'))
      expect(await backUp(of('a', 'b'))).to.include({differs: false})
    })

    it('never splits an inode in two', async () => {
      await snapshot(of('a'))
      await snapshot(of('b'))
      writeFileSync(path('a', 'n'), 'n')
      await snapshot(of('a', 'b'))
      expect(ino('a', 'f')).to.equal(ino('b', 'g'))
      expect(await backUp(of('a', 'b'))).to.include({differs: false})
    })

    for (const [what, passing] of [
      ['no flag', {}],
      ['--checksum', {trust: {...fullTrust, contents: false}}],
      ['--quick-check', quick],
      ['--ignore-ctime', ignoring],
    ] as const) {
      // Each base has stored the inode for itself.
      it(`never splits an inode in two that got its second name later, with ${what}`, async () => {
        writeFileSync(path('b', 'h'), 'alone')
        await settle()
        await snapshot(of('a', 'b'))
        linkSync(path('b', 'h'), path('a', 'i'))
        await settle()
        await snapshot(of('a'))
        await snapshot(of('b'))
        writeFileSync(path('a', 'n'), 'n')
        await snapshot({...of('a', 'b'), ...passing})
        expect(ino('a', 'i')).to.equal(ino('b', 'h'))
        expect(await backUp({...of('a', 'b'), ...passing})).to.include({differs: false})
      })

      it(`never splits an inode in two whose first name was alone, with ${what}`, async () => {
        writeFileSync(path('b', 'h'), 'alone')
        await settle()
        await snapshot(of('a', 'b'))
        linkSync(path('b', 'h'), path('a', 'i'))
        await settle()
        await snapshot(of('a'))
        writeFileSync(path('a', 'n'), 'n')
        await snapshot({...of('a', 'b'), ...passing})
        expect(ino('a', 'i')).to.equal(ino('b', 'h'))
        expect(await backUp({...of('a', 'b'), ...passing})).to.include({differs: false})
      })
    }

    it('never splits an inode in two that has a name in a source that is carried over', async () => {
      rmSync(path('b', 'g'))
      writeFileSync(path('b', 'h'), 'alone')
      await settle()
      await snapshot(of('a', 'b'))
      linkSync(path('b', 'h'), path('a', 'i'))
      await settle()
      await snapshot(of('a'))
      const base = await snapshot(of('b'))
      writeFileSync(path('a', 'n'), 'n')
      // Without its only file, b counts as empty.
      const {carried} = await backUp({...of('a', 'b'), ...excluding('h')})
      expect(carried.map(({name}) => name)).to.deep.equal(['b'])
      expect(ino('b', 'h')).to.equal(statSync(store(base, 'b', 'h')).ino)
      expect(ino('a', 'i')).to.equal(ino('b', 'h'))
      writeFileSync(path('a', 'm'), 'm')
      await snapshot(of('a', 'b'))
      expect(ino('a', 'i')).to.equal(ino('b', 'h'))
    })

    it('keep the inode of a name if the run leaves out its other names', async () => {
      writeFileSync(path('b', 'h'), 'alone')
      await settle()
      await snapshot(of('a', 'b'))
      linkSync(path('b', 'h'), path('a', 'i'))
      const base = await snapshot(of('a')) // too early to be proven
      await settle()
      await snapshot(of('b'))
      writeFileSync(path('a', 'n'), 'n')
      await snapshot({...of('a', 'b'), ...excluding('h')})
      expect(ino('a', 'i')).to.equal(statSync(store(base, 'a', 'i')).ino)
    })

    it('never splits a FIFO or a symlink that changed while a manifest was lost', async () => {
      python(path('b'), "os.mkfifo('p', 0o600); os.symlink('x', 'l')")
      const base = await snapshot(of('b'))
      rmSync(store(base, '.backup_manifest'))
      python(
        path(),
        "for n in 'pl': os.link('b/' + n, 'a/' + n, follow_symlinks=False)\nos.chmod('a/p', 0o640)",
      )
      if (isRoot) sh('chown', '-h', '1:1', path('a', 'l'))
      await settle()
      await snapshot(of('a'))
      await snapshot(of('a', 'b'))
      for (const name of ['p', 'l']) {
        expect(linkIno('a', name), name).to.equal(linkIno('b', name))
      }
      expect(await backUp(of('a', 'b'))).to.include({differs: false})
    })
  })
})
