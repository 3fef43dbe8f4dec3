// The walk and its limits: names of any bytes, very deep and very large directories, few
// descriptors.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {isDeepStrictEqual} from 'node:util'
import {expect} from 'chai'
import {contents, inventories, inventory} from './inventory.js'
import {program, runProgram, withDescriptors, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {python, sh, workshop} from './workshop.js'

const deepTree = `
for level in range(1100):
    os.mkdir('dir')
    os.chdir('dir')
    if level % 100 == 0:
        open('file', 'w').write(str(level))
open('bottom', 'w').close()
`

const byteNames = `
import random
random.seed(1)
special = [
    b'\\n', b'a\\nb', b'\\x1b[31mred', b'\\xff\\xfe', b'\\xc3\\x28', b'-rf', b'--', b' ', b'a b ', b'*',
    b'"', b"'", b'$(id)', b'\\\\', b'\\x01\\x7f', '\\u202egnp.exe'.encode(), b'...', b'~', b'#', b'%s%n',
    b'x' * 255, b'\\xff' * 255, '\\u00e9'.encode(), 'e\\u0301'.encode(), b'\\r', b'\\t', b'NAME=x', b'CON',
    b'.backup_delta', b'.backup_finished', b'.backup_manifest', b'.backups_lock', b'.partial-x',
    b'.backup_finished_20250101_000000', b'.trash-x', b'2025-01-01_00-00-00',
]
names = set(special)
while len(names) < 2000:
    name = bytes(random.choices([byte for byte in range(1, 256) if byte != 47], k=random.randint(1, 60)))
    if name not in (b'.', b'..'):
        names.add(name)
for number, name in enumerate(sorted(names)):
    kind = number % 4
    if kind == 0:
        os.mkdir(name)
        open(name + b'/' + name, 'w').close()
    elif kind == 1:
        os.symlink(name, name)
    else:
        open(name, 'wb').write(name)
for name in special:
    os.makedirs(b'special/' + name)
    open(b'special/' + name + b'/' + name, 'w').close()
`

// Many long branches, in which every thread opens its own directories on both sides.
const branches = `
for branch in range(72):
    os.makedirs('branch-%d' % branch + '/d' * 14)
    for level in range(15):
        path = 'branch-%d' % branch + '/d' * level + '/file'
        open(path, 'w').write(path)
`

describe('scan', () => {
  const {docs, store, path, later, snapshot, backUp, newest} = workshop()

  it('keeps 2,000 names of random bytes, and all special ones (slow)', async () => {
    python(docs(), byteNames)
    const first = await snapshot()
    expect(inventory(docs()).length).to.be.above(2000)
    expectSame(docs(), store(first, 'docs'))
    expect((await backUp()).differs).to.be.false
    python(docs(), "os.rename(b'\\xff\\xfe', b'\\xfe\\xff')\nos.unlink(b'special/a\\nb/a\\nb')")
    expectSame(docs(), store(await snapshot(), 'docs'))
  })

  it('goes 1,100 levels deep with 128 descriptors (slow)', () => {
    python(docs(), deepTree)
    const under = withDescriptors(128)
    const run = (): Run => runProgram(['-b', store(), docs()], {under})
    // No path here is short enough for rsync.
    const check = (): void => {
      expect(run()).to.include({exit: 0, err: ''})
      const [source = [], copy = []] = inventories(docs(), store(newest(), 'docs'))
      expect(isDeepStrictEqual(contents(copy), contents(source)), 'the copy is the same').to.be.true
    }
    check()
    const source = inventory(docs())
    expect(source.filter(({type}) => type === 'directory')).to.have.lengthOf(1100)
    expect(Math.max(...source.map(({path}) => path.length))).to.be.above(4096)
    expect(run().out).to.include('Nothing has changed')
    python(docs(), "for _ in range(1075): os.chdir('dir')\nopen('new', 'w').close()")
    check()
    rmSync(store(newest(), '.backup_manifest'))
    expect(run().out).to.include('Nothing has changed')
  })

  it('compares all files of many branches with few descriptors (slow)', () => {
    python(docs(), branches)
    const run = (limit: number): Run =>
      runProgram(['-b', store(), docs()], {under: withDescriptors(limit)})
    expect(run(48)).to.include({exit: 0, err: ''})
    const [source = [], copy = []] = inventories(docs(), store(newest(), 'docs'))
    expect(isDeepStrictEqual(contents(copy), contents(source)), 'the copy is the same').to.be.true
    for (const limit of [48, 64, 96, 128, 256]) {
      // The new ctime makes the run compare their contents.
      sh('sh', '-c', 'chmod -R g+w "$1"; chmod -R g-w "$1"', 'sh', docs())
      const {exit, out, err} = run(limit)
      expect({limit, exit, err}).to.deep.equal({limit, exit: 0, err: ''})
      expect(out).to.include('Nothing has changed')
    }
  })

  it('does not report a file or directory as deleted if stat fails', () => {
    python(
      docs(),
      "os.makedirs('d/moody-directory')\nopen('d/moody-directory/x', 'w').write('x')\n" +
        "open('d/moody-file', 'w').write('content')\nopen('d/y', 'w').write('y')",
    )
    const argv = ['-b', store(), docs()]
    expect(runProgram(argv)).to.include({exit: 0})
    const wanted = inventory(store(newest(), 'docs', 'd')).map((item) => item.path)
    const names = ['moody-file', 'moody-directory']
    const inject = ['-e', 'trace=statx', '-e', 'inject=statx:error=EIO']
    // Only the scan uses these names; the store is not accessed.
    const only = names.flatMap((name) => ['-P', name])
    const under = ['strace', '-f', '-qq', '-o', path('trace'), ...inject, ...only]
    const failing = (): Record<string, unknown> => {
      const {exit, out} = runProgram([...argv, '--json', '-v'], {under})
      const result = JSON.parse(out) as {errors: {list: Array<{path: string; code: string}>}}
      expect(exit).to.equal(3)
      const told = result.errors.list.map(({path, code}) => `${code} ${path}`).sort()
      expect(told).to.deep.equal(['EIO docs/d/moody-directory', 'EIO docs/d/moody-file'])
      return {...result}
    }
    expect(failing()).to.include({made: false, differs: false})
    writeFileSync(docs('d', 'y'), 'edited')
    expect(failing()).to.include({made: true}).and.have.nested.property('counts.changes.deleted', 0)
    const copy = store(newest(), 'docs', 'd')
    expect(inventory(copy).map((item) => item.path)).to.deep.equal(wanted)
    expect(readFileSync(`${copy}/moody-directory/x`, 'utf8')).to.equal('x')
    expect(runProgram(argv).out).to.include('Nothing has changed')
    expectSame(docs(), store(newest(), 'docs'))
  })

  describe('a directory that changes between the listing of its parent and its own', () => {
    // Stops the program after it has called stat on the directory and before it opens it, and at
    // every other call that names it.
    const under = (trace: string): string[] => {
      const only = [
        '-P',
        'swapped',
        '-e',
        'trace=statx',
        '-e',
        'inject=statx:signal=SIGSTOP:when=1',
      ]
      return ['-f', '-qq', '-o', trace, ...only]
    }
    const stops = (trace: string): string[] =>
      existsSync(trace)
        ? (readFileSync(trace, 'utf8').match(/^\d+ +--- stopped by SIGSTOP/gm) ?? [])
        : []

    /**
     * Runs the program, and calls `meddle` when it first stops. Returns its message and exit code.
     */
    async function stopped(meddle: () => void): Promise<{exit: unknown; err: string}> {
      const trace = path('trace')
      const argv = [...under(trace), process.execPath, program, '-b', store(), docs()]
      const child = spawn('strace', argv, {stdio: ['ignore', 'ignore', 'pipe']})
      later(() => child.kill('SIGKILL'))
      let err = ''
      child.stderr.on('data', (chunk) => (err += String(chunk)))
      const ended = once(child, 'close')
      for (let seen = 0; child.exitCode === null && child.signalCode === null;) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        const found = stops(trace)
        if (found.length === seen) continue
        if (seen === 0) meddle()
        seen = found.length
        wake(parseInt(String(found.at(-1))))
      }
      expect(stops(trace), 'it was stopped').not.to.be.empty
      const [exit] = (await ended) as unknown[]
      return {exit, err}
    }

    /** Lets the thread that stopped last go on. It may have ended with its process by now. */
    function wake(thread: number): void {
      try {
        process.kill(thread, 'SIGCONT')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
    }

    beforeEach(() => {
      python(
        docs(),
        "os.mkdir('swapped')\nopen('swapped/old', 'w').write('old')\n" +
          "os.mkdir('../other')\nopen('../other/new', 'w').write('new')",
      )
    })

    it('is kept with its new entries', async () => {
      const result = await stopped(() => {
        sh('sh', '-c', `cd ${docs()}; mv swapped ../away; mv ../other swapped`)
      })
      expect(result).to.deep.equal({exit: 0, err: ''})
      const found = inventory(store(newest(), 'docs')).map((item) => item.path)
      expect(found).to.deep.equal(['swapped', 'swapped/new'])
      await backUp({clock: () => new Date(2100, 0, 1)})
      expectSame(docs(), store(newest(), 'docs'))
    })

    it('is not followed if it became a symlink', async () => {
      const {exit, err} = await stopped(() => {
        sh('sh', '-c', `cd ${docs()}; mv swapped ../away; ln -s ../other swapped`)
      })
      expect(exit).to.equal(3)
      expect(err).to.include('docs/swapped: ')
      const found = inventory(store(newest(), 'docs')).map((item) => item.path)
      expect(found).not.to.include('swapped/new')
      await backUp({clock: () => new Date(2100, 0, 1)})
      expectSame(docs(), store(newest(), 'docs'))
    })
  })

  it('does not change access times', async () => {
    mkdirSync(docs('sub'))
    writeFileSync(docs('sub', 'file'), 'content')
    const paths = [docs(), docs('sub'), docs('sub', 'file')]
    const past = new Date(2001, 0, 1)
    for (const path of paths) utimesSync(path, past, new Date(2002, 0, 1))
    const times = (): Date[] => paths.map((path) => statSync(path).atime)
    const before = times()
    await snapshot()
    expect(times()).to.deep.equal(before)
    readFileSync(docs('sub', 'file'))
    expect(times(), 'the control: reading shows').not.to.deep.equal(before)
  })

  it('skips sockets with a note, and keeps FIFOs and empty directories', async () => {
    python(docs(), "socket.socket(socket.AF_UNIX).bind('socket')\nos.mkfifo('fifo')\nos.mkdir('e')")
    const result = await backUp()
    expect(result).to.include({exit: 0})
    const notes = result.notes.map(({kind, count, path}) => `${kind} ${count} ${String(path)}`)
    expect(notes).to.deep.equal(['socket 1 docs/socket'])
    expect((await backUp()).differs).to.be.false
    rmSync(docs('socket'))
    utimesSync(docs(), new Date(2020, 0, 1), new Date(2020, 0, 1))
    const last = await snapshot()
    expectSame(docs(), store(last, 'docs'))
  })
})
