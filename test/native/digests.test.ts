// The digest of each stored file: that of its content, never of another one; and checked by coreutils.
import {spawn, spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {follow} from '../../src/job.js'
import {native, type Applied} from '../../src/native.js'
import {python as interpreter} from './inventory.js'
import {runProgram} from './programs.js'
import {isRoot, python, sh, workshop} from './workshop.js'

const signal = new AbortController().signal

/** What a snapshot's manifest says, by paths as Latin-1. */
function digestsOf(storeDir: string, snapshot: string): Map<string, string | null> {
  const store = native().openStore(storeDir)
  try {
    const next = store.digests(snapshot)
    if (typeof next === 'string') throw new Error(next)
    const found = new Map<string, string | null>()
    // Pages that are smaller than any directory here.
    for (let page = next(3); page.length > 0; page = next(3)) {
      expect(page).to.have.length.at.most(3)
      for (const {path, sha256} of page) found.set(path.toString('latin1'), sha256)
    }
    return found
  } finally {
    store.close()
  }
}

/** What Node's own hash says of the files that are really there. */
function hashesOf(snapshot: string): Map<string, string> {
  const paths = sh('find', snapshot, '-type', 'f', '-not', '-name', '.backup_*', '-printf', '%P\\0')
  const files = paths.split('\0').filter((path) => path !== '' && !path.startsWith('.backup_'))
  const hash = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(`${snapshot}/${path}`))
      .digest('hex')
  return new Map(files.map((path) => [path, hash(path)]))
}

const sorted = (map: Map<string, string | null>): Array<[string, string | null]> =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1))

describe('digests', () => {
  const {docs, store, path, snapshot, backUp, newest, later} = workshop()

  const of = (name: string): Map<string, string | null> => digestsOf(store(), name)

  /** Every file has the digest that it must have; how many there are. */
  function expectRight(name: string, storeDir = store()): number {
    const found = digestsOf(storeDir, name)
    expect(sorted(found)).to.deep.equal(sorted(hashesOf(`${storeDir}/${name}`)))
    return found.size
  }

  const without = (name: string): string[] =>
    [...of(name)].flatMap(([file, sha256]) => (sha256 === null ? [file] : []))

  /** Every digest that is known is right. */
  function expectNoneWrong(name: string): void {
    const right = hashesOf(store(name))
    for (const [file, sha256] of of(name))
      expect(sha256 ?? right.get(file)).to.equal(right.get(file))
    expect([...of(name).keys()].sort()).to.deep.equal([...right.keys()].sort())
  }

  function plant(): void {
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(docs(name), `content of ${name}`)
    writeFileSync(docs('empty'), '')
    for (const size of [262_143, 262_144, 262_145, 1_048_577, 5_000_000]) {
      writeFileSync(docs(`of-${size}`), Buffer.alloc(size, `some ${size} bytes `))
    }
    mkdirSync(docs('dir/below'), {recursive: true})
    writeFileSync(docs('dir/below/x'), 'x')
    linkSync(docs('a'), docs('dir/twin'))
    python(
      docs(),
      `
os.symlink('a', 'link'); os.mkfifo('fifo')
for name, places, size in [('start', [9000000], 9500000), ('end', [0], 7000001), ('hole', [], 3000000),
                           ('middle', [0, 1000, 4000000, 8000000], 8000009)]:
    with open(name, 'wb') as file:
        for place in places:
            file.seek(place)
            file.write(b'x' * 7)
        file.truncate(size)
`,
    )
  }

  it('are those of a first snapshot, holes and empty files included', async () => {
    plant()
    const first = await snapshot()
    expect(expectRight(first)).to.equal(16)
    expect(of(first).get('docs/empty')).to.match(/^e3b0c442/) // of nothing
    expect(statSync(store(first, 'docs', 'hole')).blocks).to.equal(0)
  })

  it('follow what is changed, moved, linked, or only has another mode', async () => {
    plant()
    const first = await snapshot()
    writeFileSync(docs('b'), 'other content')
    renameSync(docs('c'), docs('dir/moved'))
    renameSync(docs('dir/below'), docs('dir/BELOW'))
    chmodSync(docs('d'), 0o600)
    chmodSync(docs('of-5000000'), 0o600)
    linkSync(docs('a'), docs('third'))
    linkSync(docs('of-262143'), docs('another'))
    rmSync(docs('end'))
    const second = await snapshot()
    expect(expectRight(second)).to.equal(17)
    expectRight(first)
    chmodSync(docs('dir/moved'), 0o600)
    renameSync(docs('dir/moved'), docs('both'))
    writeFileSync(docs('third'), 'of the whole group')
    unlinkSync(docs('another'))
    linkSync(docs('start'), docs('start-2'))
    expect(expectRight(await snapshot())).to.equal(17)
  })

  it('never stay where an edit left size and mtime as they were', async () => {
    plant()
    const names = ['a', 'd', 'of-262143', 'dir/below/x', 'start']
    const first = await snapshot()
    for (const name of names) {
      const {mtime, atime, size} = statSync(docs(name))
      const bytes = readFileSync(docs(name))
      bytes[size - 1] = Number(bytes[size - 1]) ^ 1
      writeFileSync(docs(name), bytes)
      utimesSync(docs(name), atime, mtime)
      expect(statSync(docs(name))).to.deep.include({size, mtime})
    }
    const second = await snapshot()
    expectRight(second)
    for (const name of names) {
      expect(of(second).get(`docs/${name}`)).not.to.equal(of(first).get(`docs/${name}`))
    }
  })

  it('are kept by snapshots in which a file is only linked, without reading it', async () => {
    plant()
    const first = await snapshot()
    const before = of(first)
    // What a flipped bit in the store would be: to be found later, the old digest must stay.
    const stored = store(first, 'docs', 'b')
    const {mtime} = statSync(stored)
    writeFileSync(stored, 'CONTENT of b')
    utimesSync(stored, mtime, mtime)
    writeFileSync(docs('new'), 'new')
    const second = await snapshot()
    chmodSync(docs('dir'), 0o700)
    const third = await snapshot()
    for (const name of [second, third]) {
      const found = of(name)
      expect(found.get('docs/new')).to.equal(hashesOf(store(name)).get('docs/new'))
      found.delete('docs/new')
      expect(sorted(found)).to.deep.equal(sorted(before))
    }
  })

  it('are left out with --no-digest, and stay unknown where nothing is stored anew', async () => {
    plant()
    const first = await snapshot({digests: false})
    expect(without(first)).to.have.length(16)
    writeFileSync(docs('b'), 'other content')
    chmodSync(docs('d'), 0o600)
    renameSync(docs('c'), docs('C'))
    const second = await snapshot()
    expectNoneWrong(second)
    // Copied, and so hashed: the changed one, and the content of the one with another mode.
    expect(without(second)).to.have.length(14).and.not.include.members(['docs/b', 'docs/d'])
    writeFileSync(docs('a'), 'one more')
    chmodSync(docs('d'), 0o644)
    const third = await snapshot({digests: false})
    expectNoneWrong(third)
    expect(of(third).get('docs/a')).to.equal(null)
    for (const name of ['docs/b', 'docs/d']) {
      expect(of(third).get(name), name).to.equal(of(second).get(name)).and.not.to.equal(null)
    }
  })

  it('are unknown after the manifest was lost, but never wrong', async () => {
    plant()
    const first = await snapshot()
    const version1 = readFileSync(store(first, '.backup_manifest'))
    version1[7] = 1
    writeFileSync(store(first, '.backup_manifest'), version1)
    writeFileSync(docs('b'), 'other content')
    const {snapshot: second, rebuilt} = await backUp()
    expect(rebuilt).to.equal('its version 1 is not known here')
    expectNoneWrong(String(second))
    expect(without(String(second)))
      .to.have.length(15)
      .and.not.include('docs/b')
    const {exit, out, err} = runProgram(['digests', '-b', store(), first])
    expect({exit, out}).to.deep.equal({exit: 1, out: ''})
    expect(err).to.match(/^cura-te-ipsum: the manifest of .* cannot be used: its version 1 .*\n$/)
  })

  it('are of what is stored of a file that grows or is rewritten meanwhile', async () => {
    const loop = `
import time
end = time.time() + 4
while time.time() < end:
    with open('grows', 'ab') as file: file.write(b'more' * 1000)
    with open('rewritten', 'r+b') as file: file.write(os.urandom(100000))
    with open('cut', 'r+b') as file: file.truncate(int(time.time() * 1e6) % 900000)
`
    for (const name of ['grows', 'rewritten', 'cut'])
      writeFileSync(docs(name), Buffer.alloc(900_000, name))
    const writer = spawn(interpreter, ['-c', `import os\n${loop}`], {cwd: docs()})
    const ended = once(writer, 'exit')
    for (let round = 0; round < 8 && writer.exitCode === null; ++round) {
      const {snapshot: made} = await backUp()
      if (made !== null) expectRight(made)
    }
    expect(await ended).to.deep.equal([0, null])
    await backUp()
    expectRight(newest())
  })

  it('are of what is stored where a file is another one than was compared', async () => {
    plant()
    const first = await snapshot()
    const name = '2025-01-15_12-00-00'
    const opened = native().openStore(store())
    try {
      writeFileSync(docs('b'), 'changed once')
      chmodSync(docs('d'), 0o600)
      const sources = opened.openSources([{name: 'docs', path: docs()}])
      const job = opened.snapshot({sources, previous: first})
      await follow(job.compare(), signal, () => undefined)
      // The copy of one, the metadata of another, and a link that can no longer be made.
      writeFileSync(docs('b'), 'changed once more')
      writeFileSync(docs('d'), 'not what was stored')
      rmSync(store(first, 'docs', 'c'))
      appendFileSync(docs('c'), ' and more')
      rmSync(docs('empty'))
      rmSync(store(first, 'docs', 'empty'))
      const partial = `.partial-${name}`
      const applied: Applied = await follow(job.apply(partial), signal, () => undefined)
      expect(applied.failures).to.include({errors: 0, warnings: 1})
      const end = {partial, name, marker: Buffer.alloc(0)}
      await follow(job.publish(end), signal, () => undefined)
    } finally {
      opened.close()
    }
    expect(of(name).get('docs/c')).to.equal(hashesOf(store(name)).get('docs/c'))
    expectRight(name)
  })

  it('are not taken of more than 1 GiB of holes, which is told', async () => {
    const GiB = 2 ** 30
    python(docs(), "f = open('most', 'wb'); f.truncate(2**30)")
    python(
      docs(),
      "f = open('huge', 'wb'); f.seek(2**39); f.write(b'x' * 2000000); f.truncate(2**40)",
    )
    const {snapshot: made, notes} = await backUp()
    expect(notes.map(({kind, count, path: at}) => [kind, count, String(at)])).to.deep.equal([
      ['digest', 1, 'docs/huge'],
    ])
    expect(without(String(made))).to.deep.equal(['docs/huge'])
    const hash = createHash('sha256')
    for (let at = 0; at < GiB; at += 2 ** 24) hash.update(Buffer.alloc(2 ** 24))
    expect(of(String(made)).get('docs/most')).to.equal(hash.digest('hex'))
    expect(statSync(store(String(made), 'docs', 'huge')).blocks).to.be.below(5000)
  })

  it('are kept by rsync for what it leaves alone, and by nothing else', async () => {
    plant()
    const first = await snapshot()
    writeFileSync(docs('b'), 'other content')
    chmodSync(docs('d'), 0o600)
    const second = await snapshot({external: {rsync: true, hardlink: false}})
    expectNoneWrong(second)
    expect(without(second)).to.deep.equal(['docs/b', 'docs/d'])
    expectRight(first)
    writeFileSync(docs('b'), 'third content')
    const third = await snapshot()
    expectNoneWrong(third)
    expect(without(third)).to.deep.equal(['docs/d'])
  })

  it('are kept by rsync in a store that was copied, whose manifest has other inodes', async () => {
    plant()
    const first = await snapshot()
    // The old inodes are free again, so that the manifest's numbers may come to other files.
    sh('cp', '-a', store(), path('copy'))
    sh('rm', '-r', store())
    renameSync(path('copy'), store())
    for (const name of ['b', 'c', 'd', 'empty'])
      writeFileSync(docs(name), `other content of ${name}`)
    const second = await snapshot({external: {rsync: true, hardlink: false}})
    expectNoneWrong(second)
    expect(without(second)).to.include.members(['docs/b', 'docs/c', 'docs/d', 'docs/empty'])
    expectRight(first)
  })

  for (const [filesystem, make] of [
    ['xfs', 'mkfs.xfs'],
    ['btrfs', 'mkfs.btrfs'],
  ] as const) {
    it(`are those of files that share their blocks on ${filesystem} (needs root and ${make})`, function () {
      if (!isRoot || !existsSync(`/usr/sbin/${make}`)) this.skip()
      sh('truncate', '-s', '320M', path('image'))
      sh(make, '-q', '-f', path('image'))
      mkdirSync(path('mounted'))
      sh('mount', '-o', 'loop', path('image'), path('mounted'))
      later(() => sh('umount', path('mounted')))
      plant()
      sh('cp', '-a', docs(), path('mounted', 'docs'))
      const storeDir = path('mounted', 'store')
      mkdirSync(storeDir, {mode: 0o700})
      const backUpThere = (): string => {
        const {exit, out, err} = runProgram(['-b', storeDir, path('mounted', 'docs'), '--json'])
        expect(exit, err).to.equal(0)
        return (JSON.parse(out) as {snapshot: string}).snapshot
      }
      const first = backUpThere()
      expect(expectRight(first, storeDir)).to.equal(16)
      sh('sync', '-f', storeDir)
      expect(sh('filefrag', '-v', `${storeDir}/${first}/docs/of-5000000`)).to.include('shared')
      chmodSync(path('mounted', 'docs', 'of-5000000'), 0o600)
      writeFileSync(path('mounted', 'docs', 'b'), 'other content')
      expect(expectRight(backUpThere(), storeDir)).to.equal(16)
    })
  }

  describe('as sha256sum checks them', () => {
    /** The digests as they are printed, checked by coreutils below the snapshot. */
    function check(name: string, ...args: string[]) {
      const {exit, out, err} = runProgram(['digests', '-b', store(), ...args])
      const sums = path('sums')
      sh(
        'sh',
        '-c',
        `node "$0" digests -b "$1" ${args.join(' ')} > "$2"`,
        'dist/cli.cjs',
        store(),
        sums,
      )
      const checked = spawnSync('sha256sum', ['-c', '--quiet', '--strict', sums], {
        cwd: store(name),
        encoding: 'latin1',
      })
      return {exit, out, err, status: checked.status, found: checked.stdout + checked.stderr}
    }
    const right = {exit: 0, err: '', status: 0, found: ''}

    it('with names of all kinds of bytes', async () => {
      plant()
      python(
        docs(),
        `
for name in [b'back\\\\slash', b'new\\nline', b'cr\\rcr', b'ends with\\r', b'\\\\', b'\\n', b'\\xff\\xfe', b' *x',
             b'\\\\n\\n', 'é'.encode(), b'-', b'\\x1b[2J']:
    open(os.path.join(b'.', name), 'wb').write(name)
`,
      )
      const first = await snapshot()
      const found = check(first, first)
      expect(found).to.deep.include(right)
      expect(found.out.split('\n')).to.have.length(16 + 12 + 1)
      // As coreutils writes the same lines itself.
      const theirs = spawnSync(
        'sh',
        ['-c', 'find docs -type f -exec sha256sum {} + | LC_ALL=C sort'],
        {
          cwd: store(first),
        },
      ).stdout
      const ours = spawnSync('sh', ['-c', 'LC_ALL=C sort sums'], {cwd: path()}).stdout
      expect(ours.toString('latin1')).to.equal(theirs.toString('latin1'))
    })

    it('of the newest snapshot, unless another one is named', async () => {
      plant()
      const first = await snapshot()
      writeFileSync(docs('b'), 'other content')
      const second = await snapshot()
      expect(check(second)).to.deep.include(right)
      expect(check(first, first)).to.deep.include(right)
      expect(check(first).found).to.match(/^docs\/b: FAILED\n/) // the control
    })

    it('and find a byte that has flipped', async () => {
      plant()
      const first = await snapshot()
      const stored = store(first, 'docs', 'of-5000000')
      const bytes = readFileSync(stored)
      bytes[4_321_000] = Number(bytes[4_321_000]) ^ 1
      writeFileSync(stored, bytes)
      const {status, found} = check(first, first)
      expect(status).to.equal(1)
      expect(found).to.match(/^docs\/of-5000000: FAILED\n.*1 computed checksum did NOT match\n$/)
    })

    it('but not where there are none, which is said', async () => {
      plant()
      await snapshot({digests: false})
      writeFileSync(docs('b'), 'other content')
      const second = await snapshot()
      const {exit, out, err} = runProgram(['digests', '-b', store()])
      expect({exit, err}).to.deep.equal({
        exit: 3,
        err: `No digest is known of 15 files of 16 files in ${second}.\n`,
      })
      expect(out).to.match(/^[0-9a-f]{64} {2}docs\/b\n$/)
    })
  })

  it('are told to programs as JSON', async () => {
    plant()
    python(docs(), "open(b'bad\\xff', 'w').write('bad')")
    const first = await snapshot()
    const {exit, out, err} = runProgram(['digests', '-b', store(), '--json'])
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    const result = JSON.parse(out) as {
      digests: Array<{path: string; path_b64?: string; sha256: string}>
    }
    expect(result).to.deep.include({snapshot: first, files: 17, without: 0, exit: 0})
    const listed = result.digests.map(({path: text, path_b64: bytes, sha256}): [string, string] => [
      bytes === undefined ? text : Buffer.from(bytes, 'base64').toString('latin1'),
      sha256,
    ])
    expect(sorted(new Map(listed))).to.deep.equal(sorted(of(first)))
  })

  it('end with an exit code that says what is wrong', async () => {
    const run = (...argv: string[]) => {
      const {exit, out, err} = runProgram(['digests', '-b', ...argv])
      expect(out).to.equal('')
      return `${exit} ${err}`
    }
    expect(run(path('nowhere'))).to.match(/^10 cura-te-ipsum: there is no directory /)
    expect(run(store())).to.match(/^2 cura-te-ipsum: there is no finished snapshot in .* backup\n$/)
    writeFileSync(docs('a'), 'a')
    const first = await snapshot()
    for (const name of ['2020-01-01_00-00-00', `./${first}`, '..', '']) {
      expect(run(store(), name), name).to.match(
        /^2 cura-te-ipsum: there is no snapshot .* status .*\n$/,
      )
    }
    rmSync(store(first, '.backup_manifest'))
    expect(run(store())).to.match(
      /^1 cura-te-ipsum: the manifest of .* cannot be used: it has none\n$/,
    )
  })

  it('end quietly where nobody reads on', async () => {
    python(docs(), "for n in range(20000): open('%05d' % n, 'w').close()")
    await snapshot()
    const line = `node dist/cli.cjs digests -b ${store()} | head -n 1`
    const {status, stdout, stderr} = spawnSync('sh', ['-c', line], {encoding: 'utf8'})
    expect({status, stderr}).to.deep.equal({status: 0, stderr: ''})
    expect(stdout).to.match(/^[0-9a-f]{64} {2}docs\/00000\n$/)
  })
})
