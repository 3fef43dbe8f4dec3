// How far to trust the source: which evidence shows a change, and the effect of the flags.
import {expect} from 'chai'
import {statSync, writeFileSync} from 'node:fs'
import {readFileSync} from 'node:fs'
import {fullTrust} from '../../src/engine/selection.js'
import {inventory} from './inventory.js'
import {asNobody, nobody, program, runProgram} from './programs.js'
import {expectSame} from './snapshots.js'
import {trace} from './traces.js'
import {isRoot, python, settle, sh, workshop} from './workshop.js'

/** Writes other content of the same size, and restores the mtime. */
const edit = `
s = os.stat('file')
open('file', 'r+').write('other')
os.utime('file', ns=(s.st_atime_ns, s.st_mtime_ns))
`
/** Puts the same content with the same mtime into another inode. */
const replace = `
s = os.stat('file')
open('new', 'w').write(open('file').read())
os.utime('new', ns=(s.st_atime_ns, s.st_mtime_ns))
os.rename('new', 'file')
`

describe('trust', () => {
  const {docs, store, path, backUp, snapshot, newest} = workshop()

  const checksum = {trust: {...fullTrust, contents: false}}
  const ignoring = {trust: {inodes: false, ctimes: false, contents: true, quick: false}}
  const stored = (name: string): number => statSync(store(name, 'docs', 'file')).ino

  beforeEach(async () => {
    writeFileSync(docs('file'), 'first')
    await settle()
  })

  it('by default catches an edit that keeps size and time', async () => {
    await snapshot()
    python(docs(), edit)
    await snapshot()
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('stores nothing twice if only inode and ctime have changed', async () => {
    const first = await snapshot()
    python(docs(), replace)
    writeFileSync(docs('more'), '')
    const second = await snapshot()
    expect(stored(second)).to.equal(stored(first))
  })

  it('with --ignore-inode and --ignore-ctime reads no file because of them', async () => {
    await snapshot()
    const opens = (...argv: string[]): number => {
      // Keeps the next file from getting this inode number.
      python(docs(), `os.link('file', '../file before ${argv.join('')}')`)
      python(docs(), replace)
      const command = [process.execPath, program, '-n', '-b', store(), docs(), ...argv]
      return trace(path('trace'), command).filter(
        ({name, paths}) => name === 'openat' && paths.includes(docs('file')),
      ).length
    }
    expect(opens()).to.be.above(0)
    expect(opens('--ignore-ctime')).to.be.above(0)
    expect(opens('--ignore-inode')).to.be.above(0)
    expect(opens('--ignore-inode', '--ignore-ctime')).to.equal(0)
  })

  it('with both misses an edit that keeps size and time, and with --checksum does not', async () => {
    await snapshot()
    python(docs(), edit)
    expect((await backUp(ignoring)).differs).to.equal(false)
    await snapshot({trust: {...ignoring.trust, contents: false}})
    expect(readFileSync(store(newest(), 'docs', 'file'), 'utf8')).to.equal('other')
  })

  it('with --checksum makes no snapshot if all contents are the same', async () => {
    python(docs(), "os.link('file', 'twin'); os.mkdir('sub'); os.symlink('x', 'sub/link')")
    await snapshot()
    expect((await backUp(checksum)).differs).to.equal(false)
    expect((await backUp(checksum)).differs).to.equal(false)
  })

  it('with --checksum stores again a file that the store lost', async () => {
    const first = await snapshot()
    python(store(first, 'docs'), edit)
    expect((await backUp()).differs, 'without it').to.equal(false)
    const second = await snapshot(checksum)
    expect(readFileSync(store(second, 'docs', 'file'), 'utf8')).to.equal('first')
    expect(stored(second)).not.to.equal(stored(first))
    expect((await backUp(checksum)).differs).to.equal(false)
  })

  it('with --checksum keeps groups together, new names and old ones', async () => {
    python(docs(), "os.link('file', 'twin'); os.mkdir('sub'); open('sub/a', 'w').write('a')")
    await snapshot(checksum)
    python(docs(), "os.link('file', 'sub/third'); os.chmod('sub/a', 0o600)")
    await snapshot(checksum)
    expectSame(docs(), store(newest(), 'docs'))
    python(docs(), `${edit}\nos.rename('sub/a', 'moved')`)
    await snapshot(checksum)
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('with --checksum stores a file again that also has a name elsewhere, and only once', async () => {
    python(docs(), "os.link('file', 'twin'); os.link('file', '../elsewhere')")
    const first = await snapshot()
    python(store(first, 'docs'), edit)
    const second = await snapshot(checksum)
    expect(readFileSync(store(second, 'docs', 'file'), 'utf8')).to.equal('first')
    expectSame(docs(), store(second, 'docs'))
    expect((await backUp(checksum)).differs).to.equal(false)
    expect((await backUp(checksum)).differs).to.equal(false)
  })

  it('with --checksum and a lost manifest still compares', async () => {
    const first = await snapshot()
    python(docs(), edit)
    python(store(first), "os.remove('.backup_manifest')")
    await snapshot(checksum)
    expect(readFileSync(store(newest(), 'docs', 'file'), 'utf8')).to.equal('other')
  })

  it('with --ignore-inode copies moved files', async () => {
    await snapshot()
    python(docs(), "os.rename('file', 'moved')")
    const {changes} = await backUp(ignoring)
    expect(changes).to.include({renamed: 0, new: 1, deleted: 1})
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('with --ignore-ctime trusts no move without reading', async () => {
    await snapshot()
    // Another file of the same size and time gets the inode's new name.
    python(docs(), `os.rename('file', 'moved')\n${edit.replaceAll('file', 'moved')}`)
    await snapshot({trust: {...fullTrust, ctimes: false}})
    expectSame(docs(), store(newest(), 'docs'))
    expect(inventory(store(newest(), 'docs')).filter(({type}) => type === 'file')).to.have.lengthOf(
      1,
    )
  })

  const noCtimes = {trust: {...fullTrust, ctimes: false}}

  it('with --ignore-ctime joins a file with a new name of it', async () => {
    python(
      docs(),
      "import shutil; shutil.copy2('file', 'twin'); os.mkdir('sub'); os.rename('twin', 'sub/twin')",
    )
    await snapshot()
    python(docs(), "os.remove('sub/twin'); os.link('file', 'sub/twin')")
    await snapshot(noCtimes)
    expectSame(docs(), store(newest(), 'docs'))
    expect((await backUp(noCtimes)).differs).to.equal(false)
  })

  it('with --ignore-ctime finds changed attributes on any type of entry', async () => {
    python(docs(), "os.mkdir('dir'); os.link('file', 'twin'); os.symlink('file', 'link')")
    await snapshot()
    python(docs(), "for n in ('file', 'dir'): os.setxattr(n, 'user.new', b'value')")
    const both = {trust: ignoring.trust}
    expect((await backUp(both)).changes).to.include({metadata: 3, new: 0, changed: 0})
    expectSame(docs(), store(newest(), 'docs'))
    expect((await backUp(both)).differs).to.equal(false)
    python(docs(), "os.removexattr('twin', 'user.new')")
    await snapshot(noCtimes)
    expectSame(docs(), store(newest(), 'docs'))
    expect((await backUp(noCtimes)).differs).to.equal(false)
  })

  it('with --ignore-ctime reads again what could not be read', function () {
    if (!isRoot) this.skip()
    sh('chown', '-R', `${nobody}:${nobody}`, path())
    sh('chmod', '755', path())
    const run = (): number | null =>
      runProgram(['-b', store(), docs(), '--ignore-ctime'], {under: asNobody}).exit
    expect(run()).to.equal(0)
    python(docs(), `${replace}${edit}\nos.chmod('file', 0)\nopen('more', 'w').close()`)
    expect(run()).to.equal(3)
    python(docs(), "os.chmod('file', 0o644)")
    expect(run()).to.equal(0)
    expect(readFileSync(store(newest(), 'docs', 'file'), 'utf8')).to.equal('other')
  })
})
