// Fidelity: everything about an entry except its content.
import {chmodSync, mkdirSync, statSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {inventory, rsyncDifferences} from './inventory.js'
import {runProgram} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'

const times = `
far = [-1, -86400 * 365 * 60 * 10**9 + 123456789, 0, 1, 999999999, 2**31 * 10**9 + 1,
       2**33 * 10**9 + 987654321]
for number, time in enumerate(far):
    open('f%d' % number, 'w').close()
    os.utime('f%d' % number, ns=(time, time))
    os.symlink('x', 'l%d' % number)
    os.utime('l%d' % number, ns=(time, time), follow_symlinks=False)
    os.mkdir('d%d' % number)
    open('d%d/x' % number, 'w').close()
    os.utime('d%d' % number, ns=(time, time))
`

const modes = `
for mode in [0, 0o1, 0o111, 0o200, 0o400, 0o444, 0o600, 0o640, 0o755, 0o777]:
    for bits in [0, 0o1000, 0o2000, 0o4000, 0o7000]:
        name = 'f%o' % (mode | bits)
        open(name, 'w').write(name)
        os.chmod(name, mode | bits)
        os.mkdir('d' + name)
        open('d' + name + '/inside', 'w').write(name)
        os.chmod('d' + name, mode | bits)
`

const owners = `
for number, (uid, gid) in enumerate([(0, 0), (1, 2), (65534, 65534), (4294967293, 4000000000)]):
    open('f%d' % number, 'w').close()
    os.symlink('nowhere', 'l%d' % number)
    os.mkdir('d%d' % number)
    os.mkfifo('p%d' % number)
    for kind in 'fldp':
        os.chown('%s%d' % (kind, number), uid, gid, follow_symlinks=False)
    os.chmod('f%d' % number, 0o6755)
    os.chmod('d%d' % number, 0o3775)
`

const attributes = `
capability = b'\\x01\\x00\\x00\\x02' + b'\\x00\\x04\\x00\\x00' + bytes(12)
def give(name):
    os.setxattr(name, 'user.empty', b'')
    os.setxattr(name, 'user.bytes', bytes(range(256)))
    if os.geteuid() == 0:
        os.setxattr(name, 'trusted.one', b'1')
open('file', 'w').write('x')
os.mkdir('dir')
give('file')
give('dir')
open('bare', 'w').write('x')
if os.geteuid() == 0:
    os.symlink('file', 'link')
    os.setxattr('link', 'trusted.link', b'2', follow_symlinks=False)
    os.mkfifo('fifo')
    os.setxattr('fifo', 'trusted.fifo', b'3')
    for name, owner in [('ping', 0), ('ping2', 1000)]:
        open(name, 'w').write('x')
        os.chown(name, owner, owner)
        os.chmod(name, 0o755)
        os.setxattr(name, 'security.capability', capability)
`

const devices = `
os.mknod('null', stat.S_IFCHR | 0o666, os.makedev(1, 3))
os.mknod('disk', stat.S_IFBLK | 0o660, os.makedev(7, 255))
os.mknod('large', stat.S_IFCHR | 0o600, os.makedev(4095, 1048575))
os.mkfifo('fifo', 0o622)
`

describe('metadata', () => {
  const {docs, store, path, newest, snapshot, backUp} = workshop()

  /** Backs up three times: a first copy, no change, and a copy by links. */
  async function roundTrip(): Promise<void> {
    expectSame(docs(), store(await snapshot(), 'docs'))
    expect((await backUp()).differs).to.be.false
    sh('touch', docs('another'))
    expectSame(docs(), store(await snapshot(), 'docs'))
  }

  it('keeps times to the nanosecond, before 1970 and in the distant future', async () => {
    python(docs(), times)
    const seconds = inventory(docs()).map(({mtime_ns}) => BigInt(mtime_ns) / 1_000_000_000n)
    expect(seconds.some((time) => time < -1_000_000_000n)).to.be.true
    expect(seconds.some((time) => time > 8_000_000_000n)).to.be.true
    await roundTrip()
  })

  it('keeps modes with suid, sgid and sticky, and inaccessible directories', async function () {
    python(docs(), modes)
    // An ordinary user must be able to read the trees to compare them.
    if (!isRoot) sh('chmod', '-R', 'u+rwX', docs())
    await roundTrip()
  })

  it('keeps the owners of everything, including symlinks (needs root)', async function () {
    if (!isRoot) this.skip()
    python(docs(), owners)
    await roundTrip()
  })

  it('keeps extended attributes and capabilities', async () => {
    python(docs(), attributes)
    const given = inventory(docs()).flatMap(({xattrs}) => Object.keys(xattrs))
    expect(given).to.include.members(['user.empty', 'user.bytes'])
    if (isRoot) expect(given).to.include.members(['security.capability', 'trusted.link'])
    await roundTrip()
  })

  it('notices a removed, an added and a changed attribute', async () => {
    python(docs(), attributes)
    await snapshot()
    const edit = [
      "os.removexattr('file', 'user.empty')",
      "os.setxattr('bare', 'user.new', b'')",
      "os.setxattr('dir', 'user.bytes', b'2')",
    ]
    python(docs(), edit.join('\n'))
    const result = await backUp()
    expect(result.changes).to.include({metadata: 3, changed: 0, new: 0})
    expectSame(docs(), store(String(result.snapshot), 'docs'))
  })

  it('keeps ACLs, and default ACLs without passing them on', async () => {
    mkdirSync(docs('dir'))
    sh('setfacl', '-d', '-m', 'u:1234:rwx,g:5678:r', docs('dir'))
    sh('touch', docs('dir', 'inherits'))
    mkdirSync(docs('dir', 'sub'))
    sh('touch', docs('file'))
    sh('setfacl', '-m', 'u:1234:rw', docs('file'))
    sh('sh', '-c', `cd ${docs('dir')}; touch plain; setfacl -b plain; mkdir bare; setfacl -bk bare`)
    expect(sh('getfacl', '-p', docs('dir', 'sub'))).to.include('default:user:1234:rwx')
    await roundTrip()
  })

  it('does not inherit ACLs from the store', async () => {
    sh('setfacl', '-d', '-m', 'u:1234:rwx', store())
    writeFileSync(docs('file'), 'x')
    mkdirSync(docs('dir'))
    const name = await snapshot()
    expectSame(docs(), store(name, 'docs'))
    expect(statSync(store(name)).mode & 0o777).to.equal(0o700)
    expect(sh('getfacl', '-p', store(name))).not.to.include('1234')
    expect(sh('getfacl', '-p', store())).to.include('1234')
  })

  it('makes devices and FIFOs, and never opens them (needs root)', async function () {
    if (!isRoot) this.skip()
    python(docs(), devices)
    await roundTrip()
    sh('sh', '-c', `cd ${docs()}; rm null; mknod null c 1 5; chmod 600 disk`)
    expectSame(docs(), store(await snapshot(), 'docs'))
  })

  it('keeps symlinks of all kinds', async () => {
    mkdirSync(docs('dir'))
    const targets = ['dir', '.', '/', '..', '/nowhere', 'self', 'a\\nb', 'x'.repeat(4000)]
    const lines = targets.map((target, i) => `os.symlink('${target}', 'l${i}')`)
    python(docs(), [...lines, "os.symlink('self', 'self')", "os.symlink(b'\\xff', 'b')"].join('\n'))
    await roundTrip()
  })

  it('shows a lost mode, time, owner and attribute: the control', async () => {
    python(docs(), attributes)
    const copy = store(await snapshot(), 'docs')
    const spoil = [
      () => {
        chmodSync(`${copy}/bare`, 0o4755)
      },
      () => sh('setfattr', '-x', 'user.empty', `${copy}/dir`),
      () => sh('touch', '-h', '-d', '@1.000000001', `${copy}/file`),
    ]
    let before = ''
    for (const step of spoil) {
      step()
      const after = rsyncDifferences(docs(), copy)
      expect(after).not.to.equal(before)
      before = after
    }
  })

  it('stores attributes in the next run that could not be read before', () => {
    python(docs(), "open('a', 'w').write('a')\nos.setxattr('a', 'user.x', b'1')")
    const argv = ['-b', store(), docs()]
    const inject = ['-e', 'trace=flistxattr', '-e', 'inject=flistxattr:error=EIO']
    const under = ['strace', '-f', '-qq', '-o', path('trace'), ...inject]
    expect(runProgram(argv, {under})).to.include({exit: 3})
    expect(() => {
      expectSame(docs(), store(newest(), 'docs'))
    }).to.throw()
    expect(runProgram(argv)).to.include({exit: 0})
    expectSame(docs(), store(newest(), 'docs'))
    expect(runProgram(argv).out).to.include('Nothing has changed')
  })
})
