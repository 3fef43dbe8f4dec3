// What removing snapshots would free, compared with a count of all names in the trees.
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {countFreed, measure, randomEdits, randomTree} from './space-use.js'
import {seeds} from '../support/seeds.js'
import {isRoot, python, settle, sh, workshop} from './workshop.js'

const gone = '2024-01-01_00-00-00'

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code

describe('space', () => {
  const {docs, store, path, snapshot} = workshop()

  /** Makes a store of `many` snapshots with random edits. */
  async function make(seed: number, many: number): Promise<string[]> {
    python(docs(), randomTree(seed))
    const names: string[] = []
    for (let n = 0; n < many; n += 1) {
      if (n > 0) python(docs(), randomEdits(1000 * seed + n))
      await settle()
      names.push(await snapshot())
    }
    return names
  }

  /** Some sets: the even ones, the older half, the newer half, all. */
  const setsOf = (names: readonly string[]): string[][] => [
    names.filter((_, at) => at % 2 === 0),
    names.slice(0, names.length / 2),
    names.slice(names.length / 2),
    [...names],
  ]

  /** Compares every amount with the count of the trees; `found` is what the addon says. */
  async function check(names: readonly string[], among = names): Promise<void> {
    const alone = countFreed(store(), among, names.map((name) => [name])) // prettier-ignore
    const measured = await measure(store(), among, {})
    for (const [at, name] of names.entries()) {
      const found = measured.snapshots.find((one) => one.name === name)
      expect(found?.alone, name).to.deep.equal(alone[at])
    }
    const counted = countFreed(store(), among, setsOf(names))
    for (const [at, set] of setsOf(names).entries()) {
      const {set: found} = await measure(store(), among, {set})
      expect(found, set.join()).to.deep.equal(counted[at])
    }
  }

  for (const seed of seeds(4)) {
    it(`equals a count of random trees (${seed})`, async () => {
      await check(await make(seed, 5))
    })
  }

  it('equals it after snapshots were removed, and without some of them', async () => {
    const names = await make(5, 7)
    rmSync(store(names[2] ?? ''), {recursive: true})
    rmSync(store(names[5] ?? ''), {recursive: true})
    const left = names.filter((_, at) => at !== 2 && at !== 5)
    await check(left)
    const some = left.slice(1)
    await check(some)
  })

  it('counts files, sizes and what all snapshots occupy', async () => {
    const names = await make(6, 3)
    const {snapshots, all} = await measure(store(), names, {})
    const listed = (name: string): string[] =>
      sh('sh', '-c', `find ${store(name, 'docs')} -type f -printf '%s\\n'`)
        .trim()
        .split('\n')
    expect(snapshots.map(({files}) => files)).to.deep.equal(names.map((name) => listed(name).length)) // prettier-ignore
    expect(snapshots.map(({bytes}) => bytes)).to.deep.equal(
      names.map((name) =>
        listed(name)
          .map(Number)
          .reduce((sum, size) => sum + size),
      ),
    )
    const [own = '', whole = ''] = sh('sh', '-c', `stat -c %b ${store()}; du -sB512 --exclude=.backups_state ${store()}`).split('\n') // prettier-ignore
    expect(all.bytes).to.equal(512 * (parseInt(whole) - Number(own)))
  })

  it('reads the tree of a snapshot without a usable record, and names it', async () => {
    const names = await make(7, 4)
    rmSync(store(names[1] ?? '', '.backup_manifest'))
    writeFileSync(store(names[2] ?? '', '.backup_manifest'), 'rubbish')
    await check(names)
    const {listed} = await measure(store(), names, {})
    expect(listed.map(({snapshot: name}) => name)).to.deep.equal(names.slice(1, 3))
  })

  it('reads the trees of a copied store, whose records have other inode numbers', async () => {
    const names = await make(8, 4)
    sh('cp', '-a', store(), path('copy'))
    rmSync(store(), {recursive: true})
    renameSync(path('copy'), store())
    await check(names)
    expect((await measure(store(), names, {})).listed).to.deep.equal([])
  })

  it('counts apart what has links elsewhere: outside, in leftovers, in unfinished ones', async () => {
    writeFileSync(docs('file'), 'x'.repeat(9000))
    writeFileSync(docs('other'), 'y'.repeat(5000))
    writeFileSync(docs('third'), 'z')
    const name = await snapshot()
    const {all: before} = await measure(store(), [name], {})
    expect(before).to.include({foreignInodes: 0, foreignBytes: 0})
    linkSync(store(name, 'docs', 'file'), path('outside'))
    mkdirSync(store('.partial-2025-01-16_00-00-00'))
    linkSync(store(name, 'docs', 'other'), store('.partial-2025-01-16_00-00-00', 'other'))
    mkdirSync(store('2025-01-17_00-00-00'))
    linkSync(store(name, 'docs', 'third'), store('2025-01-17_00-00-00', 'third'))
    const {all: after} = await measure(store(), [name], {})
    const held = ['file', 'other', 'third'].map((file) => statSync(docs(file)).blocks * 512)
    const bytes = held.reduce((sum, one) => sum + one)
    expect(after).to.deep.equal({
      entries: before.entries,
      bytes: before.bytes - bytes,
      inodes: before.inodes - 3,
      foreignBytes: bytes,
      foreignInodes: 3,
    })
    await check([name])
  })

  it('believes the tree if it contradicts the record', async () => {
    const names = await make(9, 4)
    const [first = '', second = '', , last = ''] = names
    // As a repair does that was stopped: one of the names of an inode has a new one, and the
    // directory's time is put back.
    const file = readdirSync(store(first, 'docs', 'many'))[0] ?? ''
    const replace = (name: string): void => {
      copyFileSync(store(name, 'docs', 'many', file), path('new'))
      renameSync(path('new'), store(name, 'docs', 'many', file))
    }
    sh('touch', '-r', store(last, 'docs', 'many'), path('time'))
    replace(last)
    await check(names)
    expect((await measure(store(), names, {})).listed).to.deep.equal([])
    sh('touch', '-r', path('time'), store(last, 'docs', 'many'))
    await check(names)
    expect((await measure(store(), names, {})).listed).to.have.lengthOf(4)
    for (const name of names) replace(name)
    await check(names)
    rmSync(store(first, 'docs', 'many'), {recursive: true})
    writeFileSync(store(first, 'docs', 'many'), 'a file')
    rmSync(store(second, 'docs', 'fifo'))
    mkdirSync(store(second, 'docs', 'fifo'))
    writeFileSync(store(second, 'docs', 'fifo', 'below'), 'x')
    await check(names)
  })

  it('counts what is in no record: tags, pins, other directories', async () => {
    const [name = ''] = await make(10, 1)
    writeFileSync(store(name, '.backup_pinned'), '')
    writeFileSync(store(name, '.backup_tags'), 'a\nb\n')
    mkdirSync(store(name, 'added', 'below'), {recursive: true})
    writeFileSync(store(name, 'added', 'below', 'file'), 'x')
    linkSync(store(name, 'added', 'below', 'file'), store(name, '.backup_delta-x'))
    await check([name])
  })

  it('returns the costliest paths, those of several versions as one', async () => {
    writeFileSync(docs('base'), 'b'.repeat(100_000))
    const names: string[] = []
    for (const size of [30_000, 40_000, 50_000]) {
      writeFileSync(docs('often'), 'x'.repeat(size))
      if (size === 40_000) writeFileSync(docs('once'), 'o'.repeat(60_000))
      else rmSync(docs('once'), {force: true})
      await settle()
      names.push(await snapshot())
    }
    const blocks = (...at: string[]): number => statSync(store(...at)).blocks * 512
    const often = names.map((name) => blocks(name, 'docs', 'often'))
    const once = blocks(names[1] ?? '', 'docs', 'once')
    const sum = (of: readonly number[]): number => of.reduce((total, one) => total + one, 0)
    const shown = async (options: {set?: string[]; top: number}) =>
      (await measure(store(), names, options)).top.map(({path: at, bytes, inodes}) => [String(at), bytes, inodes]) // prettier-ignore
    expect(await shown({top: 5})).to.deep.equal([
      ['docs/often', sum(often), 3],
      ['docs/once', once, 1],
    ])
    expect(await shown({top: 1})).to.have.lengthOf(1)
    const base = blocks(names[0] ?? '', 'docs', 'base')
    expect(await shown({set: names, top: 1})).to.deep.equal([['docs/often', sum(often), 3]])
    expect(await shown({set: names, top: 2})).to.deep.include(['docs/base', base, 1])
    expect(await shown({set: names.slice(0, 1), top: 9})).to.deep.equal([
      ['docs/often', often[0], 1],
    ])
    rmSync(store(names[1] ?? '', '.backup_manifest'))
    expect(await shown({top: 5})).to.deep.include(['docs/once', once, 1])
  })

  it('leaves out a snapshot that is gone', async () => {
    const names = await make(11, 2)
    const whole = await measure(store(), names, {set: names})
    const measured = await measure(store(), [gone, ...names], {set: [...names, gone]})
    expect(measured).to.deep.equal({...whole, gone: [gone]})
  })

  it('stops when it is told to', async () => {
    const names = await make(12, 2)
    const signal = AbortSignal.abort()
    const ends: unknown[] = []
    // So few snapshots may be measured before the job is told.
    for (let attempt = 0; attempt < 50 && ends.at(-1) !== 'ABORT_ERR'; attempt += 1) {
      const end = await measure(store(), names, {signal}).then(() => 'done', codeOf)
      ends.push(end)
    }
    expect(ends.at(-1)).to.equal('ABORT_ERR')
  })

  it('says how much this user may not look at (needs a user)', async function () {
    if (isRoot) this.skip()
    mkdirSync(docs('closed'))
    writeFileSync(docs('closed', 'file'), 'x')
    const name = await snapshot()
    sh('chmod', '0', store(name, 'docs', 'closed'))
    expect((await measure(store(), [name], {})).unread).to.be.above(0)
  })
})
