// Edits of every kind: how they are reported, which inodes are shared afterwards, and whether older
// snapshots stay unchanged.
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import type {ChangeKind} from '../../src/native/native.js'
import {inodes, inventory, rsyncDifferences} from './inventory.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, settle, sh, workshop, type Workshop} from './workshop.js'
import {listing} from '../support/backup-options.js'
import {storedIn} from '../support/stored.js'

type Docs = Workshop['docs']

const ordinaryTree = `
for name in ['a', 'b', 'c', 'keep', 'exec', 'twin']:
    open(name, 'w').write('content of ' + name)
os.link('twin', 'twin2')
os.link('twin', 'twin3')
os.chmod('exec', 0o755)
os.symlink('a', 'link')
os.symlink('nowhere', 'dangling')
os.makedirs('dir/sub/leaf')
open('dir/x', 'w').write('x')
open('dir/sub/y', 'w').write('y')
open('dir/sub/leaf/z', 'w').write('z' * 5000)
os.mkdir('empty')
`

interface Edit {
  readonly what: string
  readonly edit: (docs: Docs) => void
  /** Paths that get a new inode. */
  readonly own: readonly string[]
  /** Paths with the inode of another path in the previous snapshot. */
  readonly moved?: Readonly<Record<string, string>>
  /** Without the parent directories, whose mtime changes as well. */
  readonly kinds?: Partial<Record<ChangeKind, number>>
  readonly root?: boolean
}

const edits: readonly Edit[] = [
  {
    what: 'a new file',
    edit: (docs) => void writeFileSync(docs('new'), 'new'),
    own: ['new'],
    kinds: {new: 1},
  },
  {
    what: 'a changed file',
    edit: (docs) => void appendFileSync(docs('a'), '!'),
    own: ['a'],
    kinds: {changed: 1, new: 0},
  },
  {
    what: 'an edit that keeps size and mtime',
    edit: (docs) => {
      python(
        docs(),
        "t = os.stat('a').st_mtime_ns; open('a', 'r+').write('C'); os.utime('a', ns=(t, t))",
      )
    },
    own: ['a'],
    kinds: {changed: 1},
  },
  {
    what: 'a replacement that keeps size and mtime',
    edit: (docs) => {
      python(
        docs(),
        "t = os.stat('a').st_mtime_ns; open('n', 'w').write('Content of a'); os.utime('n', ns=(t, t)); os.rename('n', 'a')",
      )
    },
    own: ['a'],
    kinds: {changed: 1},
  },
  {
    what: 'a copy of the same content, mode and mtime in its place',
    edit: (docs) => void sh('sh', '-c', `cd ${docs()}; cp -p a n; mv n a`),
    own: [],
    kinds: {changed: 0},
  },
  {
    what: 'a deleted file',
    edit: (docs) => void unlinkSync(docs('a')),
    own: [],
    kinds: {deleted: 1},
  },
  {
    what: 'a deleted directory',
    edit: (docs) => void rmSync(docs('dir'), {recursive: true}),
    own: [],
    kinds: {deleted: 6},
  },
  {
    what: 'a renamed file',
    edit: (docs) => void renameSync(docs('a'), docs('dir', 'sub', 'moved')),
    own: [],
    moved: {'dir/sub/moved': 'a'},
    kinds: {renamed: 1, deleted: 0, new: 0},
  },
  {
    what: 'two files that change places',
    edit: (docs) => {
      renameSync(docs('a'), docs('n'))
      renameSync(docs('b'), docs('a'))
      renameSync(docs('n'), docs('b'))
    },
    own: [],
    moved: {a: 'b', b: 'a'},
    kinds: {renamed: 2, deleted: 0, new: 0},
  },
  {
    what: 'a file renamed over another',
    edit: (docs) => void renameSync(docs('a'), docs('b')),
    own: [],
    moved: {b: 'a'},
    kinds: {renamed: 1, deleted: 0},
  },
  {
    what: 'a file that is renamed and edited in secret',
    edit: (docs) => {
      python(
        docs(),
        "t = os.stat('a').st_mtime_ns; open('a', 'r+').write('C'); os.utime('a', ns=(t, t)); os.rename('a', 'n')",
      )
    },
    own: ['n'],
    kinds: {renamed: 0, new: 1, deleted: 1},
  },
  {
    what: 'a renamed directory',
    edit: (docs) => void renameSync(docs('dir'), docs('empty', 'DIR')),
    own: [],
    moved: {
      'empty/DIR/x': 'dir/x',
      'empty/DIR/sub/y': 'dir/sub/y',
      'empty/DIR/sub/leaf/z': 'dir/sub/leaf/z',
    },
    kinds: {renamed: 3},
  },
  {
    what: 'chmod of a file',
    edit: (docs) => void chmodSync(docs('a'), 0o640),
    own: ['a'],
    kinds: {metadata: 1, changed: 0},
  },
  {
    what: 'chmod of a directory',
    edit: (docs) => void chmodSync(docs('dir'), 0o750),
    own: [],
    kinds: {metadata: 1},
  },
  {
    what: 'chmod of a renamed file',
    edit: (docs) => {
      chmodSync(docs('a'), 0o640)
      renameSync(docs('a'), docs('n'))
    },
    own: ['n'],
    kinds: {renamed: 1},
  },
  {
    what: 'chown of a file, a directory and a symlink',
    edit: (docs) => {
      for (const name of ['a', 'dir', 'link']) sh('chown', '-h', '1234:5678', docs(name))
    },
    own: ['a', 'link'],
    kinds: {metadata: 3},
    root: true,
  },
  {
    what: 'an extended attribute of a file',
    edit: (docs) => python(docs(), "os.setxattr('a', 'user.one', b'1')"),
    own: ['a'],
    kinds: {metadata: 1},
  },
  {
    what: 'an extended attribute of a directory',
    edit: (docs) => python(docs(), "os.setxattr('dir', 'user.one', b'1')"),
    own: [],
    kinds: {metadata: 1},
  },
  {
    what: 'touch',
    edit: (docs) => void utimesSync(docs('a'), new Date(2020, 0, 1), new Date(2020, 0, 1)),
    own: ['a'],
  },
  {
    what: 'touch of a directory',
    edit: (docs) => void utimesSync(docs('dir'), new Date(2020, 0, 1), new Date(2020, 0, 1)),
    own: [],
    kinds: {metadata: 1},
  },
  {
    what: 'touch by one nanosecond',
    edit: (docs) => {
      python(docs(), "t = os.stat('a').st_mtime_ns + 1; os.utime('a', ns=(t, t))")
    },
    own: ['a'],
  },
  {
    what: 'a file that becomes a directory',
    edit: (docs) => {
      unlinkSync(docs('a'))
      mkdirSync(docs('a'))
      writeFileSync(docs('a', 'inside'), 'inside')
    },
    own: ['a/inside'],
  },
  {
    what: 'a directory that becomes a file',
    edit: (docs) => {
      rmSync(docs('dir'), {recursive: true})
      writeFileSync(docs('dir'), 'file')
    },
    own: ['dir'],
  },
  {
    what: 'a directory that becomes a symlink to itself, moved away',
    edit: (docs) => {
      renameSync(docs('dir'), docs('dir2'))
      symlinkSync('dir2', docs('dir'))
    },
    own: ['dir'],
    moved: {'dir2/x': 'dir/x', 'dir2/sub/y': 'dir/sub/y', 'dir2/sub/leaf/z': 'dir/sub/leaf/z'},
  },
  {
    what: 'a file that becomes a FIFO',
    edit: (docs) => {
      unlinkSync(docs('a'))
      sh('mkfifo', docs('a'))
    },
    own: ['a'],
  },
  {
    what: 'a symlink to another target of the same length',
    edit: (docs) => {
      python(
        docs(),
        "t = os.lstat('link').st_mtime_ns; os.unlink('link'); os.symlink('b', 'link'); os.utime('link', ns=(t, t), follow_symlinks=False)",
      )
    },
    own: ['link'],
    kinds: {changed: 1},
  },
  {
    what: 'a hardlink more',
    edit: (docs) => void linkSync(docs('a'), docs('dir', 'a2')),
    own: [],
    moved: {'dir/a2': 'a'},
  },
  {
    what: 'a hardlink more, whose name comes first',
    edit: (docs) => void linkSync(docs('keep'), docs('KEEP')),
    own: [],
    moved: {KEEP: 'keep'},
    kinds: {new: 1, changed: 0},
  },
  {
    what: 'a hardlink more to a group',
    edit: (docs) => void linkSync(docs('twin'), docs('dir', 'twin4')),
    own: [],
    moved: {'dir/twin4': 'twin'},
  },
  {
    what: 'a hardlink less',
    edit: (docs) => void unlinkSync(docs('twin3')),
    own: [],
  },
  {
    what: 'a broken hardlink with the same content',
    edit: (docs) => void sh('sh', '-c', `cd ${docs()}; cp -p twin3 n; mv n twin3`),
    own: ['twin3'],
  },
  {
    what: 'chmod of a hardlink group',
    edit: (docs) => void chmodSync(docs('twin2'), 0o600),
    own: ['twin', 'twin2', 'twin3'],
  },
  {
    what: 'a renamed member of a hardlink group',
    edit: (docs) => void renameSync(docs('twin2'), docs('dir', 'twin2')),
    own: [],
    moved: {'dir/twin2': 'twin'},
  },
  {
    what: 'a renamed member of a hardlink group, whose name comes first',
    edit: (docs) => void renameSync(docs('twin2'), docs('TWIN')),
    own: [],
    moved: {TWIN: 'twin'},
    kinds: {renamed: 1, metadata: 1}, // the mtime of the directory
  },
]

describe('compare', () => {
  const shop = workshop()
  const {docs, store, path, snapshot, backUp} = shop

  it('makes and writes nothing if nothing has changed', async () => {
    python(docs(), ordinaryTree)
    await settle()
    await snapshot()
    const before = shop.storeInventory()
    expect(await backUp()).to.include({differs: false, snapshot: null, exit: 0})
    expect(shop.storeInventory()).to.deep.equal(before)
    utimesSync(store(String((await backUp()).previous)), 1, 1)
    expect(shop.storeInventory(), 'the control: a touched store shows').not.to.deep.equal(before)
  })

  for (const {what, edit, own, moved = {}, kinds = {}, root = false} of edits) {
    it(`follows ${what}${root ? ' (needs root)' : ''}`, async function () {
      if (root && !isRoot) this.skip()
      python(docs(), ordinaryTree)
      const first = await snapshot()
      const before = inventory(store(first))
      edit(docs)
      const result = await backUp()
      const second = String(result.snapshot)
      expectSame(docs(), store(second, 'docs'))
      const older = inodes(inventory(store(first, 'docs')))
      for (const [name, ino] of inodes(inventory(store(second, 'docs')))) {
        const shared = older.get(moved[name] ?? name)
        if (own.includes(name)) expect([...older.values()], name).not.to.include(ino)
        else expect(ino, `${name} is shared`).to.equal(shared)
      }
      expect(result.changes).to.include(kinds)
      expect(inventory(store(first))).to.deep.equal(before)
      expect((await backUp()).differs, 'nothing is left to do').to.be.false
    })
  }

  it('returns to the original tree edit by edit, with all older snapshots unchanged (slow)', async () => {
    python(docs(), ordinaryTree)
    cpSync(docs(), path('original'), {recursive: true, preserveTimestamps: true})
    const names = [await snapshot()]
    const steps: Array<() => void> = [
      () => renameSync(docs('dir'), docs('DIR')),
      () => sh('sh', '-c', `cd ${docs()}; rm a; mkdir a; echo in > a/in; chmod 4755 exec`),
      () => sh('sh', '-c', `cd ${docs()}; rm -r a; mv DIR dir; echo a > a; ln twin3 a3`),
      () => sh('sh', '-c', `cd ${docs()}; rm a3; mv twin empty/; chmod 0 b`),
      () => sh('rsync', '-aH', '--delete', `${path('original')}/`, `${docs()}/`),
    ]
    for (const step of steps) {
      const before = names.map((name) => inventory(store(name)))
      step()
      names.push(await snapshot())
      expectSame(docs(), store(String(names.at(-1)), 'docs'))
      expect(names.slice(0, -1).map((name) => inventory(store(name)))).to.deep.equal(before)
    }
    chmodSync(store(String(names[0]), 'docs', 'keep'), 0o600)
    expect(
      inventory(store(String(names.at(-1)), 'docs')).find((item) => item.path === 'keep')?.mode,
    ).to.equal(0o600) // the control: a write to one snapshot shows in the others
  })

  // 'z' also exists in the moved file's old directory, with the same size and mtime.
  for (const [what, edit] of [
    ['other metadata', 'chmod 600 z'],
    ['one more name', 'ln z zz'],
    ['two more names, one of them elsewhere', 'ln z zz; ln z A/zz'],
  ] as const) {
    it(`takes a file with ${what} from its own directory, not from that of a moved file before it`, async () => {
      python(
        docs(),
        "os.mkdir('A')\nfor n, text in [('A/b', 'moved'), ('A/z', 'WRONG'), ('z', 'right')]:\n" +
          '    open(n, "w").write(text); os.utime(n, ns=(7, 7))',
      )
      await snapshot()
      sh('sh', '-c', `cd ${docs()}; mv A/b b; ${edit}`)
      const second = store(await snapshot(), 'docs')
      expect(readFileSync(`${second}/z`, 'utf8')).to.equal('right')
      expect(readFileSync(`${second}/b`, 'utf8')).to.equal('moved')
      expectSame(docs(), second)
      expect((await backUp()).differs).to.be.false
    })
  }

  // Replaces the file in the previous snapshot by hand.
  for (const [what, replace] of [
    ['another file of its size', 'echo WRONG > n; mv n a'],
    ['a FIFO', 'rm a; mkfifo a'],
  ] as const) {
    it(`takes the content from the source if the store has ${what} instead`, async () => {
      writeFileSync(docs('a'), 'right\n')
      const first = await snapshot()
      chmodSync(docs('a'), 0o600)
      sh('sh', '-c', `cd ${store(first, 'docs')}; ${replace}`)
      const second = await snapshot()
      expect(readFileSync(store(second, 'docs', 'a'), 'utf8')).to.equal('right\n')
      expectSame(docs(), store(second, 'docs'))
    })
  }

  // A subset, because rsync and the hashes read it in full.
  const real = ['/usr/share/doc/', '/usr/lib/python3/'].filter((tree) => sh('ls', '-d', tree))
  it(`keeps real trees: ${real.join(', ')} (slow)`, async () => {
    const operands = real.map((tree, i) => `tree${i}=${tree}`)
    const first = await snapshot({operands})
    for (const [i, tree] of real.entries()) {
      expect(rsyncDifferences(tree, store(first, `tree${i}`))).to.equal('')
    }
    const before = shop.storeInventory()
    expect(await backUp({operands})).to.include({differs: false, exit: 0})
    expect(shop.storeInventory()).to.deep.equal(before)
  })

  it('shows a difference to rsync if there is one', async () => {
    python(docs(), ordinaryTree)
    const first = await snapshot()
    expect(rsyncDifferences(docs(), store(first, 'docs'))).to.equal('')
    utimesSync(docs('a'), new Date(2020, 0, 1), new Date(2020, 0, 1))
    expect(rsyncDifferences(docs(), store(first, 'docs'))).to.include(' a\n')
  })

  it('lists each change once, as many as it counts', async () => {
    python(docs(), ordinaryTree)
    await snapshot()
    renameSync(docs('dir'), docs('DIR'))
    writeFileSync(docs('new'), '')
    unlinkSync(docs('a'))
    const listed: string[] = []
    const result = await backUp(
      listing((page) => listed.push(...page.map(({kind, path}) => `${kind} ${String(path)}`))),
    )
    const total = Object.values(result.changes).reduce((sum, count) => sum + count, 0)
    expect(listed).to.have.lengthOf(total)
    expect(new Set(listed)).to.have.lengthOf(total)
    expect(listed).to.include.members(['new docs/new', 'deleted docs/a', 'renamed docs/DIR/x'])
  })

  it('touches nothing at all in a dry run', async () => {
    python(docs(), ordinaryTree)
    const whole = (): object => [inventory(path()).filter((item) => item.path.startsWith('store'))]
    const dry = async (): Promise<number> => {
      const before = whole()
      const {changes} = await backUp({dryRun: true})
      expect(whole()).to.deep.equal(before)
      return Object.values(changes).reduce((sum, count) => sum + count, 0)
    }
    expect(await dry()).to.be.above(10)
    const before = whole()
    await snapshot()
    expect(whole(), 'the control: a run shows').not.to.deep.equal(before)
    expect(await dry()).to.equal(0)
    renameSync(docs('a'), docs('n'))
    chownSync(docs('b'), process.getuid?.() ?? 0, process.getgid?.() ?? 0)
    expect(await dry()).to.equal(2) // and the mtime of the directory
    expect(storedIn(store())).to.have.lengthOf(1)
  })
})
