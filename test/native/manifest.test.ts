// The manifest: it recognizes an unchanged tree, and survives any damage.
import {spawnSync} from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import fc from 'fast-check'
import {compareNow} from './door.js'
import {inodes, inventories} from './inventory.js'
import {crc32c, frameOf, mutate, seeded, withChecksum, someTree} from './manifests.js'
import {asOlder, quadratic} from './older-manifests.js'
import {runProgram} from './programs.js'
import {expectSame} from './snapshots.js'
import {python, settle, sh, workshop} from './workshop.js'

const spoiler = fileURLToPath(new URL('fixtures/spoiled-manifests.ts', import.meta.url))

interface Tree {
  readonly [name: string]: string | Tree
}

const name = fc
  .string({
    minLength: 1,
    maxLength: 20,
    unit: fc.constantFrom('a', 'B', '.', '-', ' ', 'é', '\n', '~'),
  })
  .filter((text) => text !== '.' && text !== '..')
const trees = fc.letrec<{tree: Tree; leaf: string}>((tie) => ({
  leaf: fc.string({maxLength: 40}),
  tree: fc.dictionary(name, fc.oneof({depthSize: 'small'}, tie('leaf'), tie('tree')), {
    maxKeys: 6,
    noNullPrototype: true,
  }),
})).tree

function plant(directory: string, tree: Tree): void {
  mkdirSync(directory)
  for (const [entry, below] of Object.entries(tree)) {
    const path = `${directory}/${entry}`
    if (typeof below !== 'string') plant(path, below)
    else if (below.startsWith('l')) symlinkSync(below, path)
    else writeFileSync(path, below)
  }
}

describe('manifest', () => {
  const shop = workshop()
  const {docs, store, path, snapshot, backUp} = shop
  const manifest = (snapshot: string): string => store(snapshot, '.backup_manifest')

  /** Expects a snapshot with one more file to share all others with `first`. */
  async function expectLinked(first: string): Promise<void> {
    writeFileSync(docs('new'), 'new')
    const second = await snapshot()
    expectSame(docs(), store(second, 'docs'))
    const [older, newer] = inventories(store(first, 'docs'), store(second, 'docs')).map(inodes)
    newer?.delete('new')
    expect(newer).to.deep.equal(older)
  }

  it('recognizes every random tree (slow)', async () => {
    let directories = 0
    const property = fc.asyncProperty(trees, async (tree) => {
      const source = mkdtempSync(path('tree-'))
      rmSync(source, {recursive: true})
      plant(source, tree)
      const operands = [`docs=${source}`]
      const {snapshot: made} = await backUp({operands, allowEmpty: true})
      const {rebuilt, differs} = await compareNow(store(), source, String(made))
      expect({rebuilt, differs}).to.deep.equal({rebuilt: null, differs: false})
      rmSync(manifest(String(made)))
      const again = await compareNow(store(), source, String(made))
      expect(again).to.deep.include({differs: false, rebuilt: 'it has none'})
      directories += again.totals.directories
      rmSync(store(String(made)), {recursive: true})
    })
    await fc.assert(property, {numRuns: 60, seed: 1})
    expect(directories).to.be.above(100)
  })

  it('takes at most 96 bytes per entry (slow)', async () => {
    const operands = ['lib=/usr/lib/python3/']
    const {totals, snapshot: made} = await backUp({operands})
    const entries = totals.files + totals.directories + totals.symlinks
    expect(entries).to.be.above(500)
    expect(readFileSync(manifest(String(made))).length / entries).to.be.below(96)
  })

  it('is rebuilt without a change if it is truncated or a bit has flipped (slow)', async () => {
    python(docs(), someTree)
    const first = await snapshot()
    const good = readFileSync(manifest(first))
    const random = seeded(7)
    const reasons = new Set<string>()
    const check = async (bytes: Buffer): Promise<void> => {
      writeFileSync(manifest(first), bytes)
      const {rebuilt, differs} = await compareNow(store(), docs(), first)
      expect(differs).to.be.false
      expect(rebuilt).to.be.a('string').and.not.be.empty
      reasons.add(String(rebuilt))
    }
    for (const size of [0, 1, 7, 8, 43, 44, 45, good.length - 1])
      await check(good.subarray(0, size))
    for (let i = 0; i < 60; ++i) await check(good.subarray(0, random(good.length)))
    for (let i = 0; i < 150; ++i) {
      const bytes = Buffer.from(good)
      const at = random(good.length)
      bytes[at] = Number(bytes[at]) ^ (1 << random(8))
      await check(bytes)
    }
    await check(Buffer.concat([good, good]))
    await check(Buffer.alloc(good.length, 'x'))
    expect([...reasons]).to.include.members(['it is cut short', 'its checksum is wrong'])
    writeFileSync(manifest(first), good)
    expect(await compareNow(store(), docs(), first)).to.include({rebuilt: null, differs: false})
  })

  it('is rejected with the reason if it has another type or version', async () => {
    python(docs(), someTree)
    const first = await snapshot()
    const good = readFileSync(manifest(first))
    const reasonFor = async (): Promise<string | null> =>
      (await compareNow(store(), docs(), first)).rebuilt
    writeFileSync(
      manifest(first),
      Buffer.concat([good.subarray(0, 7), Buffer.of(9), good.subarray(8)]),
    )
    expect(await reasonFor()).to.equal('its version 9 is not known here')
    rmSync(manifest(first))
    symlinkSync('/etc/passwd', manifest(first))
    expect(await reasonFor()).not.to.equal(null)
    rmSync(manifest(first))
    mkdirSync(manifest(first))
    expect(await reasonFor()).not.to.equal(null)
    rmSync(manifest(first), {recursive: true})
    sh('mkfifo', manifest(first))
    expect(await reasonFor()).to.equal('it is not a regular file')
    rmSync(manifest(first))
    truncateSync(path('store', first, '.backup_finished'), 0)
    expect(await reasonFor()).to.equal('it has none')
  })

  it('never crashes or hangs on a hostile one with a right checksum (slow)', async () => {
    python(docs(), someTree)
    const first = await snapshot()
    const rounds = 600
    const {status, signal, stdout, stderr} = spawnSync(
      process.execPath,
      ['--import', 'tsx', spoiler, store(), docs(), first, String(rounds)],
      {encoding: 'utf8', timeout: 50_000, killSignal: 'SIGKILL'},
    )
    expect({status, signal, stderr}).to.deep.equal({status: 0, signal: null, stderr: ''})
    const tally = JSON.parse(stdout) as Record<string, number | boolean>
    expect(tally).to.include({control: true, wrong: 0})
    expect(tally.accepted).to.be.above(0)
    expect(tally.rebuilt).to.be.above(0)
    expect(tally.made).to.be.above(0)
  })

  it('has the checksum that these tests compute', async () => {
    expect(crc32c(Buffer.from('123456789'))).to.equal(0xe3069283) // the check value of CRC-32C
    python(docs(), someTree)
    const good = readFileSync(manifest(await snapshot()))
    expect(withChecksum(good).equals(good)).to.be.true
    expect(mutate(good, seeded(1)).equals(good)).to.be.false
  })

  it('is rejected in linear time (slow)', async () => {
    python(docs(), someTree)
    const first = await snapshot()
    writeFileSync(manifest(first), quadratic(100, 100))
    expect((await compareNow(store(), docs(), first)).rebuilt).to.match(/no tree|has no name|wrong/)
    writeFileSync(manifest(first), quadratic(300_000, 300_000))
    const {status, signal} = spawnSync(
      process.execPath,
      ['--import', 'tsx', spoiler, store(), docs(), first, '0'],
      {timeout: 15_000, killSignal: 'SIGKILL'},
    )
    expect({status, signal}).to.deep.equal({status: 0, signal: null})
  })

  it('is not needed to link to the snapshot', async () => {
    python(docs(), someTree)
    const first = await snapshot()
    rmSync(manifest(first))
    const inStore = () => shop.storeInventory().filter(({path}) => path !== '.backup_proofs')
    const before = inStore()
    expect(await backUp()).to.include({differs: false, rebuilt: 'it has none'})
    expect(await backUp(), 'what was compared is remembered').to.include({rebuilt: null})
    expect(inStore()).to.deep.equal(before)
    await expectLinked(first)
    expect(await backUp()).to.include({differs: false, rebuilt: null})
  })

  it('has another checksum of its index if anything in it is different', async () => {
    python(docs(), someTree)
    writeFileSync(docs('same-size'), 'one')
    await settle()
    const first = readFileSync(manifest(await snapshot()))
    writeFileSync(docs('same-size'), 'two')
    await settle()
    const second = readFileSync(manifest(await snapshot()))
    const sums = [first, second].map((bytes) => bytes.readUInt32LE(frameOf(bytes).footer + 48))
    expect(frameOf(first).records, 'the scene').to.equal(frameOf(second).records)
    expect(sums[0]).not.to.equal(sums[1])
    expect(withChecksum(second), 'as documented').to.deep.equal(second)
  })

  it('of an earlier program is read, whose checksum of the index never differed', async () => {
    python(docs(), someTree)
    await settle()
    const first = await snapshot()
    const bytes = readFileSync(manifest(first))
    const {index, footer} = frameOf(bytes)
    bytes.writeUInt32LE(crc32c(bytes.subarray(index, footer)), footer + 48)
    bytes.writeUInt32LE(crc32c(bytes.subarray(footer, footer + 52)), footer + 52)
    writeFileSync(manifest(first), bytes)
    expect(await backUp()).to.include({differs: false, rebuilt: null})
    bytes.writeUInt32LE(7, footer + 48)
    bytes.writeUInt32LE(crc32c(bytes.subarray(footer, footer + 52)), footer + 52)
    writeFileSync(manifest(first), bytes)
    expect((await backUp()).rebuilt, 'the control').to.match(/checksum/)
  })

  for (const version of [1, 2, 3] as const) {
    it(`of version ${version} is read: its files are compared once, and linked`, async () => {
      python(docs(), someTree)
      await settle()
      const first = await snapshot()
      const old = asOlder(readFileSync(manifest(first)), version)
      writeFileSync(manifest(first), old)
      expect(await backUp()).to.include({differs: false, rebuilt: null})
      await expectLinked(first)
      expect(old.subarray(0, 8).toString('latin1')).to.equal(
        `CURAMAN${String.fromCharCode(version)}`,
      )
    })
  }

  it('that cannot be opened, or is all holes, is reported and ends no run', async () => {
    python(docs(), someTree)
    const first = await snapshot()
    const good = readFileSync(manifest(first))
    const inject = ['-e', 'trace=openat', '-e', 'inject=openat:error=EIO', '-P', manifest(first)]
    const under = ['strace', '-f', '-qq', '-o', '/dev/null', ...inject]
    const {exit, out} = runProgram(['-b', store(), docs()], {under})
    expect({exit, out}).to.deep.include({exit: 0})
    expect(out).to.include('Nothing has changed')
    for (const content of [Buffer.alloc(0), good.subarray(0, 8)]) {
      rmSync(store('.backup_proofs'), {force: true})
      writeFileSync(manifest(first), content)
      truncateSync(manifest(first), 2 ** 40)
      expect((await backUp()).rebuilt).to.match(/not a manifest|cut short|holes/)
    }
    rmSync(store('.backup_proofs'), {force: true})
    const [head, tail] = [good.subarray(0, 100), good.subarray(-60)]
    writeFileSync(manifest(first), head)
    truncateSync(manifest(first), 2 ** 40)
    appendFileSync(manifest(first), tail)
    expect((await backUp()).rebuilt).to.equal('it is nearly all holes')
  })
})
