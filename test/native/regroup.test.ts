// Link groups that form and split while some of their names cannot be read.
import {
  linkSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {inodes, inventories} from './inventory.js'
import {asNobody, nobody, runProgram, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'

describe('regroup', () => {
  const {docs, store, path, snapshot, backUp, newest} = workshop()
  const run = (...argv: string[]): Run => runProgram(['-b', store(), docs(), ...argv])

  /** Runs the program with a call that fails, always or only for `at`. */
  const failing = (call: string, at?: string): Run => {
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=EIO`]
    const about = at === undefined ? [] : ['-P', at]
    const under = ['strace', '-f', '-qq', '-o', path('trace'), ...about, ...inject]
    return runProgram(['-b', store(), docs()], {under})
  }
  const isSettled = (): void => {
    expectSame(docs(), store(newest(), 'docs'))
    expect(run().out).to.include('Nothing has changed')
  }

  it('reads a symlink again whose target could not be read', () => {
    sh('ln', '-s', 'old', docs('link'))
    expect(run()).to.include({exit: 0})
    sh('ln', '-sfn', 'new and longer', docs('link'))
    const {exit, err} = failing('readlinkat')
    expect(exit, err).to.equal(3)
    expect(err).to.match(/docs\/link.*i\/o error/)
    expect(failing('readlinkat').out, 'once is enough').to.include('Nothing has changed')
    expect(run()).to.include({exit: 0, err: ''})
    expect(readlinkSync(store(newest(), 'docs', 'link'))).to.equal('new and longer')
    isSettled()
  })

  it('makes only one snapshot for a new symlink that cannot be read', () => {
    sh('ln', '-s', 'target', docs('link'))
    writeFileSync(docs('file'), 'x')
    for (const says of ['is complete', 'Nothing has changed', 'Nothing has changed']) {
      const {exit, out} = failing('readlinkat')
      expect(exit).to.equal(3)
      expect(out).to.include(says)
    }
    expect(run()).to.include({exit: 0, err: ''})
    isSettled()
  })

  it('makes only one snapshot for a file that opens and cannot be read', () => {
    writeFileSync(docs('file'), 'x')
    writeFileSync(docs('bad'), 'y'.repeat(5000))
    for (const says of ['is complete', 'Nothing has changed', 'Nothing has changed']) {
      const {exit, out} = failing('read', docs('bad'))
      expect(exit).to.equal(3)
      expect(out).to.include(says)
    }
    expect(run()).to.include({exit: 0, err: ''})
    isSettled()
  })

  it('keeps the stored content of a file that looks touched and cannot be read', () => {
    writeFileSync(docs('bad'), 'y'.repeat(5000))
    expect(run()).to.include({exit: 0})
    sh('sh', '-c', `cd ${docs()}; cp -p bad copy; mv copy bad; echo x > other`)
    expect(failing('read', docs('bad'))).to.include({exit: 3})
    expect(statSync(store(newest(), 'docs', 'bad')).size).to.equal(5000)
    expect(run()).to.include({exit: 0, err: ''})
    isSettled()
  })

  it('never stores old content under the other names of an unreadable file (slow)', () => {
    python(
      docs(),
      "for d in 'UBCD': os.mkdir(d)\nopen('B/b', 'wb').write(b'0' * 3000000)\nos.link('B/b', 'U/a')",
    )
    expect(run()).to.include({exit: 0})
    for (let round = 0; round < 5; ++round) {
      python(
        docs(),
        `f = open('B/b', 'r+b'); f.write(b'new ${round}'); f.close()\nfor d in 'CD': os.link('B/b', d + '/${round}')`,
      )
      expect(failing('getdents64', docs('U'))).to.include({exit: 3})
      const copy = store(newest(), 'docs')
      for (const name of ['B/b', `C/${round}`, `D/${round}`])
        sh('cmp', `${copy}/${name}`, docs(name))
      expect(run()).to.include({exit: 0, err: ''})
      isSettled()
    }
  })

  it('links a name to the others that could not be read when it was new', () => {
    python(docs(), "os.mkdir('U')\nopen('U/a', 'w').write('a')\nos.link('U/a', 'U/b')")
    expect(run()).to.include({exit: 0})
    linkSync(docs('U', 'a'), docs('c'))
    expect(failing('getdents64', docs('U'))).to.include({exit: 3})
    expect(run()).to.include({exit: 0, err: ''})
    isSettled()
  })

  it('never makes one inode of two with the same content', async () => {
    python(
      path(),
      "for d in ['docs/A', 'docs/B', 'out']: os.mkdir(d)\nopen('docs/A/a', 'w').write('s')\nos.link('docs/A/a', 'docs/B/b')",
    )
    sh('sh', '-c', `cd ${path()}; cp -a docs/A/a out/b; ln out/b out/c`)
    await snapshot()
    renameSync(docs('B'), path('old'))
    renameSync(path('out'), docs('B'))
    const name = await snapshot()
    expectSame(docs(), store(name, 'docs'))
    const [items = []] = inventories(store(name, 'docs'))
    const ino = inodes(items)
    expect(ino.get('B/b')).to.equal(ino.get('B/c'))
    expect(ino.get('B/b')).not.to.equal(ino.get('A/a'))
    expect((await backUp()).differs).to.be.false
  })

  it('joins names even if another group has claimed their stored inode', async () => {
    python(
      path(),
      "for d in ['docs/A', 'docs/B', 'docs/K', 'out']: os.mkdir(d)\nopen('docs/A/x1', 'w').write('x')\nfor n in ['A/x2', 'B/b']: os.link('docs/A/x1', 'docs/' + n)",
    )
    sh('sh', '-c', `cd ${path()}; cp -a docs/A/x1 docs/K/y; ln docs/K/y out/b`)
    await snapshot()
    renameSync(docs('B'), path('old'))
    renameSync(path('out'), docs('B'))
    sh('sh', '-c', `cd ${docs('A')}; chmod 600 x1; chmod 644 x1`)
    expectSame(docs(), store(await snapshot(), 'docs'))
    expect((await backUp()).differs).to.be.false
  })

  it('joins names if the device has another number than last time (needs root)', async function () {
    if (!isRoot) this.skip()
    const [image, other] = [path('image'), path('other')]
    for (const file of [image, other]) sh('truncate', '-s', '8M', file)
    sh('mkfs.ext4', '-q', '-F', image)
    const mounted = async <T>(work: () => Promise<T>): Promise<T> => {
      sh('mount', '-o', 'loop', image, docs())
      try {
        return await work()
      } finally {
        sh('umount', docs())
      }
    }
    const operands = [`docs=${docs('in')}`]
    const device = await mounted(async () => {
      python(
        docs(),
        "for d in ['in', 'out']: os.mkdir(d)\nopen('in/a', 'w').write('a')\nos.link('in/a', 'out/b')",
      )
      await snapshot({operands})
      renameSync(docs('out'), docs('in', 'moved'))
      return statSync(docs()).dev
    })
    const taken = sh('losetup', '-f', '--show', other).trim() // so that the image gets another device
    try {
      await mounted(async () => {
        expect(statSync(docs()).dev).not.to.equal(device)
        const name = await snapshot({operands})
        const ino = (at: string): number => lstatSync(store(name, 'docs', at)).ino
        expect(ino('moved/b')).to.equal(ino('a'))
      })
    } finally {
      sh('losetup', '-d', taken)
    }
  })

  it('makes one copy, not one per name, of an inode with too many names (ext4)', async function () {
    if (sh('stat', '-f', '-c', '%T', docs()).trim() !== 'ext2/ext3') this.skip()
    python(
      path(),
      "os.mkdir('out')\nopen('docs/a', 'w').write('a')\nfor n in ['docs/b', 'docs/c', 'out/d']: os.link('docs/a', n)",
    )
    const first = await snapshot()
    python(
      path(),
      `os.mkdir('more')\nfor n in range(33000): os.link('store/${first}/docs/a', 'more/%d' % n)`,
    )
    renameSync(path('out'), docs('in'))
    expectSame(docs(), store(await snapshot(), 'docs'))
    expect((await backUp()).differs).to.be.false
  })

  for (const lost of ['d1', 'd2']) {
    it(`keeps the other names of an inode if the store cannot hold the directory ${lost}`, () => {
      python(
        docs(),
        "for d in ['d1', 'd2']: os.mkdir(d)\nopen('d1/a', 'w').write('hi')\nos.link('d1/a', 'd2/b')",
      )
      const inject = ['-e', 'trace=mkdirat', '-e', 'inject=mkdirat:error=ENAMETOOLONG']
      const under = ['strace', '-f', '-qq', '-o', path('trace'), '-P', lost, ...inject]
      const {exit, err} = runProgram(['-b', store(), docs()], {under})
      expect(exit, err).to.equal(3)
      expect(err).to.include(`docs/${lost}`)
      const kept = lost === 'd1' ? 'd2/b' : 'd1/a'
      expect(readFileSync(store(newest(), 'docs', kept), 'utf8')).to.equal('hi')
      // The next snapshot makes the directory, and the one after it fills it.
      writeFileSync(docs('other'), 'x')
      expect(run()).to.include({exit: 3})
      expect(run()).to.include({exit: 0, err: ''})
      isSettled()
    })
  }

  it('keeps all names of a symlink that looks changed and cannot be read', () => {
    sh('sh', '-c', `cd ${docs()}; ln -s target one; ln -P one two`)
    expect(run()).to.include({exit: 0})
    sh('sh', '-c', `cd ${docs()}; ln -P one three; rm three; echo x > other`)
    expect(failing('readlinkat')).to.include({exit: 3})
    for (const name of ['one', 'two']) {
      expect(readlinkSync(store(newest(), 'docs', name))).to.equal('target')
    }
    expect(run()).to.include({exit: 0, err: ''})
    isSettled()
  })

  it('does not wait if no name of a device could be made (needs root)', function () {
    if (!isRoot) this.skip()
    sh('sh', '-c', `cd ${docs()}; mknod null c 1 3; ln null null2; echo a > file`)
    sh('sh', '-c', `chmod 711 ${path()}; chown -R ${nobody}:${nobody} ${docs()} ${store()}`)
    for (const name of ['null3', 'null4']) {
      const {exit, out} = runProgram(['-b', store(), docs()], {under: asNobody, timeout_ms: 20_000})
      expect(exit, out).to.equal(0)
      expect(out).to.include('1 file')
      expect(readFileSync(store(newest(), 'docs', 'file'), 'utf8')).to.equal('a\n')
      linkSync(docs('null'), docs(name))
    }
    const {out} = runProgram(['-b', store(), docs()], {under: asNobody, timeout_ms: 20_000})
    expect(out).to.include('1 file').and.not.include('because its manifest')
  })

  it('takes linear time for many names in one directory (slow)', () => {
    python(
      path(),
      "os.mkdir('out')\nfor n in range(20000):\n    open('docs/%d' % n, 'w').close()\n    os.link('docs/%d' % n, 'out/%d' % n)",
    )
    expect(runProgram(['-b', store(), docs()], {timeout_ms: 60_000})).to.include({exit: 0})
    sh('chmod', '-R', '600', docs())
    expect(runProgram(['-b', store(), docs()], {timeout_ms: 60_000})).to.include({exit: 0})
    isSettled()
  })
})
