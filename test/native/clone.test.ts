// Files that share blocks with the source, and contents that come out too short on filesystems that
// return wrong results.
import {mkdirSync, readFileSync, statSync, truncateSync, writeFileSync} from 'node:fs'
import {constants} from 'node:os'
import {expect} from 'chai'
import {makeImage, mountImage, unmount} from '../reliability/place.js'
import {canLie, runLying} from './lies.js'
import {filesystems, needs} from './mounts.js'
import {runProgram, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'

const {errno} = constants

describe('clone', () => {
  const {docs, store, path, later, newest} = workshop()
  const argv = (...more: string[]): string[] => ['-b', store(), docs(), ...more]
  const lying = (lies: Record<string, string>, ...more: string[]): Run =>
    runLying(path('lies.so'), lies, argv(...more))

  before(function () {
    if (!canLie) this.skip()
  })

  for (const name of [
    'EINVAL',
    'EXDEV',
    'ETXTBSY',
    'EPERM',
    'EBADF',
    'EAGAIN',
    'EINTR',
    'EDEADLK',
  ] as const) {
    it(`copies a file that cannot be cloned: ${name}`, () => {
      for (const file of ['a', 'b']) writeFileSync(docs(file), `content of ${file}`)
      const run = lying({CLONE_ERRNO: String(errno[name])})
      expect(run, run.err).to.include({exit: 0, err: ''})
      expect(run.out).not.to.include('cloned')
      expectSame(docs(), store(newest(), 'docs'))
    })
  }

  for (const name of ['EIO', 'ENOSPC', 'EDQUOT'] as const) {
    it(`copies a file and reports the error of the clone: ${name}`, () => {
      for (const file of ['a', 'b']) writeFileSync(docs(file), `content of ${file}`)
      const run = lying({CLONE_ERRNO: String(errno[name])})
      expect(run, run.err).to.include({exit: 0, err: ''})
      expect(run.out).to.match(
        /2 entries could not be cloned .* and were copied, first docs\/[ab]\.\n/,
      )
      expectSame(docs(), store(newest(), 'docs'))
    })
  }

  for (const more of [[], ['--no-digest']]) {
    it(`never publishes a clone that came out short ${more.join()}`, () => {
      python(docs(), "open('big', 'wb').write(os.urandom(1000000))")
      const run = lying({CLONE_HALF: '1'}, ...more)
      expect(run, run.err).to.include({exit: 0, err: ''})
      expect(run.out).to.include('1 entry could not be cloned')
      expectSame(docs(), store(newest(), 'docs'))
      expect(runProgram(argv()).out).to.include('Nothing has changed')
      if (more.length > 0) return
      const sums = runProgram(['digests', '-b', store()]).out
      expect(sums.split(' ')[0]).to.equal(sh('sha256sum', docs('big')).split(' ')[0])
    })
  }

  it('never publishes half of a stored file that only gets other metadata', () => {
    python(docs(), "open('big', 'wb').write(os.urandom(1000000))")
    expect(runProgram(argv())).to.include({exit: 0})
    sh('chmod', '600', docs('big'))
    expect(lying({CLONE_HALF: '1'})).to.include({exit: 0, err: ''})
    expectSame(docs(), store(newest(), 'docs'))
  })

  // Data followed by a hole, in a size that is always read and in sizes that are checked for holes.
  for (const size of [20_000, 1_500_000, 9_000_000]) {
    it(`reads holes reported by SEEK_DATA that have blocks: ${size} bytes`, () => {
      python(docs(), `open('big', 'wb').write(os.urandom(${size}))`)
      truncateSync(docs('big'), size + 2_000_000)
      const run = lying({HOLES: '/docs/'})
      expect(run, run.err).to.include({exit: 0, err: ''})
      expectSame(docs(), store(newest(), 'docs'))
      const blocks = [docs('big'), store(newest(), 'docs', 'big')].map(
        (file) => statSync(file).blocks,
      )
      expect(blocks[1], 'the hole stays one').to.be.at.most(Number(blocks[0]) + 16)
      // Other content with the same size and time.
      python(
        docs(),
        "t = os.stat('big').st_mtime_ns\nopen('big', 'r+b').write(b'other')\nos.utime('big', ns=(t, t))",
      )
      expect(lying({HOLES: '/docs/'}, '--checksum')).to.include({exit: 0, err: ''})
      expectSame(docs(), store(newest(), 'docs'))
    })
  }

  it('stores the actual bytes of a file whose size is only an upper bound (needs root)', function () {
    if (!isRoot) this.skip()
    mkdirSync(docs('sys'))
    sh('mount', '--bind', '/sys/kernel/mm/ksm', docs('sys'))
    later(() => sh('umount', docs('sys')))
    const run = runProgram(argv())
    expect(run, run.err).to.include({exit: 0, err: ''})
    const kept = readFileSync(store(newest(), 'docs', 'sys', 'run'), 'latin1')
    expect(kept).to.equal(readFileSync(docs('sys', 'run'), 'latin1'))
    expect(statSync(docs('sys', 'run')).size, 'the control').to.equal(4096)
    expect(runProgram(argv('--checksum')).err).to.equal('')
    const sums = runProgram(['digests', '-b', store()]).out.split('\n')
    const [sum = ''] = sh('sha256sum', store(newest(), 'docs', 'sys', 'run')).split(' ')
    expect(sums.some((line) => line.startsWith(sum) && line.endsWith('/run'))).to.be.true
  })
})

describe(`clone on btrfs (${needs})`, () => {
  const {docs, path, later} = workshop()
  const top = filesystems()
  const disk = (...names: string[]): string => path('disk', ...names)

  /** The bytes of a file that it shares with no other file. */
  const exclusive = (file: string): number =>
    Number(/\n\s*\d+\s+(\d+)/.exec(sh('btrfs', 'filesystem', 'du', '-s', '--raw', file))?.[1])

  it('shares all files except those that cannot be shared', () => {
    const at = (...names: string[]): string => [top('btrfs'), ...names].join('/')
    sh(
      'sh',
      '-c',
      `mkdir -m 700 ${at('store')}; mkdir -p ${at('src/b')} ${at('src/z')}; chattr +C ${at('src/z')}`,
    )
    python(
      at('src'),
      "open('z/log', 'wb').write(os.urandom(2000000))\nopen('b/data', 'wb').write(os.urandom(8000000))",
    )
    sh('sync', '-f', at())
    const other = path('other')
    mkdirSync(other)
    sh('mount', '-t', 'tmpfs', 'cura-test', other)
    later(() => sh('umount', other))
    writeFileSync(`${other}/file`, 'on another filesystem')
    const run = runProgram(['-b', at('store'), other, at('src')])
    expect(run, run.err).to.include({exit: 0, err: ''})
    const [name = ''] = sh('ls', at('store')).split('\n')
    expectSame(at('src'), at('store', name, 'src'))
    sh('sync', '-f', at())
    expect(exclusive(at('store', name, 'src', 'b', 'data'))).to.equal(0)
    expect(exclusive(at('store', name, 'src', 'z', 'log')), 'the control').to.be.above(1_900_000)
  })

  it('counts only blocks that cannot be shared as needed space', () => {
    makeImage(path('image'), 'btrfs')
    mountImage(path('image'), disk())
    later(() => {
      unmount(disk())
    })
    mkdirSync(disk('store'), {mode: 0o700})
    mkdirSync(disk('src'))
    python(disk('src'), "open('data', 'wb').write(os.urandom(60000000))")
    sh('sync', '-f', disk())
    const run = runProgram(['-b', disk('store'), docs(), disk('src')])
    expect(run, run.err).to.include({exit: 0, err: ''})
    python(docs(), "open('data', 'wb').write(os.urandom(140000000))")
    const {exit, err} = runProgram(['-b', disk('store'), docs(), disk('src')])
    expect(exit, 'the control').to.equal(4)
    expect(err).to.match(/140(\.\d)? MB are needed, but only/)
  })
})
