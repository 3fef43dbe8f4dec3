// The filesystems that stores lie on, each in a small image of its own.
import {existsSync, mkdirSync, statSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {inodes, inventory} from './inventory.js'
import {runProgram} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'

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

const filesystems: ReadonlyArray<[string, string, string[]]> = [
  ['ext4', '32M', ['mkfs.ext4', '-q', '-F']],
  ['xfs', '320M', ['mkfs.xfs', '-q', '-f']],
  ['btrfs', '128M', ['mkfs.btrfs', '-q', '-f']],
]

describe('filesystems', () => {
  const {docs, path, later} = workshop()

  /** As a process, which leaves no descriptor that would keep the filesystem busy. */
  function backUp(storeDir: string, source: string): string | null {
    const {exit, out, err} = runProgram(['-b', storeDir, `docs=${source}`, '--json'])
    expect(exit, err).to.equal(0)
    return (JSON.parse(out) as {snapshot: string | null}).snapshot
  }

  for (const [name, size, [make = '', ...flags]] of filesystems) {
    it(`keeps first and later snapshots on ${name} (needs root and ${make})`, function () {
      if (!isRoot || !existsSync(`/usr/sbin/${make}`)) this.skip()
      const at = (...names: string[]): string => [path('mounted'), ...names].join('/')
      sh('truncate', '-s', size, path('image'))
      sh(make, ...flags, path('image'))
      mkdirSync(at())
      sh('mount', '-o', 'loop', path('image'), at())
      later(() => sh('umount', at()))
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
        sh('rm', '-r', at('store', second)) // the next source starts anew
        sh('rm', '-r', at('store', first))
      }
    })
  }
})
