// Stores that refuse single operations: the snapshot is made, its manifest is correct, and each
// kind of refusal is reported once.
import {existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {runProgram, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, sh, workshop} from './workshop.js'

const sftpServer = '/usr/lib/openssh/sftp-server'

describe('refusals', () => {
  const {docs, store, path, later, newest, snapshot} = workshop()
  const argv = (...more: string[]): string[] => ['-b', store(), docs(), ...more]

  before(function () {
    if (process.platform !== 'linux') this.skip()
  })

  /**
   * Runs under strace with a call that fails. `names` restricts the failures to calls about one of
   * them.
   */
  function refusing(call: string, error: string, names: readonly string[] = []): Run {
    const only = names.flatMap((name) => ['-P', name])
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}`]
    return runProgram(argv(), {
      under: ['strace', '-f', '-qq', '-o', path('trace'), ...only, ...inject],
    })
  }

  /** Expects a snapshot, and no change in the next run. */
  function expectMade(run: Run, said: RegExp | null): void {
    expect(run, run.err).to.include({exit: 0, err: ''})
    expect(run.out).to.match(/is complete/)
    if (said !== null) expect(run.out).to.match(said)
    const next = runProgram(argv())
    expect(next).to.include({exit: 0, err: ''})
    expect(next.out).to.include('Nothing has changed')
  }

  for (const error of ['EPERM', 'EACCES', 'EOPNOTSUPP', 'EINVAL']) {
    it(`a mode that cannot be set is a note: ${error}`, () => {
      writeFileSync(docs('a'), 'a')
      writeFileSync(docs('suid'), 'runs', {mode: 0o755})
      sh('chmod', '4755', docs('suid'))
      expectMade(
        refusing('fchmod', error),
        /Permissions of 2 entries are not kept in the store, first/,
      )
      for (const name of ['a', 'suid']) {
        expect(statSync(store(newest(), 'docs', name)).mode & 0o7777).to.equal(0o600)
      }
    })
  }

  it('root without CAP_FOWNER makes snapshots, and no setuid file of another user (needs root)', function () {
    if (!isRoot) this.skip()
    writeFileSync(docs('suid'), 'runs')
    sh('sh', '-c', `chown nobody ${docs('suid')}; chmod 4755 ${docs('suid')}`)
    const kept = '-all,+dac_override,+dac_read_search,+chown'
    const under = ['setpriv', `--bounding-set=${kept}`, '--inh-caps=-all']
    expectMade(runProgram(argv(), {under}), /Permissions of 1 entry are not kept/)
    expect(statSync(store(newest(), 'docs', 'suid')).mode & 0o7000).to.equal(0)
  })

  it('a directory that cannot be synced does not prevent a snapshot (slow)', () => {
    writeFileSync(docs('a'), 'a')
    for (const error of ['EINVAL', 'EOPNOTSUPP']) {
      writeFileSync(docs('a'), error)
      expectMade(refusing('fsync', error), null)
    }
    writeFileSync(docs('a'), 'the control')
    const before = newest()
    expect(refusing('fsync', 'EIO').exit).to.equal(1)
    expect(newest()).to.equal(before)
  })

  it('a directory that cannot be synced does not prevent pruning of an old snapshot', async () => {
    for (const error of ['EINVAL', 'EOPNOTSUPP', 'EIO']) {
      writeFileSync(docs('a'), `first ${error}`)
      const first = await snapshot()
      writeFileSync(docs('a'), `then ${error}`)
      await snapshot()
      const run = runProgram(['prune', '-b', store(), '--keep-last', '1'], {
        under: ['strace', '-f', '-qq', '-o', path('trace'), '-e', `inject=fsync:error=${error}`],
      })
      const isControl = error === 'EIO'
      expect(run.exit, run.err).to.equal(isControl ? 1 : 0)
      expect(existsSync(store(first))).to.equal(isControl)
    }
  })

  it('symlinks and FIFOs that cannot be linked are recreated, without a note', async () => {
    symlinkSync('a', docs('old'))
    sh('mkfifo', docs('pipe'))
    await snapshot()
    writeFileSync(docs('b'), 'b')
    symlinkSync('b', docs('new'))
    sh('mkfifo', docs('pipe2'))
    const run = refusing('linkat', 'EPERM', ['old', 'pipe', 'new', 'pipe2'])
    expect(
      readFileSync(path('trace'), 'latin1').split('EPERM').length,
      'it was refused',
    ).to.be.above(4)
    expect(run.out).not.to.include('could not be linked')
    expectMade(run, null)
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('files of an immutable snapshot are copied, with a note (needs root)', async function () {
    if (!isRoot) this.skip()
    for (const name of ['a', 'b']) writeFileSync(docs(name), name)
    const first = await snapshot()
    sh('chattr', '-R', '+i', store(first))
    later(() => sh('chattr', '-R', '-i', store(first)))
    writeFileSync(docs('new'), 'new')
    const run = runProgram(argv())
    expectMade(run, /2 entries could not be linked \(EPERM\) and were copied, first docs\/[ab]\.\n/)
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('symlinks that cannot be made are only in the manifest', () => {
    symlinkSync('a', docs('link'))
    expectMade(
      refusing('symlinkat', 'EOPNOTSUPP'),
      /cannot hold symlinks: 1 entry, first docs\/link/,
    )
  })

  it('a name that is too long for CIFS affects only that entry', () => {
    const [link, directory] = ['l', 'd'].map((letter) => letter.repeat(200))
    writeFileSync(docs('short'), 'short')
    symlinkSync('short', docs(String(link)))
    for (const call of ['symlinkat', 'mkdirat']) {
      if (call === 'mkdirat') mkdirSync(docs(String(directory)))
      const run = refusing(call, 'ENOENT', [String(call === 'mkdirat' ? directory : link)])
      expect(run.exit, run.err).to.equal(3)
      expect(run.err).to.include(`docs/${call === 'mkdirat' ? directory : link}: name too long`)
    }
    expect(readFileSync(store(newest(), 'docs', 'short'), 'utf8')).to.equal('short')
  })

  it('ACLs that are not kept are reported without -v', () => {
    writeFileSync(docs('a'), 'a')
    sh('setfacl', '-m', 'u:nobody:r', docs('a'))
    expectMade(
      refusing('fsetxattr', 'EOPNOTSUPP'),
      /ACLs of 1 entry are not kept, first docs\/a\.\n/,
    )
  })

  describe('of a store that follows symlinks (needs root, sshfs and bindfs)', () => {
    before(function () {
      if (
        !isRoot ||
        ![sftpServer, '/usr/bin/sshfs', '/usr/bin/bindfs'].every((at) => existsSync(at))
      )
        this.skip()
    })

    function mounted(mount: () => void): string {
      for (const name of ['remote', 'mnt']) mkdirSync(path(name))
      mkdirSync(path('remote', 'store'), {mode: 0o700})
      mount()
      later(() => sh('umount', path('mnt')))
      writeFileSync(path('outside'), 'outside')
      symlinkSync(path('outside'), docs('link'))
      return path('mnt', 'store')
    }

    it('sshfs is refused, and nothing outside the store is changed', () => {
      const script = path('ssh')
      writeFileSync(script, `#!/bin/sh\nexec ${sftpServer}\n`, {mode: 0o755})
      const at = mounted(
        () =>
          void sh('sshfs', '-o', `ssh_command=${script}`, `host:${path('remote')}`, path('mnt')),
      )
      const before = statSync(path('outside')).ctimeMs
      const {exit, err} = runProgram(['-b', at, docs()])
      expect(exit).to.equal(1)
      expect(err).to.match(/target of a symlink.*sshfs.*no snapshot was made/)
      expect(statSync(path('outside')).ctimeMs).to.equal(before)
      // Not even a lock, although there each of its names has its own inode number.
      expect(sh('ls', '-A', path('remote', 'store'))).to.equal('')
    })

    it('a FUSE filesystem that does not follow them is accepted as a store', () => {
      const at = mounted(() => void sh('bindfs', path('remote'), path('mnt')))
      expect(runProgram(['-b', at, docs()])).to.include({exit: 0, err: ''})
    })

    it('one that grants all rights and refuses modes is not accepted', () => {
      const flags = ['--chmod-deny', '--perms=go+rx']
      const at = mounted(() => void sh('bindfs', ...flags, path('remote'), path('mnt')))
      const {exit, err} = runProgram(['-b', at, docs()])
      expect(exit).to.equal(1)
      expect(err).to.match(/fchmod .*no snapshot was made/)
    })

    it('a FUSE filesystem that refuses modes is accepted as a store', () => {
      const at = mounted(() => void sh('bindfs', '--chmod-deny', path('remote'), path('mnt')))
      writeFileSync(docs('a'), 'a')
      const {exit, out, err} = runProgram(['-b', at, docs()])
      expect(exit, err).to.equal(0)
      expect(out).to.include('Permissions of 1 entry are not kept in the store, first docs/a.')
    })
  })

  it('attributes are kept without /proc (needs root)', function () {
    const [major = 0, minor = 0] = sh('uname', '-r').split('.').map(Number)
    if (!isRoot || major < 6 || (major === 6 && minor < 13)) this.skip()
    mkdirSync(docs('d'))
    writeFileSync(docs('d', 'f'), 'f')
    symlinkSync('f', docs('d', 'l'))
    sh('mkfifo', docs('d', 'pipe'))
    sh('chmod', '640', docs('d', 'pipe'))
    sh('setfacl', '-m', 'u:nobody:rwx', docs('d'))
    sh('setfattr', '-n', 'user.note', '-v', 'file', docs('d', 'f'))
    for (const name of ['l', 'pipe']) {
      sh('setfattr', '-h', '-n', 'trusted.x', '-v', name, docs('d', name))
    }
    const hide = 'mount -t tmpfs none /proc && exec "$@"'
    const run = runProgram(argv(), {under: ['unshare', '-m', 'sh', '-c', hide, 'sh']})
    expectMade(run, null)
    expectSame(docs(), store(newest(), 'docs'))
  })
})
