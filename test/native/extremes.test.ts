// Sources at their limits: very deep, very wide, always changing, unreadable, with hostile names.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {inventory, python as interpreter, rsyncDifferences} from './inventory.js'
import {runProgram, withDescriptors, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {python, sh, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

const levels = 10_000

const deepTree = `
for level in range(${levels}):
    os.mkdir('d')
    os.chdir('d')
    if level % 100 == 0:
        open('file', 'w').write(str(level))
open('bottom', 'w').close()
`

/** An inventory would hold every one of these paths: 100 MB in total. */
const sameDepth = (copy: string): string => `
def same(a, b, depth):
    while True:
        mine, other = sorted(os.listdir(a)), sorted(os.listdir(b))
        assert mine == other, (depth, mine, other)
        for name in mine:
            one, two = [os.stat(name, dir_fd=fd, follow_symlinks=False) for fd in (a, b)]
            assert (one.st_mode, one.st_mtime_ns) == (two.st_mode, two.st_mtime_ns), (depth, name)
            if name != 'd':
                assert one.st_size == two.st_size, (depth, name)
        if 'd' not in mine:
            return depth
        below = [os.open('d', os.O_RDONLY, dir_fd=fd) for fd in (a, b)]
        os.close(a)
        os.close(b)
        a, b = below
        depth += 1
found = same(os.open('.', os.O_RDONLY), os.open(${JSON.stringify(copy)}, os.O_RDONLY), 0)
assert found == ${levels}, found
`

const wideTree = `
for number in range(100000):
    open('file-%d' % number, 'w').close()
`

const randomNames = `
import random
random.seed(7)
names = set()
while len(names) < 2000:
    names.add(bytes(random.choices([c for c in range(1, 256) if c not in (46, 47)], k=random.randint(1, 40))))
for name in names:
    open(name, 'w').close()
`

// The writers run until the test ends, and for half a minute at most.
const writer = (step: string): string => `
import os, time
end = time.monotonic() + 30
fd = os.open('restless', os.O_RDWR)
size = 1300000
while time.monotonic() < end:
    ${step}
    time.sleep(0.001)
`
const restless: ReadonlyArray<[string, string]> = [
  ['grows', "os.lseek(fd, 0, os.SEEK_END) < 60000000 and os.write(fd, b'x' * 4096)"],
  ['is cut short', "os.ftruncate(fd, 10); os.pwrite(fd, b'y' * size, 0)"],
  ['is rewritten in place', 'os.pwrite(fd, os.urandom(1000), 1000)'],
]

const control =
  // eslint-disable-next-line no-control-regex -- control characters are what must not be there
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd]/u

interface Json {
  readonly errors: {readonly list: ReadonlyArray<{path: string; code: string}>}
  readonly counts: {readonly changes: {readonly deleted: number}}
}

describe('extremes', () => {
  const {docs, store, path, newest} = workshop()
  const argv = (): string[] => ['-b', store(), docs()]
  const failed = ({out}: Run): string[] =>
    (JSON.parse(out) as Json).errors.list.map(({code, path: name}) => `${code} ${name}`)

  it('10,000 levels with 1,024 descriptors and 1 MB of stack, first, later and pruned (slow)', () => {
    python(docs(), deepTree)
    const under = ['sh', '-c', 'ulimit -n 1024; ulimit -s 1024; exec "$@"', 'sh']
    const limits = runProgram([], {under: [...under, 'sh', '-c', 'ulimit -n; ulimit -s']})
    expect(limits.out, 'the limits hold').to.equal('1024\n1024\n')
    const run = (...options: string[]): Run => runProgram([...argv(), ...options], {under})
    const check = (): void => {
      expect(run('--no-prune')).to.include({exit: 0, err: ''})
      python(docs(), sameDepth(store(newest(), 'docs')))
    }
    check()
    expect(run('-n').out).to.include('Nothing has changed')
    python(docs(), "for _ in range(9950): os.chdir('d')\nopen('new', 'w').close()")
    expect(() => {
      python(docs(), sameDepth(store(newest(), 'docs')))
    }, 'the control').to.throw(/AssertionError/)
    check()
    const kept = newest()
    const pruned = runProgram(['prune', '-b', store(), '--keep-last', '1'], {under})
    expect(pruned).to.include({exit: 0, err: ''})
    expect(storedIn(store())).to.deep.equal([kept])
  })

  it('100,000 entries in one directory with 128 descriptors (slow)', () => {
    python(docs(), wideTree)
    const run = (): Run => runProgram(argv(), {under: withDescriptors(128)})
    expect(run()).to.include({exit: 0, err: ''})
    const copy = store(newest(), 'docs')
    expect(readdirSync(copy)).to.have.lengthOf(100_000)
    expect(rsyncDifferences(docs(), copy)).to.equal('')
    expect(run().out).to.include('Nothing has changed')
    sh('touch', '-d', '@1', docs('file-77777'))
    expect(rsyncDifferences(docs(), copy), 'the control').to.include('file-77777')
    expect(run()).to.include({exit: 0, err: ''})
    expect(rsyncDifferences(docs(), store(newest(), 'docs'))).to.equal('')
  })

  for (const [what, step] of restless) {
    it(`a file that ${what} all the time is named, and is right once it stops changing (slow)`, async () => {
      python(docs(), "open('restless', 'wb').write(b'x' * 1300000)\nopen('calm', 'w').close()")
      const process = spawn(interpreter, ['-I', '-S', '-c', writer(step)], {cwd: docs()})
      const over = once(process, 'exit')
      // The delay gives the writer time to act during a copy.
      const calls = ['copy_file_range', 'read']
      const inject = calls.flatMap((call) => ['-e', `inject=${call}:delay_exit=100000`])
      const only = ['-e', `trace=${calls.join(',')}`, '-P', docs('restless')]
      const under = ['strace', '-f', '-qq', '-o', path('trace'), ...only, ...inject]
      const result = runProgram([...argv(), '--json'], {under})
      // The writer may have just truncated the file, but always restores its length.
      const size = Math.max(statSync(docs('restless')).size, 1_300_000)
      process.kill()
      await over
      expect(result.exit, result.err).to.equal(3)
      expect(failed(result)).to.deep.equal(['CHANGED docs/restless'])
      expect(readdirSync(store(newest(), 'docs')).sort()).to.deep.equal(['calm', 'restless'])
      const stored = readFileSync(store(newest(), 'docs', 'restless'))
      expect(stored.length, 'what was there when it was read').to.be.at.most(size)
      if (what === 'grows') expect(stored.equals(Buffer.alloc(stored.length, 'x'))).to.be.true
      const again = runProgram(argv())
      expect(again, again.err).to.include({exit: 0, err: ''})
      expectSame(docs(), store(newest(), 'docs'))
    })
  }

  it('a directory that cannot be listed is named, and loses nothing (slow)', () => {
    python(docs(), "os.mkdir('sick')\nfor n in ['sick/a', 'sick/b', 'well']: open(n, 'w').write(n)")
    const inject = ['-e', 'inject=getdents64:error=EIO', '-P', docs('sick')]
    const under = ['strace', '-f', '-qq', '-o', path('trace'), '-e', 'trace=getdents64', ...inject]
    const failing = (): Run => runProgram([...argv(), '--json'], {under})
    const found = (): string[] => inventory(store(newest(), 'docs')).map((item) => item.path)
    const first = failing()
    expect(first.exit, first.err).to.equal(3)
    expect(failed(first)).to.deep.equal(['EIO docs/sick'])
    expect(found()).to.include('well').and.not.include('sick/a')
    expect(runProgram(argv()), 'the control').to.include({exit: 0, err: ''})
    expectSame(docs(), store(newest(), 'docs'))
    writeFileSync(docs('well'), 'edited')
    const later = failing()
    expect(later.exit, later.err).to.equal(3)
    expect(failed(later)).to.deep.equal(['EIO docs/sick'])
    expect((JSON.parse(later.out) as Json).counts.changes.deleted).to.equal(0)
    expect(found()).to.deep.equal(['sick', 'sick/a', 'sick/b', 'well'])
    expect(runProgram(argv()).out).to.include('Nothing has changed')
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('2,000 names of random bytes are printed without one control character (slow)', () => {
    python(docs(), randomNames)
    const raw = sh('ls', '-A', '--show-control-chars', '-N', docs())
    expect(raw, 'the control').to.match(control)
    const said = (...options: string[]): string => {
      const {exit, out, err} = runProgram([...argv(), '-v', ...options])
      expect(exit, err).to.equal(0)
      return out + err
    }
    const texts = [said('-n'), said()]
    python(docs(), 'for name in os.listdir(b"."):\n    if len(name) % 2: os.unlink(name)')
    texts.push(said('-n'), said())
    for (const text of texts) {
      expect(text.split('\n').length, 'they are named').to.be.above(500)
      expect(control.exec(text)).to.equal(null)
    }
  })
})
