// Single paths and single blocks of a manifest, through the addon's door.
import {readFileSync, renameSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {follow} from '../../src/native/job.js'
import type {NativeSnapshot} from '../../src/native/native.js'
import {compareNow} from './door.js'
import {inventory} from './inventory.js'
import {frameOf, partAt, recordSize, someTree} from './manifests.js'
import {asOlder} from './older-manifests.js'
import {runProgram} from './programs.js'
import {withRecords} from './records.js'
import {python, workshop} from './workshop.js'

const manyNames = (count: number): string => `
os.mkdir('many')
for n in range(${count}): open('many/a name that is a little longer %d' % n, 'w').close()
`
const smallTree = `
os.mkdir('sub')
open('sub/file', 'w').write('text')
os.symlink('x', 'link')
`
const never = new AbortController().signal

describe('a manifest', () => {
  const {docs, store, snapshot} = workshop()
  const manifest = (name: string): string => store(name, '.backup_manifest')

  const found = (name: string, path: string) =>
    withRecords(store(), [name], (records) => {
      const entry = records.lookup(0, Buffer.from(path, 'latin1'))
      return {entry, bytesRead: records.bytesRead(0)}
    })

  /** The reason why the whole manifest cannot be opened, or null. */
  const whyNot = (name: string): Promise<string | null> =>
    withRecords(store(), [name], (records) => records.opened()[0]?.rebuilt ?? null, {whole: true})

  async function expectAll(name: string): Promise<void> {
    const items = inventory(store(name, 'docs'))
    expect(items).to.have.length.above(50)
    for (const item of items) {
      const {entry} = await found(name, `docs/${item.path}`)
      expect(entry, item.path).to.include({mode: item.mode & 0o7777})
      expect(entry?.type).to.equal(item.type === 'fifo' ? 'special' : item.type)
      if (item.type !== 'file') continue
      expect(entry).to.include({bytes: item.size, sha256: item.sha256})
      expect(entry?.storedInode).to.equal(Number(item.ino.split(':').at(-1)))
    }
  }

  it('gives every entry by its path, and nothing by any other', async () => {
    python(docs(), someTree + manyNames(300))
    const first = await snapshot()
    await expectAll(first)
    const others = [
      '',
      'doc',
      'docs/',
      'docs//d1',
      '/docs',
      'docs/d1/.',
      'docs/d1/..',
      'docs/fifo/x',
    ]
    const past = ['docs/many/a', 'docs/many/zzz', 'docs/many/a name that is a little longer 1x']
    for (const path of [...others, ...past, 'docs/link/s1', 'docs/d1/s1/file1/x', 'docs/none']) {
      expect((await found(first, path)).entry, path).to.equal(null)
    }
  })

  it('is read in small parts, however many names a directory has (slow)', async () => {
    python(docs(), manyNames(20_000))
    const first = await snapshot()
    const size = readFileSync(manifest(first)).length
    expect(size).to.be.above(1_000_000)
    for (const n of [0, 1, 9_999, 12_345, 19_999]) {
      const {entry, bytesRead} = await found(first, `docs/many/a name that is a little longer ${n}`)
      expect(entry).to.include({type: 'file'})
      expect(bytesRead).to.be.below(100_000)
    }
    expect(await whyNot(first), 'the whole').to.equal(null)
    const {rebuilt, differs} = await compareNow(store(), docs(), first)
    expect({rebuilt, differs}).to.deep.equal({rebuilt: null, differs: false})
    rmSync(docs('many/a name that is a little longer 12345'))
    expect((await compareNow(store(), docs(), first)).changes.deleted).to.equal(1)
  })

  for (const version of [1, 2, 3] as const) {
    it(`of format ${version} gives the same`, async () => {
      python(docs(), someTree)
      const first = await snapshot()
      writeFileSync(manifest(first), asOlder(readFileSync(manifest(first)), version))
      for (const path of ['docs', 'docs/d1/s1/file1', 'docs/link', 'docs/fifo']) {
        expect((await found(first, path)).entry, path).not.to.equal(null)
      }
      const {entry} = await found(first, 'docs/d1/s1/file1')
      expect(entry?.sha256 === null).to.equal(version === 1)
      if (version === 3) await expectAll(first)
    })
  }

  it('shows every flipped bit and every missing byte when it is opened as a whole (slow)', async () => {
    python(docs(), smallTree)
    const first = await snapshot()
    const good = readFileSync(manifest(first))
    expect(good.length).to.be.below(2000)
    expect(await whyNot(first), 'the control').to.equal(null)
    const right = JSON.stringify((await found(first, 'docs/sub/file')).entry)
    for (let bit = 0; bit < 8 * good.length; bit += 1) {
      const bytes = Buffer.from(good)
      bytes[bit >> 3] = Number(bytes[bit >> 3]) ^ (1 << (bit & 7))
      writeFileSync(manifest(first), bytes)
      expect(await whyNot(first), `bit ${bit}`)
        .to.be.a('string')
        .and.not.equal('')
      await expectRightOrNone(first, right)
    }
    for (let size = 0; size < good.length; size += 1) {
      writeFileSync(manifest(first), good.subarray(0, size))
      expect(await whyNot(first), `of ${size} bytes`)
        .to.be.a('string')
        .and.not.equal('')
    }
    writeFileSync(manifest(first), good)
    expect(await whyNot(first)).to.equal(null)
  })

  const withoutDigest = (json: string): string =>
    json.replace(/"sha256":"[0-9a-f]+"/, '"sha256":null')

  /** A lookup in a damaged manifest reports the damage, or does not read the damaged part. */
  async function expectRightOrNone(name: string, right: string): Promise<void> {
    try {
      const answer = await found(name, 'docs/sub/file')
      // Without a usable frame the record is made from the tree, without digests.
      const known = answer.entry?.sha256 === null ? withoutDigest(right) : right
      expect(JSON.stringify(answer.entry)).to.equal(known)
    } catch (error) {
      expect(error).to.include({code: 'DAMAGED_MANIFEST'})
    }
  }

  it('that was copied gives no stored inodes, because they are those of another tree', async () => {
    python(docs(), smallTree)
    const first = await snapshot()
    expect((await found(first, 'docs/sub/file')).entry?.storedInode).to.be.above(0)
    writeFileSync(`${manifest(first)}.copy`, readFileSync(manifest(first)))
    renameSync(`${manifest(first)}.copy`, manifest(first))
    expect((await found(first, 'docs/sub/file')).entry).to.include({storedInode: 0, bytes: 4})
  })

  it('that is damaged during a run ends the run, and nothing is published', async () => {
    python(docs(), someTree)
    const first = await snapshot()
    const good = readFileSync(manifest(first))
    writeFileSync(docs('new'), 'new')
    const apply = async (made: NativeSnapshot, work: string): Promise<string> =>
      follow(made.apply(work), never, () => undefined).then(
        () => 'made',
        (error: unknown) =>
          `${(error as {code: string}).code} ${String((error as {pathBytes: Buffer}).pathBytes)}`,
      )
    const outcomes: string[] = []
    const spoil = (change: () => void, work: string) =>
      compareNow(store(), docs(), first, async (made) => {
        change()
        outcomes.push(await apply(made, work))
        writeFileSync(manifest(first), good)
      })
    await spoil(() => undefined, '.partial-a')
    await spoil(() => writeFileSync(manifest(first), spoiled(good)), '.partial-b')
    await spoil(() => truncateSync(manifest(first), 100), '.partial-c')
    const path = `${first}/.backup_manifest`
    expect(outcomes).to.deep.equal(['made', `DAMAGED_MANIFEST ${path}`, `EIO ${path}`])
  })

  /** Every part has another byte. */
  function spoiled(good: Buffer): Buffer {
    const bytes = Buffer.from(good)
    const {index, records} = frameOf(bytes)
    for (let number = 0; number < records; number += 1) {
      const {offset} = partAt(bytes, index + recordSize * number)
      bytes[offset + 3] = Number(bytes[offset + 3]) ^ 1
    }
    return bytes
  }

  it('that the disk does not give is rebuilt when it is opened, and later ends the run by name (slow)', async () => {
    python(docs(), smallTree)
    const first = await snapshot()
    writeFileSync(docs('new'), 'new')
    const traced = (...inject: string[]) => {
      const options = ['-e', 'trace=pread64', ...inject, '-P', manifest(first)]
      const under = ['strace', '-f', '-qq', '-o', `${docs()}.trace`, ...options]
      return runProgram(['-b', store(), docs(), '-n'], {under})
    }
    expect(traced()).to.include({exit: 0})
    const reads = readFileSync(`${docs()}.trace`, 'utf8').split('\n').length - 1
    const exits = new Set<number | null>()
    // strace counts by thread, so it is not certain which of the reads fails.
    for (let when = 1; when <= reads; when += 1) {
      const {exit, err} = traced('-e', `inject=pread64:error=EIO:when=${when}+`)
      exits.add(exit)
      if (exit !== 0) expect(err, `from read ${when} on`).to.include(`${first}/.backup_manifest`)
    }
    expect([...exits].sort()).to.deep.equal([0, 1])
  })
})
