// Hardlinks: within a source, across sources, between snapshots, and beyond the link limit of an
// inode.
import {
  linkSync,
  lstatSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {inodes, inventories, inventory} from './inventory.js'
import {runProgram} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, settle, sh, workshop} from './workshop.js'

const groups = `
for group in range(30):
    os.makedirs('d%d' % (group % 7), exist_ok=True)
    first = 'd%d/g%d' % (group % 7, group)
    open(first, 'w').write(str(group))
    for name in range(group % 5):
        os.makedirs('e%d' % name, exist_ok=True)
        os.link(first, 'e%d/g%d' % (name, group))
os.symlink('target', 'symlink')
os.link('symlink', 'symlink2', follow_symlinks=False)
os.mkfifo('fifo')
os.link('fifo', 'fifo2')
`

const linkLimit = 65_000 // of an ext4 inode

describe('links', () => {
  const {docs, store, path, snapshot, backUp, newest} = workshop()

  it('keeps the link groups of files, symlinks and FIFOs', async () => {
    python(docs(), groups)
    expectSame(docs(), store(await snapshot(), 'docs'))
    expect((await backUp()).differs).to.be.false
    sh('sh', '-c', `cd ${docs()}; rm d1/g1; echo more >> d2/g9; mv e0 f0; chmod 600 d3/g3`)
    expectSame(docs(), store(await snapshot(), 'docs'))
    expect((await backUp()).differs).to.be.false
  })

  it('joins the names in a directory that was moved in with those already inside', async () => {
    python(
      path(),
      "os.mkdir('dir')\nopen('docs/a', 'w').write('a')\nopen('docs/b', 'w').write('b')\n" +
        "for n in 'ab': os.link('docs/' + n, 'dir/' + n)\n" +
        "for n in 'ab': os.link('docs/' + n, 'dir/second' + n)\n" +
        "os.symlink('target', 'docs/s')\nos.link('docs/s', 'dir/s', follow_symlinks=False)",
    )
    const before = inventory(store(await snapshot()))
    sh('mv', path('dir'), docs('dir'))
    const {snapshot: second, changes, addedBytes} = await backUp()
    expect([changes.new, changes.renamed, addedBytes]).to.deep.equal([6, 0, 0])
    expectSame(docs(), store(String(second), 'docs'))
    expect((await backUp()).differs).to.be.false
    const old = inodes(before)
    const now = inodes(inventory(store(String(second))))
    for (const name of ['a', 'b', 's'])
      expect(now.get(`docs/dir/${name}`)).to.equal(old.get(`docs/${name}`))
  })

  it('does not confuse a changed file with the old inode of the same number', async () => {
    python(path(), "os.mkdir('dir')\nopen('docs/a', 'w').write('a')\nos.link('docs/a', 'dir/a')")
    await snapshot()
    sh('sh', '-c', `cd ${path()}; mv dir docs/dir; echo more >> docs/a`)
    expectSame(docs(), store(await snapshot(), 'docs'))
  })

  it('distinguishes two files that share an inode from two that do not', async () => {
    writeFileSync(docs('a'), 'a')
    linkSync(docs('a'), docs('b'))
    const first = await snapshot()
    unlinkSync(store(first, 'docs', 'b'))
    sh('cp', '-p', docs('b'), store(first, 'docs', 'b'))
    expect(() => {
      expectSame(docs(), store(first, 'docs'))
    }).to.throw()
  })

  it('keeps groups across sources, and splits names that no longer share an inode', async () => {
    python(
      path(),
      "os.mkdir('two')\nopen('docs/a', 'w').write('a')\nfor name in ['two/a', 'third']: os.link('docs/a', name)",
    )
    const operands = [docs(), path('two'), `file=${path('third')}`]
    const inos = (name: string): number[] =>
      ['docs/a', 'two/a', 'file'].map((entry) => statSync(store(name, entry)).ino)
    const first = await snapshot({operands})
    expect(new Set(inos(first))).to.have.lengthOf(1)
    sh('sh', '-c', `cd ${path()}; cp -p two/a n; mv n two/a`)
    const second = await snapshot({operands})
    expect(new Set(inos(second))).to.have.lengthOf(2)
    expect(inos(second)[0]).to.equal(inos(first)[0])
    expect((await backUp({operands})).differs).to.be.false
  })

  it('links a new name to the unchanged names of its inode', async () => {
    python(
      path(),
      `
os.mkdir('two')
open('docs/a', 'w').write('a')
os.mkfifo('docs/p')
os.symlink('nowhere', 'docs/l')
for name in ['a', 'p', 'l']: os.link('docs/' + name, 'two/' + name, follow_symlinks=False)
`,
    )
    const alone = await snapshot()
    const operands = [docs(), path('two')]
    const both = await snapshot({operands})
    for (const name of ['a', 'p', 'l']) {
      const inode = (...at: string[]): number => lstatSync(store(...at, name)).ino
      expect(inode(both, 'docs'), name).to.equal(inode(alone, 'docs'))
      expect(inode(both, 'two'), name).to.equal(inode(alone, 'docs'))
    }
    expect((await backUp({operands})).differs).to.be.false
  })

  if (isRoot) {
    it('keeps the attributes of FIFOs and devices with several names', async () => {
      python(
        docs(),
        `
os.mkfifo('p')
os.mknod('null', stat.S_IFCHR | 0o666, os.makedev(1, 3))
for name in ['p', 'null']:
    os.setxattr(name, 'trusted.x', b'1')
    os.link(name, name + '2')
`,
      )
      expectSame(docs(), store(await snapshot(), 'docs'))
    })
  }

  it('regroups four files of equal content', async () => {
    python(
      docs(),
      "for name in 'abcd': open(name, 'w').write('same')\nfor name in 'abcd': os.utime(name, ns=(7, 7))\n" +
        "os.unlink('b'); os.link('a', 'b'); os.unlink('d'); os.link('c', 'd')",
    )
    const first = await snapshot()
    const before = inventory(store(first))
    python(docs(), "os.unlink('b'); os.link('c', 'b'); os.unlink('d'); os.link('a', 'd')")
    expectSame(docs(), store(await snapshot(), 'docs'))
    python(docs(), "os.unlink('b'); os.link('a', 'b'); os.rename('c', 'e')")
    expectSame(docs(), store(await snapshot(), 'docs'))
    expect(inventory(store(first))).to.deep.equal(before)
  })

  it('splits a group that was broken up while the manifest was lost', async () => {
    writeFileSync(docs('a'), 'same')
    linkSync(docs('a'), docs('b'))
    const first = await snapshot()
    expectSame(docs(), store(first, 'docs'))
    rmSync(store(first, '.backup_manifest'))
    sh('sh', '-c', `cd ${docs()}; cp -p b n; mv n b; touch c`)
    expectSame(docs(), store(await snapshot(), 'docs'))
  })

  it('joins a group that was made while the manifest was lost', async () => {
    python(
      docs(),
      "for n in 'ab': open(n, 'w').write('same')\nfor n in 'ab': os.utime(n, ns=(7, 7))",
    )
    const first = await snapshot()
    rmSync(store(first, '.backup_manifest'))
    unlinkSync(docs('b'))
    linkSync(docs('a'), docs('b'))
    expectSame(docs(), store(await snapshot(), 'docs'))
  })

  describe('pairs in unchanged directories', () => {
    const names = ['same/a', 'same/b', 'one/x', 'two/x']
    const expectPairs = (name: string): void => {
      const [a, b, x, y] = names.map((entry) => statSync(store(name, 'docs', entry)).ino)
      expect(b).to.equal(a)
      expect(y).to.equal(x)
      expect(x).not.to.equal(a)
      expectSame(docs(), store(name, 'docs'))
    }

    beforeEach(async () => {
      python(
        docs(),
        "for n in ['same', 'one', 'two']: os.mkdir(n)\n" +
          "for n, m in [('same/a', 'same/b'), ('one/x', 'two/x')]: open(n, 'w').write(n); os.link(n, m)",
      )
      await settle()
      expectPairs(await snapshot())
      writeFileSync(docs('edit'), 'elsewhere')
    })

    it('stay pairs if the previous snapshot has lost them', async () => {
      for (const name of names) unlinkSync(store(newest(), 'docs', name))
      expectPairs(await snapshot())
      expect((await backUp()).differs).to.be.false
    })

    it('stay pairs if their inodes cannot have more links', () => {
      const directories = ['same', 'one', 'two'].flatMap((name) => [
        '-P',
        store(newest(), 'docs', name),
      ])
      const inject = ['-e', 'trace=linkat', '-e', 'inject=linkat:error=EMLINK', ...directories]
      const under = ['strace', '-f', '-qq', '-o', path('trace'), ...inject]
      expect(runProgram(['-b', store(), docs()], {under})).to.include({exit: 0, err: ''})
      const refused = readFileSync(path('trace'), 'utf8').match(/EMLINK.*INJECTED/g) ?? []
      expect(refused.length).to.be.at.least(names.length)
      expectPairs(newest())
      expect(runProgram(['-b', store(), docs()]).out).to.include('Nothing has changed')
    })
  })

  it(`keeps a group together when its inode has ${linkLimit} links (ext4) (slow)`, async function () {
    const many = 23_000 // the third snapshot exceeds the limit of an ext4 inode
    const filesystem = sh('stat', '-f', '-c', '%T', store()).trim()
    if (!filesystem.startsWith('ext')) this.skip()
    python(docs(), `open('0', 'w').write('x')\nfor n in range(1, ${many}): os.link('0', str(n))`)
    const inos = (name: string): Set<number> =>
      new Set(readdirSync(store(name, 'docs')).map((f) => statSync(store(name, 'docs', f)).ino))
    for (const round of [1, 2, 3]) {
      writeFileSync(path('other'), String(round))
      const name = await snapshot({operands: [docs(), path('other')]})
      expect(readdirSync(store(name, 'docs'))).to.have.lengthOf(many)
      expect(inos(name).size, `inodes in snapshot ${round}`).to.be.at.most(2)
    }
  })

  describe('the delta', () => {
    const delta = (name: string): string => store(name, '.backup_delta')

    it('is absent in the first snapshot', async () => {
      writeFileSync(docs('a'), 'a')
      expect(readdirSync(store(await snapshot())).sort()).to.deep.equal([
        '.backup_finished',
        '.backup_manifest',
        'docs',
      ])
    })

    it('holds exactly the added and changed files, as hardlinks', async () => {
      python(docs(), groups)
      writeFileSync(docs('edited'), '1')
      await snapshot()
      sh(
        'sh',
        '-c',
        `cd ${docs()}; echo 2 > edited; mkdir -p new/sub; ln -s x new/sub/l; chmod 600 d0/g0`,
      )
      sh('sh', '-c', `cd ${docs()}; rm d2/g2; mv d4/g4 moved; mkfifo new/fifo`)
      const second = await snapshot()
      const [changed = [], tree = []] = inventories(delta(second), store(second))
      const inTree = new Map(tree.map((item) => [item.path, item]))
      const files = changed.filter(({type}) => type !== 'directory')
      for (const {path: name, ino} of files) expect(inTree.get(name)?.ino, name).to.equal(ino)
      const names = changed
        .map((item) => item.path)
        .filter((name) => !/^docs(\/[de]\d)?$/.test(name))
      expect(names).to.deep.equal([
        'docs/d0/g0',
        'docs/edited',
        'docs/moved',
        'docs/new',
        'docs/new/fifo',
        'docs/new/sub',
        'docs/new/sub/l',
      ])
      expect(files).not.to.be.empty
    })

    it('is not confused with a directory of the same name in a source', async () => {
      python(docs(), "os.mkdir('.backup_delta')\nopen('.backup_delta/mine', 'w').write('1')")
      const first = await snapshot()
      expectSame(docs(), store(first, 'docs'))
      writeFileSync(docs('.backup_delta', 'mine'), '2')
      const second = await snapshot()
      expectSame(docs(), store(second, 'docs'))
      expect(statSync(join(delta(second), 'docs', '.backup_delta', 'mine')).ino).to.equal(
        statSync(store(second, 'docs', '.backup_delta', 'mine')).ino,
      )
    })
  })
})
