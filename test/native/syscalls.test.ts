// The system calls of the built program: it does not even ask about files that it need not touch.
import {mkdirSync, renameSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {expectSame} from './snapshots.js'
import {program} from './programs.js'
import {changed, damage, isBelow, mutates, trace, type Call} from './traces.js'
import {isRoot, python, settle, sh, workshop} from './workshop.js'

const tree = `
for n in range(40):
    os.makedirs('d%d/s%d' % (n % 5, n % 3), exist_ok=True)
    open('d%d/s%d/f%d' % (n % 5, n % 3, n), 'w').write(str(n))
os.symlink('relative', 'link')
os.link('d1/s1/f1', 'twin')
os.mkfifo('fifo')
os.setxattr('d0', 'user.one', b'1')
os.setxattr('d1/s1/f1', 'user.one', b'1')
`

describe('system calls', () => {
  const {docs, store, path, snapshot, newest} = workshop()
  const run = (...argv: string[]): Call[] =>
    trace(path('trace'), [process.execPath, program, '-b', store(), docs(), ...argv])

  /** The paths below a snapshot in these calls. */
  const lookedAt = (calls: readonly Call[], snapshot: string): string[] => {
    const paths = calls.flatMap((call) => call.paths).filter((name) => isBelow(name, snapshot))
    return [...new Set(paths)].sort()
  }
  /** The paths in the store, including the store itself, that a call changed. */
  const changes = (calls: readonly Call[]): string[] => {
    const paths = calls
      .flatMap(changed)
      .filter((name) => isBelow(name, store()) || name === store())
    return [...new Set(paths)].sort()
  }
  /** Calls that name anything below an operand by a path. */
  const byPath = (calls: readonly Call[]): string[] =>
    calls
      .filter(({typed}) => typed.some((name) => isBelow(name, docs()) || isBelow(name, store())))
      .map(({line}) => line)

  beforeEach(async () => {
    python(docs(), tree)
    await settle()
    await snapshot()
  })

  it('an unchanged run reads only names, marker, tags and manifest, and writes only the lock and how it ended', () => {
    const first = store(newest())
    const calls = run()
    expect(lookedAt(calls, first)).to.deep.equal([
      `${first}/.backup_finished`,
      `${first}/.backup_manifest`,
      `${first}/.backup_tags`,
    ])
    const written = new Set(changes(calls).map((name) => name.replace(/(_lock)-[0-9a-f-]+$/, '$1')))
    expect([...written].sort()).to.deep.equal([
      store('.backups_lock'),
      store('.backups_state'),
      store('.backups_state.new'),
    ])
    expect(lookedAt(calls, docs()).length, 'the source was walked').to.be.above(40)
    writeFileSync(docs('new'), 'new')
    const control = run()
    expect(lookedAt(control, first).length).to.be.above(40)
    expect(changes(control).length).to.be.above(40)
  })

  it('an unchanged run opens no file of the source', () => {
    const opened = run().filter(
      ({name, line}) => name === 'openat' && !line.includes('O_DIRECTORY'),
    )
    expect(opened.filter(({paths}) => paths.some((name) => isBelow(name, docs())))).to.be.empty
    sh('touch', docs('twin'))
    const control = run().filter(
      ({name, line}) => name === 'openat' && !line.includes('O_DIRECTORY'),
    )
    expect(control.filter(({paths}) => paths.some((name) => isBelow(name, docs())))).not.to.be.empty
  })

  it('a dry run changes nothing in the store, and takes no lock', () => {
    writeFileSync(docs('new'), 'new')
    const calls = run('-n')
    expect(changes(calls)).to.deep.equal([])
    expect(calls.filter(({paths}) => paths.includes(store('.backups_lock')))).to.be.empty
    expect(changes(run()), 'the control').not.to.be.empty
  })

  it('a run names nothing below its operands by a path', () => {
    sh('sh', '-c', `cd ${docs()}; mv d2 D2; echo x > new; chmod 600 d1/s1/f1; rm -r d3; ln -s q l2`)
    mkdirSync(store('.partial-2020-01-01_00-00-00', 'd'), {recursive: true})
    const calls = run()
    expect(byPath(calls)).to.deep.equal([])
    expectSame(docs(), store(newest(), 'docs'))
    const control = trace(path('control'), ['cat', docs('new')])
    expect(byPath(control)).not.to.be.empty
  })

  it('a run changes no inode of a published snapshot', () => {
    const published = store(newest())
    sh('sh', '-c', `cd ${docs()}; mv d2 D2; echo x >> twin; chmod 600 d1/s1/f1; touch d0/s0/f0`)
    sh('sh', '-c', `cd ${docs()}; setfattr -n user.two -v 2 d4/s0/f9; ln d0/s0/f0 f0; rm link`)
    const calls = run()
    expect(calls.filter(mutates).length).to.be.above(50)
    expect(damage(calls, [published])).to.deep.equal([])
  })

  it('a run makes each file for its owner only, and never under an existing name', () => {
    sh('sh', '-c', `cd ${docs()}; echo x > new; echo y >> twin; chmod 4755 d0/s0/f0`)
    const command = ['sh', '-c', 'umask 0; exec "$@"', 'sh', process.execPath, program]
    const made = trace(path('trace'), [...command, '-b', store(), docs()])
      .filter(({name, line}) => name.startsWith('open') && line.includes('O_CREAT'))
      .filter(({paths}) => paths.some((name) => isBelow(name, store())))
    const all = made.flatMap(({paths}) => paths).join('\n')
    for (const name of ['new', 'f0', '.backup_manifest', '.backup_finished']) {
      expect(all).to.match(new RegExp(`/${name.replace('.', '\\.')}$`, 'm'))
    }
    expect(all).to.include('.backups_lock')
    const careful = /O_CREAT\|O_EXCL\|O_NOFOLLOW\|O_CLOEXEC, 0600\b/
    expect(made.filter(({line}) => !careful.test(line)).map(({line}) => line)).to.deep.equal([])
  })

  it('a run changes the mode of a new directory only if mkdir could not set it', () => {
    const edits =
      'chmod -R u=rwX,go=rX .; echo x > new; chmod 777 d3; chmod 700 d4; chmod 2750 d2/s1'
    sh('sh', '-c', `cd ${docs()}; ${edits}`)
    const umask = ['sh', '-c', 'umask 022; exec "$@"', 'sh']
    const command = [...umask, process.execPath, program, '-b', store(), docs()]
    const given = trace(path('trace'), command)
      .filter(({name, line}) => name === 'fchmod' && line.includes('/.partial-'))
      .map(({paths}) => paths.join().replace(/^.*\/\.partial-[^/]*/, ''))
      .filter((name) => statSync(join(store(newest()), name)).isDirectory())
    // The work directory itself, one whose mode umask would narrow, and one with setgid.
    expect(given.sort()).to.deep.equal(['', '/docs/d2/s1', '/docs/d3'])
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('opens no FIFO and no device, even if one has lost a name (slow)', async () => {
    const names = ['pipe', 'pipe2', ...(isRoot ? ['null', 'null2'] : [])]
    sh('sh', '-c', `cd ${docs()}; mkfifo pipe; ln pipe pipe2`)
    if (isRoot) sh('sh', '-c', `cd ${docs()}; mknod null c 1 3; ln null null2`)
    const isSpecial = (at: string): boolean =>
      at.startsWith(path()) && names.some((name) => at.endsWith(`/${name}`))
    // O_PATH does not reach the driver of a device.
    const opened = (calls: readonly Call[]): string[] =>
      calls
        .filter(({name, line}) => name.startsWith('open') && !line.includes('O_PATH'))
        .filter(({paths}) => paths.some(isSpecial))
        .map(({line}) => line)
    await snapshot()
    const edits = [
      'rm -f pipe2 null2',
      'chmod 600 pipe; mv pipe d0/pipe; if [ -e null ]; then touch null; fi',
    ]
    for (const edit of edits) {
      sh('sh', '-c', `cd ${docs()}; ${edit}`)
      const calls = run()
      expect(calls.some(({paths}) => paths.some(isSpecial))).to.be.true
      expect(opened(calls)).to.deep.equal([])
      expectSame(docs(), store(newest(), 'docs'))
    }
    const code = "import os; os.open('pipe', os.O_RDONLY | os.O_NONBLOCK)"
    const command = ['/usr/bin/env', '-C', docs('d0'), 'python3', '-c', code]
    expect(opened(trace(path('control'), command)), 'the control').to.have.lengthOf(1)
  })

  it('such a change is seen: the control', () => {
    const published = store(newest())
    const file = `${published}/docs/twin`
    const direct = trace(path('direct'), ['chmod', '600', file])
    expect(damage(direct, [published])).to.have.lengthOf(1)
    const dir = path('elsewhere')
    mkdirSync(dir)
    const code = `import os; d = os.open('${published}/docs', os.O_RDONLY); e = os.open('${dir}', os.O_RDONLY)
os.link('twin', 'new', src_dir_fd=d, dst_dir_fd=e, follow_symlinks=False)
f = os.open('new', os.O_RDONLY, dir_fd=e); os.fchmod(f, 0o700); os.utime('new', dir_fd=e)`
    const linked = trace(path('linked'), ['/usr/bin/env', 'python3', '-c', code])
    expect(damage(linked, [published])).to.have.lengthOf(2)
    expect(statSync(file).mode & 0o777).to.equal(0o700)
    renameSync(file, `${published}/docs/gone`)
  })
})
