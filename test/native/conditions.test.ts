// Stores on filesystems that are over quota, fail during a run, or have no hardlinks, and limits on
// file sizes and threads. All of it is real; nothing is injected.
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {expect} from 'chai'
import {makeImage, mountImage, unmount, type Filesystem} from '../reliability/place.js'
import {inventory} from './inventory.js'
import {runProgram, startProgram, until, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

const has = (command: string): boolean => existsSync(join('/usr/sbin', command))

const tree = `
for n in range(60):
    os.makedirs('d%d/s' % n)
    open('d%d/s/f' % n, 'w').write(str(n))
`

describe('conditions', () => {
  const {docs, path, later, store, newest} = workshop()
  const disk = (...names: string[]): string => path('disk', ...names)
  const argv = (): string[] => ['-b', disk('store'), docs()]
  const run = (): Run => runProgram(argv())
  const onDisk = (): string => storedIn(disk('store')).sort().at(-1) ?? ''
  const inStore = (): string[] => storedIn(disk('store')).sort()

  /** The entries of the partial snapshot so far. */
  function begun(): string[] {
    const [partial] = inStore().filter((name) => name.startsWith('.partial-'))
    const made = disk('store', partial ?? '.none', 'docs')
    return existsSync(made) ? readdirSync(made) : []
  }

  function mount(filesystem: Filesystem): void {
    makeImage(path('image'), filesystem)
    mountImage(path('image'), disk())
    later(() => {
      unmount(disk())
    })
  }

  it('ends with 4 over a quota of btrfs, and continues below it (needs root and mkfs.btrfs)', function () {
    if (!isRoot || !has('mkfs.btrfs')) this.skip()
    mount('btrfs')
    sh('btrfs', 'quota', 'enable', disk())
    sh('btrfs', 'subvolume', 'create', disk('store'))
    sh('chmod', '700', disk('store'))
    sh('btrfs', 'qgroup', 'limit', '6M', disk('store'))
    python(docs(), "open('one', 'wb').write(os.urandom(1000000))")
    expect(run()).to.include({exit: 0, err: ''})
    const [first = ''] = inStore()
    const before = inventory(disk('store', first))
    python(docs(), "open('two', 'wb').write(os.urandom(9000000))")
    const {exit, err} = run()
    expect(exit, err).to.equal(4)
    expect(err).to.match(/docs\/two: .*\(EDQUOT\); no snapshot was made\. .*free some space/i)
    expect(inStore()).to.deep.equal([first])
    expect(inventory(disk('store', first))).to.deep.equal(before)
    sh('btrfs', 'qgroup', 'limit', 'none', disk('store'))
    expect(run(), 'the control').to.include({exit: 0, err: ''})
    expectSame(docs(), disk('store', onDisk(), 'docs'))
    expect(inventory(disk('store', first))).to.deep.equal(before)
  })

  // ext4 becomes read-only after a disk error, and a removed disk returns errors.
  const ends: ReadonlyArray<[string, string, () => void]> = [
    [
      'has become read-only',
      'EROFS',
      () => {
        const device = basename(sh('findmnt', '-no', 'SOURCE', disk()).trim())
        writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, '1')
      },
    ],
    [
      'has gone',
      'EIO',
      () => {
        const noFlush = "struct.pack('I', 2)"
        python(
          disk(),
          `import fcntl, struct\nfcntl.ioctl(os.open('.', os.O_RDONLY), 0x8004587d, ${noFlush})`,
        )
      },
    ],
  ]
  for (const [what, errno, strike] of ends) {
    it(`publishes nothing if the disk ${what} during the run (needs root)`, async function () {
      if (!isRoot) this.skip()
      mount('ext4')
      sh('mount', '-o', 'remount,errors=remount-ro', disk())
      mkdirSync(disk('store'), {mode: 0o700})
      writeFileSync(docs('first'), 'first')
      expect(run()).to.include({exit: 0, err: ''})
      const [first = ''] = inStore()
      sh('sync', '-f', disk())
      const before = inventory(disk('store', first))
      python(docs(), tree)
      // The delay leaves time to act while the partial snapshot is being filled.
      const inject = ['-e', 'trace=mkdirat', '-e', 'inject=mkdirat:delay_enter=3000000:when=9']
      const under = ['strace', '-f', '-qq', '-o', path('trace'), ...inject]
      const running = startProgram(argv(), {under})
      await until(() => begun().length > 3)
      strike()
      const {exit, err} = await running.ended
      expect(exit, err).to.equal(1)
      expect(err).to.include(`(${errno})`).and.include('no snapshot was made')
      expect(err).not.to.match(/is complete/)
      sh('umount', disk())
      sh('mount', '-o', 'loop', path('image'), disk())
      const shown = inStore().filter((name) => !name.startsWith('.'))
      expect(shown).to.deep.equal([first])
      expect(inventory(disk('store', first))).to.deep.equal(before)
      expect(run(), 'the control').to.include({exit: 0})
      expect(inStore(), 'nothing is left over').to.deep.equal([first, onDisk()])
      expectSame(docs(), disk('store', onDisk(), 'docs'))
      expect(inventory(disk('store', first))).to.deep.equal(before)
    })
  }

  it('refuses exFAT, which has no hardlinks, and leaves nothing there (needs root and exfat-fuse)', function () {
    const programs = ['mkfs.exfat', 'mount.exfat-fuse']
    if (!isRoot || !existsSync('/dev/fuse') || !programs.every(has)) this.skip()
    sh('truncate', '-s', '16M', path('image'))
    sh('mkfs.exfat', path('image'))
    mkdirSync(disk())
    sh('mount', '-t', 'exfat-fuse', '-o', 'loop,umask=0077', path('image'), disk())
    later(() => {
      unmount(disk())
    })
    mkdirSync(disk('store'))
    writeFileSync(docs('a'), 'a')
    const {exit, err} = run()
    expect(exit).to.equal(1)
    expect(err).to.match(/cannot hardlink files.*use ext4.*no snapshot was made\n$/)
    expect(inStore()).to.deep.equal([])
    writeFileSync(disk('store', 'control'), 'what can be written at all')
    expect(() => sh('ln', disk('store', 'control'), disk('store', 'link'))).to.throw(/ln: /)
  })

  it('names the file that exceeds the file size limit, and is not killed for it', () => {
    python(docs(), "open('large', 'wb').write(b'x' * 3000000)\nopen('small', 'w').write('x')")
    const under = ['prlimit', '--fsize=1000000']
    const {exit, signal, err} = runProgram(['-b', store(), docs()], {under})
    expect({exit, signal}, err).to.deep.equal({exit: 1, signal: null})
    expect(err).to.match(/docs\/large: .*\(EFBIG\); no snapshot was made\n$/)
    expect(storedIn(store())).to.deep.equal([])
    rmSync(docs('large'))
    expect(runProgram(['-b', store(), docs()], {under}), 'the control').to.include({exit: 0})
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('works with no more threads than Node itself has (needs root)', function () {
    if (!isRoot) this.skip()
    const unknown = 54_322 // no other process has this user
    python(docs(), tree)
    sh('chmod', '755', path())
    sh('chown', '-R', `${unknown}:${unknown}`, docs(), store())
    const count = "fs.readFile('/', () => console.log(fs.readdirSync('/proc/self/task').length))"
    const threads = sh(process.execPath, '-e', count).trim()
    const strace = ['strace', '-f', '-qq', '-o', path('trace'), '-e', 'trace=clone3,clone']
    const user = ['setpriv', `--reuid=${unknown}`, `--regid=${unknown}`, '--clear-groups']
    const refused = (): boolean => readFileSync(path('trace'), 'latin1').includes('EAGAIN')
    const few = [...strace, 'prlimit', `--nproc=${threads}`, ...user]
    expect(runProgram(['-b', store(), docs()], {under: few})).to.include({exit: 0, err: ''})
    expect(refused(), 'threads were refused').to.be.true
    expectSame(docs(), store(newest(), 'docs'))
    writeFileSync(docs('new'), 'new')
    const under = [...strace, ...user]
    expect(runProgram(['-b', store(), docs()], {under})).to.include({exit: 0, err: ''})
    expect(refused(), 'the control').to.be.false
  })
})
