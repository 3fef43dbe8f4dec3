// Backups to each supported filesystem, in a small image.
import {existsSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {inodes, inventory} from './inventory.js'
import {runProgram} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

const tree = `
for n in range(200):
    os.makedirs('d%d/s%d' % (n % 9, n % 4), exist_ok=True)
    open('d%d/s%d/f%d' % (n % 9, n % 4, n), 'w').write(str(n) * n)
os.link('d1/s1/f1', 'd2/twin')
os.symlink('d1', 'link')
os.mkfifo('fifo')
os.setxattr('d1/s1/f1', 'user.one', b'1')
f = open('sparse', 'wb'); f.seek(3000000); f.write(b'x'); f.close()
open('large', 'wb').write(b'large' * 400000)
`

const makeXfs = ['mkfs.xfs', '-q', '-f']

const filesystems: ReadonlyArray<[string, string, string[]]> = [
  ['ext4', '32M', ['mkfs.ext4', '-q', '-F']],
  ['xfs', '320M', makeXfs],
  ['btrfs', '128M', ['mkfs.btrfs', '-q', '-f']],
]

describe('filesystems', () => {
  const {docs, path, later} = workshop()

  /** Runs as a process, so that no open descriptor keeps the filesystem busy. */
  function backUp(storeDir: string, source: string): string | null {
    const {exit, out, err} = runProgram(['-b', storeDir, `docs=${source}`, '--json'])
    expect(exit, err).to.equal(0)
    return (JSON.parse(out) as {snapshot: string | null}).snapshot
  }

  /** Mounts a new filesystem for one test, and returns the function that makes paths in it. */
  function mounted(place: string, size: string, make: readonly string[]): typeof path {
    const [command = '', ...flags] = make
    const image = path(`${place}.image`)
    sh('truncate', '-s', size, image)
    sh(command, ...flags, image)
    mkdirSync(path(place))
    sh('mount', '-o', 'loop', image, path(place))
    later(() => sh('umount', path(place)))
    return (...names) => path(place, ...names)
  }

  for (const [name, size, make] of filesystems) {
    it(`keeps first and later snapshots on ${name} (needs root and ${make[0]})`, function () {
      if (!isRoot || !existsSync(`/usr/sbin/${make[0]}`)) this.skip()
      const at = mounted('mounted', size, make)
      mkdirSync(at('store'), {mode: 0o700})
      mkdirSync(at('docs'))
      // A source on the store's own filesystem, and one on another.
      for (const source of [at('docs'), docs()]) {
        python(source, tree)
        const first = String(backUp(at('store'), source))
        expectSame(source, at('store', first, 'docs'))
        expect(backUp(at('store'), source)).to.equal(null)
        writeFileSync(`${source}/large`, 'small')
        sh('sh', '-c', `cd ${source}; mv d3 D3; chmod 600 d2/s0/f20; rm -r d4; echo new > new`)
        const before = inventory(at('store', first))
        const second = String(backUp(at('store'), source))
        expectSame(source, at('store', second, 'docs'))
        expect(inventory(at('store', first))).to.deep.equal(before)
        const older = inodes(before)
        expect(statSync(at('store', second, 'docs', 'D3', 's3', 'f3')).ino).to.equal(
          Number(older.get('docs/d3/s3/f3')),
        )
        sh('rm', '-r', at('store', second)) // the next source starts from scratch
        sh('rm', '-r', at('store', first))
      }
    })
  }

  it('continues after a symlink whose target is too long for the store (needs root and mkfs.xfs)', function () {
    if (!isRoot || !existsSync('/usr/sbin/mkfs.xfs')) this.skip()
    const at = mounted('mounted', '320M', makeXfs)
    mkdirSync(at('store'), {mode: 0o700})
    python(docs(), tree)
    python(docs(), "os.symlink('x' * 1100, 'd1/long')\nos.symlink('x' * 1000, 'd1/longish')")
    const argv = ['-b', at('store'), docs()]
    const {exit, err} = runProgram(argv)
    expect(exit).to.equal(3)
    expect(err).to.match(/^1 entry could not be backed up:\n {2}.*docs\/d1\/long: .*\n$/)
    const [first = ''] = storedIn(at('store'))
    const again = runProgram([...argv, '--json'])
    rmSync(docs('d1', 'long'))
    for (const directory of [docs('d1'), at('store', first, 'docs', 'd1')]) {
      utimesSync(directory, 1, 1)
    }
    expectSame(docs(), at('store', first, 'docs'))
    expect(again).to.include({exit: 3})
    expect(JSON.parse(again.out), 'no snapshot for it').to.include({made: false, differs: false})
  })

  it('reports too little space on another filesystem of the same type (needs root and mkfs.xfs)', function () {
    if (!isRoot || !existsSync('/usr/sbin/mkfs.xfs')) this.skip()
    const at = mounted('mounted', '320M', makeXfs)
    const source = mounted('source', '700M', makeXfs)
    mkdirSync(at('store'), {mode: 0o700})
    mkdirSync(source('docs'))
    sh('fallocate', '-l', '400M', source('docs', 'large'))
    const argv = ['-b', at('store'), source('docs')]
    const dry = runProgram([...argv, '-n'])
    expect(dry).to.include({exit: 4})
    expect(dry.err).to.match(
      /^The store has no room for this snapshot: .* are needed, but only .* are free\.\n$/,
    )
    const real = runProgram(argv)
    expect(real).to.include({exit: 4, out: ''})
    expect(real.err).to.match(/^cura-te-ipsum: no room in .* are needed, .*\n$/)
    expect(storedIn(at('store'))).to.deep.equal([])
    // The control: on one filesystem the copy shares its blocks.
    mkdirSync(source('store'), {mode: 0o700})
    expect(runProgram(['-b', source('store'), source('docs')])).to.include({exit: 0, err: ''})
  })
})
