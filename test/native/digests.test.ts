// The digest of each stored file must be that of its own content.
import {spawn} from 'node:child_process'
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
import {follow} from '../../src/native/job.js'
import {native, type Applied} from '../../src/native/native.js'
import {basedOn, plain} from './door.js'
import {digestsOf, hashesOf, plantFiles, sorted} from './digests.js'
import {python as interpreter} from './inventory.js'
import {runProgram} from './programs.js'
import {isRoot, python, sh, workshop} from './workshop.js'

const signal = new AbortController().signal

describe('digests', () => {
  const {docs, store, path, snapshot, backUp, newest, later} = workshop()

  const of = (name: string): Promise<Map<string, string | null>> => digestsOf(store(), name)

  /** Expects a right digest for every file, and returns their number. */
  async function expectRight(name: string, storeDir = store()): Promise<number> {
    const found = await digestsOf(storeDir, name)
    expect(sorted(found)).to.deep.equal(sorted(hashesOf(`${storeDir}/${name}`)))
    return found.size
  }

  const without = async (name: string): Promise<string[]> =>
    [...(await of(name))].flatMap(([file, sha256]) => (sha256 === null ? [file] : []))

  /** Expects every known digest to be right. */
  async function expectNoneWrong(name: string): Promise<void> {
    const right = hashesOf(store(name))
    for (const [file, sha256] of await of(name))
      expect(sha256 ?? right.get(file)).to.equal(right.get(file))
    expect([...(await of(name)).keys()].sort()).to.deep.equal([...right.keys()].sort())
  }

  const plant = (): void => {
    plantFiles(docs())
  }

  it('exist for every file of a first snapshot, including sparse and empty files', async () => {
    plant()
    const first = await snapshot()
    expect(await expectRight(first)).to.equal(16)
    expect((await of(first)).get('docs/empty')).to.match(/^e3b0c442/) // of no bytes
    expect(statSync(store(first, 'docs', 'hole')).blocks).to.equal(0)
  })

  it('follow edits, moves, new links and changes of mode', async () => {
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
    expect(await expectRight(second)).to.equal(17)
    await expectRight(first)
    chmodSync(docs('dir/moved'), 0o600)
    renameSync(docs('dir/moved'), docs('both'))
    writeFileSync(docs('third'), 'of the whole group')
    unlinkSync(docs('another'))
    linkSync(docs('start'), docs('start-2'))
    expect(await expectRight(await snapshot())).to.equal(17)
  })

  it('are never kept if an edit left size and mtime unchanged', async () => {
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
    await expectRight(second)
    for (const name of names) {
      expect((await of(second)).get(`docs/${name}`)).not.to.equal(
        (await of(first)).get(`docs/${name}`),
      )
    }
  })

  it('are kept without reading linked files', async () => {
    plant()
    const first = await snapshot()
    const before = await of(first)
    // Simulates a flipped bit in the store. The old digest must stay, so that the damage can be
    // found.
    const stored = store(first, 'docs', 'b')
    const {mtime} = statSync(stored)
    writeFileSync(stored, 'CONTENT of b')
    utimesSync(stored, mtime, mtime)
    writeFileSync(docs('new'), 'new')
    const second = await snapshot()
    chmodSync(docs('dir'), 0o700)
    const third = await snapshot()
    for (const name of [second, third]) {
      const found = await of(name)
      expect(found.get('docs/new')).to.equal(hashesOf(store(name)).get('docs/new'))
      found.delete('docs/new')
      expect(sorted(found)).to.deep.equal(sorted(before))
    }
  })

  it('are left out with --no-digest, and stay unknown if nothing is stored again', async () => {
    plant()
    const first = await snapshot({digests: false})
    expect(await without(first)).to.have.length(16)
    writeFileSync(docs('b'), 'other content')
    chmodSync(docs('d'), 0o600)
    renameSync(docs('c'), docs('C'))
    const second = await snapshot()
    await expectNoneWrong(second)
    // Copied, and so hashed: the edited file, and the file with a new mode.
    expect(await without(second))
      .to.have.length(14)
      .and.not.include.members(['docs/b', 'docs/d'])
    writeFileSync(docs('a'), 'one more')
    chmodSync(docs('d'), 0o644)
    const third = await snapshot({digests: false})
    await expectNoneWrong(third)
    expect((await of(third)).get('docs/a')).to.equal(null)
    for (const name of ['docs/b', 'docs/d']) {
      expect((await of(third)).get(name), name)
        .to.equal((await of(second)).get(name))
        .and.not.to.equal(null)
    }
  })

  it('are unknown after the manifest was lost, but never wrong', async () => {
    plant()
    const first = await snapshot()
    const version9 = readFileSync(store(first, '.backup_manifest'))
    version9[7] = 9
    writeFileSync(store(first, '.backup_manifest'), version9)
    writeFileSync(docs('b'), 'other content')
    const {snapshot: second, rebuilt} = await backUp()
    expect(rebuilt).to.equal('its version 9 is not known here')
    await expectNoneWrong(String(second))
    expect(await without(String(second)))
      .to.have.length(15)
      .and.not.include('docs/b')
    const {exit, out, err} = runProgram(['digests', '-b', store(), first])
    expect({exit, out}).to.deep.equal({exit: 3, out: ''})
    expect(err).to.match(/: read its tree, because its record is unusable \(its version 9 .*\)/)
  })

  it('match the stored content of a file that grows or is rewritten during the copy (slow)', async () => {
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
      if (made !== null) await expectRight(made)
    }
    expect(await ended).to.deep.equal([0, null])
    await backUp()
    await expectRight(newest())
  })

  it('match the stored content if a file was replaced after the comparison', async () => {
    plant()
    const first = await snapshot()
    const name = '2025-01-15_12-00-00'
    const opened = native().openStore(store())
    try {
      writeFileSync(docs('b'), 'changed once')
      chmodSync(docs('d'), 0o600)
      const sources = opened.openSources([{name: 'docs', path: docs()}])
      const job = opened.snapshot({sources, bases: basedOn(first), ...plain})
      await follow(job.compare(), signal, () => undefined)
      // A copy, a clone with new metadata, and a link that can no longer be made.
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
    expect((await of(name)).get('docs/c')).to.equal(hashesOf(store(name)).get('docs/c'))
    await expectRight(name)
  })

  it('are left out for more than 1 GiB of holes, which is reported (slow)', async () => {
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
    expect(await without(String(made))).to.deep.equal(['docs/huge'])
    const hash = createHash('sha256')
    for (let at = 0; at < GiB; at += 2 ** 24) hash.update(Buffer.alloc(2 ** 24))
    expect((await of(String(made))).get('docs/most')).to.equal(hash.digest('hex'))
    expect(statSync(store(String(made), 'docs', 'huge')).blocks).to.be.below(5000)
  })

  it('are kept by rsync for unchanged files only', async () => {
    plant()
    const first = await snapshot()
    writeFileSync(docs('b'), 'other content')
    chmodSync(docs('d'), 0o600)
    const second = await snapshot({external: {rsync: true, hardlink: false}})
    await expectNoneWrong(second)
    expect(await without(second)).to.deep.equal(['docs/b', 'docs/d'])
    await expectRight(first)
    writeFileSync(docs('b'), 'third content')
    const third = await snapshot()
    await expectNoneWrong(third)
    expect(await without(third)).to.deep.equal(['docs/d'])
  })

  it('are kept by rsync in a copied store, whose manifest has other inodes', async () => {
    plant()
    const first = await snapshot()
    // The old inodes are free again, so other files may get the manifest's numbers.
    sh('cp', '-a', store(), path('copy'))
    sh('rm', '-r', store())
    renameSync(path('copy'), store())
    for (const name of ['b', 'c', 'd', 'empty'])
      writeFileSync(docs(name), `other content of ${name}`)
    const second = await snapshot({external: {rsync: true, hardlink: false}})
    await expectNoneWrong(second)
    expect(await without(second)).to.include.members(['docs/b', 'docs/c', 'docs/d', 'docs/empty'])
    await expectRight(first)
  })

  for (const [filesystem, make] of [
    ['xfs', 'mkfs.xfs'],
    ['btrfs', 'mkfs.btrfs'],
  ] as const) {
    it(`are right for files that share their blocks on ${filesystem} (needs root and ${make})`, async function () {
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
      expect(await expectRight(first, storeDir)).to.equal(16)
      sh('sync', '-f', storeDir)
      expect(sh('filefrag', '-v', `${storeDir}/${first}/docs/of-5000000`)).to.include('shared')
      chmodSync(path('mounted', 'docs', 'of-5000000'), 0o600)
      writeFileSync(path('mounted', 'docs', 'b'), 'other content')
      expect(await expectRight(backUpThere(), storeDir)).to.equal(16)
    })
  }
})
