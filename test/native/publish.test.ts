// A store that is full, out of inodes or read-only: nothing is published, and nothing is left.
import {chmodSync, mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {inventory} from './inventory.js'
import {runProgram, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

describe('publish', () => {
  const {docs, path, later, store, newest} = workshop()
  const small = (): string => path('small')
  const run = (...argv: string[]): Run => runProgram(['-b', small(), docs(), ...argv])

  function mount(options: string): void {
    mkdirSync(small(), {mode: 0o700})
    sh('mount', '-t', 'tmpfs', '-o', `mode=700,${options}`, 'cura-test', small())
    later(() => sh('umount', small()))
  }

  it('refuses before it writes if there is too little space (needs root)', function () {
    if (!isRoot) this.skip()
    mount('size=2m')
    writeFileSync(docs('large'), Buffer.alloc(4_000_000, 'x'))
    const {exit, err} = run()
    expect(exit, err).to.equal(4)
    expect(err).to.match(/no room.*needed.*free/)
    expect(storedIn(small())).to.deep.equal([])
    sh('mount', '-o', 'remount,size=20m', small())
    expect(run(), 'the control').to.include({exit: 0})
  })

  it('ends with 4 if the disk fills up during the run, and leaves nothing (needs root)', function () {
    if (!isRoot) this.skip()
    mount('size=4m')
    python(docs(), "for n in range(6000): open('f%d' % n, 'w').close()")
    expect(run()).to.include({exit: 0, err: ''})
    const [first = ''] = storedIn(small())
    const before = inventory(`${small()}/${first}`)
    // One new file fits, but the manifest of all others does not.
    writeFileSync(docs('new'), 'new')
    const free = Number(sh('stat', '-f', '-c', '%f', small()))
    writeFileSync(`${small()}/filler`, Buffer.alloc((free - 20) * 4096, 'x'))
    const {exit, err} = run()
    expect(exit, err).to.equal(4)
    expect(storedIn(small()).sort()).to.deep.equal([first, 'filler'])
    expect(inventory(`${small()}/${first}`)).to.deep.equal(before)
    rmSync(`${small()}/filler`)
    expect(run(), 'the control').to.include({exit: 0, err: ''})
  })

  it('ends with 4 if there are no more inodes, and leaves nothing (needs root)', function () {
    if (!isRoot) this.skip()
    mount('size=40m,nr_inodes=400')
    writeFileSync(docs('a'), 'a')
    expect(run()).to.include({exit: 0, err: ''})
    const [first = ''] = storedIn(small())
    python(docs(), "for n in range(1000): open('f%d' % n, 'w').close()")
    const early = run()
    expect(early.exit, early.err).to.equal(4)
    expect(early.err).to.match(/inodes are needed/)
    expect(storedIn(small())).to.deep.equal([first])
    // The tree itself would fit, but the directories of the delta do not.
    python(
      docs(),
      "for n in range(1000): os.unlink('f%d' % n)\nfor n in range(300): os.mkdir('d%d' % n)",
    )
    const late = run()
    expect(late.exit, late.err).to.equal(4)
    expect(storedIn(small())).to.deep.equal([first])
    python(docs(), "for n in range(150, 300): os.rmdir('d%d' % n)")
    expect(run()).to.include({exit: 0, err: ''})
    expectSame(docs(), `${small()}/${storedIn(small()).sort().at(-1)}/docs`)
  })

  /** A first run, in which some of the calls on the symlink of the probe do not find it. */
  const losing = (call: string, when: string): Run => {
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=ENOENT:when=${when}`]
    const about = ['-P', '.backup_probe_symlink']
    const under = ['strace', '-f', '-qq', '-o', path('trace'), ...about, ...inject]
    return runProgram(['-b', store(), docs()], {under})
  }

  // The first utimensat(2) of the probe is for a symlink with a target.
  for (const [call, first] of [
    ['utimensat', 2],
    ['fchownat', 1],
  ] as const) {
    it(`takes one ENOENT of ${call} for no proof that the store follows symlinks`, () => {
      writeFileSync(docs('a'), 'a')
      const twice = losing(call, `${first}..${first + 1}`)
      expect(twice.exit, 'the control').to.equal(1)
      expect(twice.err).to.include('changes the target of a symlink')
      expect(storedIn(store())).to.deep.equal([])
      expect(losing(call, String(first))).to.include({exit: 0, err: ''})
      expectSame(docs(), store(newest(), 'docs'))
    })
  }

  it('reports that a store is read-only (needs root)', function () {
    if (!isRoot) this.skip()
    mount('size=4m,ro')
    writeFileSync(docs('a'), 'a')
    const {exit, err} = run()
    expect(exit).to.equal(1)
    expect(err).to.match(/^cura-te-ipsum: .*read-only.*\n$/i)
    expect(run('-n'), 'a dry run needs no right to write').to.include({exit: 0, err: ''})
  })

  it('reports an error of syncfs, rename or fsync, and publishes nothing then (slow)', () => {
    writeFileSync(docs('a'), 'a')
    for (const [call, error] of [
      ['syncfs', 'EIO'],
      ['renameat2', 'EIO'],
      ['linkat', 'EPERM'],
    ]) {
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}`]
      const under = ['strace', '-f', '-qq', '-o', path('trace'), ...inject]
      const {exit, err} = runProgram(['-b', store(), docs()], {under})
      expect(exit, err).to.equal(1)
      expect(err).to.match(/^cura-te-ipsum: /)
      expect(storedIn(store())).to.deep.equal([])
    }
    expect(runProgram(['-b', store(), docs()])).to.include({exit: 0})
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('refuses a store that others may write to', () => {
    chmodSync(store(), 0o777)
    const {exit, err} = runProgram(['-b', store(), docs()])
    expect(exit).to.equal(1)
    expect(err).to.include('chmod go-w')
    expect(storedIn(store())).to.deep.equal([])
  })
})
