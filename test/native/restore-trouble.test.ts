// Restores when something is wrong: rot in the store, a full disk, a lost record. And the system calls
// of restores: what is not read, and what is.
import {mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {inventory} from './inventory.js'
import {program} from './programs.js'
import {backUp, restore} from './restore-runs.js'
import {expectSame} from './snapshots.js'
import {isBelow, trace} from './traces.js'
import {isRoot, python, settle, sh, workshop} from './workshop.js'

/** Overwrites a byte of a stored file, like a disk that forgets. */
function rot(file: string): void {
  const {atimeNs, mtimeNs} = statSync(file, {bigint: true})
  sh('dd', `of=${file}`, 'if=/dev/zero', 'bs=1', 'count=1', 'conv=notrunc', 'status=none')
  python('/', `os.utime(${JSON.stringify(file)}, ns=(${atimeNs}, ${mtimeNs}))`)
}

const temporaries = (directory: string): string[] =>
  sh('find', directory, '-name', '.cura-restore-*').split('\n').filter(Boolean)

describe('restores', () => {
  const {docs, store, path, snapshot, newest, later} = workshop()
  const inPlace = ['latest:docs', '--in-place']

  describe('of damaged files', () => {
    beforeEach(async () => {
      writeFileSync(docs('good'), 'good')
      writeFileSync(docs('rotten'), 'contents')
      await settle()
    })

    it('take another copy with the same digest, of any snapshot and name', async () => {
      await snapshot()
      // A new mode gives the file an inode of its own in the next snapshot.
      sh('chmod', '600', docs('rotten'))
      const second = await snapshot()
      rot(store(second, 'docs/rotten'))
      rmSync(docs('rotten'))
      const {damaged, donated, restored} = restore(store(), inPlace)
      expect({damaged, donated, restored}).to.deep.equal({damaged: 0, donated: 1, restored: 1})
      expect(readFileSync(docs('rotten'), 'utf8')).to.equal('contents')
      expect(statSync(docs('rotten')).mode & 0o777).to.equal(0o600)
    })

    it('name them if there is no good copy, and leave what is there (exit 5)', async () => {
      const first = await snapshot()
      sh('chmod', '600', docs('rotten'))
      const second = await snapshot()
      for (const name of [first, second]) rot(store(name, 'docs/rotten'))
      for (const name of ['good', 'rotten']) writeFileSync(docs(name), 'edited since')
      const {damaged, errors} = restore(store(), inPlace, {exit: 5})
      expect(damaged).to.equal(1)
      expect(errors.list.map(({path: name, code}) => [name, code])).to.deep.equal([
        ['docs/rotten', 'DAMAGED'],
      ])
      expect(readFileSync(docs('rotten'), 'utf8')).to.equal('edited since')
      expect(readFileSync(docs('good'), 'utf8')).to.equal('good')
      expect(temporaries(path())).to.deep.equal([])
    })

    it('are what cp restores silently: the control', async () => {
      rot(store(await snapshot(), 'docs/rotten'))
      sh('cp', '-a', store(newest(), 'docs/rotten'), docs('rotten'))
      expect(readFileSync(docs('rotten'), 'utf8')).to.not.equal('contents')
    })
  })

  it('to a full disk end with 4, and leave every file whole (needs root)', async function () {
    if (!isRoot) this.skip()
    const disk = path('disk')
    mkdirSync(disk)
    sh('mount', '-t', 'tmpfs', '-o', 'size=4m', 'cura-test', disk)
    later(() => sh('umount', disk))
    const tree = join(disk, 'docs')
    mkdirSync(tree)
    for (const n of [0, 1, 2, 3, 4, 5]) writeFileSync(join(tree, `f${n}`), Buffer.alloc(500_000, n))
    await settle()
    backUp(store(), [tree])
    const stored = newest()
    for (const n of [0, 1, 2, 3, 4, 5]) writeFileSync(join(tree, `f${n}`), `short ${n}`)
    writeFileSync(join(disk, 'filler'), Buffer.alloc(1_800_000))
    const before = inventory(tree).map(({path: name, sha256}) => [name, sha256])
    restore(store(), inPlace, {exit: 4})
    const wanted = inventory(store(stored, 'docs')).map(({path: name, sha256}) => [name, sha256])
    const allowed = [...before, ...wanted].map((item) => item.join())
    const found = inventory(tree).map(({path: name, sha256}) => [name, sha256].join())
    expect(found).to.have.lengthOf(before.length)
    expect(found.filter((item) => !allowed.includes(item))).to.deep.equal([])
    expect(temporaries(disk)).to.deep.equal([])
    rmSync(join(disk, 'filler'))
    restore(store(), inPlace)
    expectSame(store(stored, 'docs'), tree)
  })

  it('of a snapshot without its record work, unverified, and say so', async () => {
    mkdirSync(docs('deep'))
    writeFileSync(docs('deep/file'), 'contents')
    await settle()
    const first = await snapshot()
    rmSync(store(first, '.backup_manifest'))
    sh('cp', '-a', docs(), path('before'))
    rmSync(docs('deep'), {recursive: true})
    const {verified, unverified, rebuilt} = restore(store(), inPlace)
    expect({verified, unverified}).to.deep.equal({verified: 0, unverified: 1})
    expect(rebuilt).to.be.a('string')
    expectSame(path('before'), docs())
  })

  it('of a snapshot of the Python tool work into a directory, unverified', async () => {
    const old = '20250115_103000'
    mkdirSync(store(old, 'docs/deep'), {recursive: true})
    writeFileSync(store(old, 'docs/deep/file'), 'contents')
    writeFileSync(store(old, `.backup_finished_${old}`), '')
    await settle()
    const {unverified} = restore(store(), ['latest:docs', '--to', path('new')])
    expect(unverified).to.equal(1)
    expectSame(store(old, 'docs'), path('new'))
  })

  describe('read', () => {
    const files = 20
    /** The files below a directory that a restore opens. */
    const opened = (directory: string, ...flags: string[]): string[] => {
      const argv = ['restore', '-b', store(), ...inPlace, '--no-guard', ...flags]
      const calls = trace(path('trace'), [process.execPath, program, ...argv])
      const files = calls
        .filter(({name, line}) => name === 'openat' && !/O_DIRECTORY|O_PATH|O_CREAT/.test(line))
        .flatMap(({paths}) => paths)
        .filter((name) => isBelow(name, directory))
      return [...new Set(files)].map((name) => name.slice(directory.length + 1)).sort()
    }

    beforeEach(async () => {
      python(
        docs(),
        `
for n in range(${files}):
    os.makedirs('d%d' % (n % 4), exist_ok=True)
    open('d%d/f%d' % (n % 4, n), 'w').write(str(n))
`,
      )
      await settle()
      await snapshot()
    })

    it('no file that is proved to be untouched, and all with --checksum or always', () => {
      writeFileSync(docs('d1/f1'), 'edited since')
      const stored = store(newest(), 'docs')
      expect(opened(docs()), 'not even the one whose size differs').to.deep.equal([])
      expect(readFileSync(docs('d1/f1'), 'utf8')).to.equal('1')
      expect(opened(stored)).to.deep.equal([])
      expect(opened(docs(), '--checksum')).to.have.lengthOf(files)
      // They are written again, whatever is there.
      expect(opened(stored, '--overwrite', 'always')).to.have.lengthOf(files)
    })
  })
})
