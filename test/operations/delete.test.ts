// The operation `delete`: what it refuses, what it leaves, and that it frees exactly what was said.
import {linkSync, mkdirSync, rmSync, statfsSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {deleteSnapshots, type DeleteOptions} from '../../src/operations/delete.js'
import {localZone} from '../../src/retention/retention.js'
import {withLease} from '../../src/store/lease.js'
import {native} from '../../src/native/native.js'
import {inventory} from '../native/inventory.js'
import {filesystems, needs} from '../native/mounts.js'
import {measure, randomEdits, randomTree} from '../native/space-use.js'
import {python, settle, sh, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const now = new Date(2025, 5, 15, 12, 0, 0)

describe('delete', () => {
  const {docs, store, path, snapshot, later} = workshop()

  const run = (snapshots: readonly string[], rest: Partial<DeleteOptions> = {}) =>
    deleteSnapshots({
      storeDir: store(),
      snapshots,
      all: false,
      allowLast: false,
      dryRun: false,
      force: false,
      host: null,
      filters: {},
      zone: localZone,
      clock: () => now,
      signal: new AbortController().signal,
      emit: () => Promise.resolve(),
      ...rest,
    })

  const shown = (): string[] => storedIn(store()).sort()

  /** Makes snapshots, each with one file more. */
  async function make(many: number): Promise<string[]> {
    const names: string[] = []
    for (let n = 0; n < many; n += 1) {
      writeFileSync(docs(`file${n}`), String(n))
      names.push(await snapshot())
    }
    return names
  }

  /** The code and message of the error; nothing in the store has changed. */
  async function refused(...args: Parameters<typeof run>): Promise<string> {
    const before = inventory(store())
    const error: unknown = await run(...args).catch((reason: unknown) => reason)
    expect(inventory(store())).to.deep.equal(before)
    if (!(error instanceof CuraError)) throw new Error('it was not refused', {cause: error})
    return `${error.code}: ${error.message}`
  }

  it('removes the named snapshots, and nothing in a dry run', async () => {
    const names = await make(4)
    const [first = '', second = '', third = '', last = ''] = names
    const before = inventory(store())
    const dry = await run(['oldest', third], {dryRun: true})
    expect(inventory(store())).to.deep.equal(before)
    expect(dry.removal.names).to.deep.equal([first, third])
    const {removal, exit, verdicts, kept} = await run(['oldest', third])
    expect(removal).to.deep.equal(dry.removal)
    expect({exit, kept}).to.deep.equal({exit: 0, kept: []})
    expect(verdicts.map(({snapshot: {name}, keep}) => [name, keep])).to.deep.equal([
      [third, false],
      [first, false],
    ])
    expect(shown()).to.deep.equal([second, last])
    await run(['latest'])
    expect(shown()).to.deep.equal([second])
  })

  it('refuses a pinned snapshot, and deletes none of the others', async () => {
    const [first = '', second = ''] = await make(3)
    writeFileSync(store(second, '.backup_pinned'), '')
    expect(await refused([first, second])).to.equal(
      `refused: ${second} is pinned: unpin it first, or leave it out; nothing was deleted`,
    )
  })

  it('refuses the last snapshot of a series, unless it is allowed', async () => {
    mkdirSync(path('other'))
    writeFileSync(path('other', 'file'), '')
    const other = await snapshot({operands: [path('other')]})
    const names = await make(2)
    expect(await refused([other])).to.match(
      /^refused: this would delete the last snapshot of other: give --allow-last /,
    )
    expect(await refused(names)).to.match(/the last snapshot of docs: /)
    expect(await refused([...names, other])).to.match(/the last snapshot of .*(docs|other), /)
    await run([other], {allowLast: true})
    expect(shown()).to.deep.equal(names)
  })

  /** Writes a finished snapshot of `docs` of the Python tool. */
  function byPython(name: string): string {
    mkdirSync(store(name, 'docs'), {recursive: true})
    writeFileSync(store(name, 'docs', 'file'), name)
    writeFileSync(store(name, `.backup_finished_${name}`), '')
    return name
  }

  it('does not count a snapshot that only may hold the series as one that is left', async () => {
    const [first = '', second = ''] = await make(2)
    const damaged = '2025-02-01_00-00-00'
    sh('cp', '-al', store(second), store(damaged))
    rmSync(store(damaged, '.backup_finished'))
    writeFileSync(store(damaged, '.backup_finished'), '{"format": 1, "sta')
    const old = byPython('20250202_103000')
    writeFileSync(docs('more'), '')
    const guard = await snapshot({tags: ['before-restore']})
    expect(await refused([first, second])).to.match(
      /the last snapshot of docs \(others may hold it, but that is not certain\): give --allow/,
    )
    await run([damaged, old])
    await run([first])
    await run([second], {allowLast: true})
    expect(shown()).to.deep.equal([guard])
  })

  it('counts snapshots of the Python tool if a series has no others', async () => {
    const names = ['20250201_103000', '20250202_103000'].map(byPython)
    const [first = '', last = ''] = names
    expect(await refused(names)).to.match(/this would delete the last snapshot of docs: /)
    await run([last])
    expect(await refused([first])).to.match(/this would delete the last snapshot of docs: /)
  })

  it('counts neither unfinished nor future snapshots as the last', async () => {
    const [only = ''] = await make(1)
    for (const name of ['2025-02-01_00-00-00', '2099-01-01_00-00-00']) {
      sh('cp', '-al', store(only), store(name))
    }
    rmSync(store('2025-02-01_00-00-00', '.backup_finished'))
    rmSync(store('2099-01-01_00-00-00', '.backup_finished'))
    writeFileSync(store('2099-01-01_00-00-00', '.backup_finished'), '')
    expect(await refused([only])).to.match(/the last snapshot of docs/)
    expect(await refused(['2025-02'])).to.match(/^notFound: .*write the full name/)
    expect(await refused(['2099'])).to.match(/^notFound: .*write the full name/)
    await run(['2025-02-01_00-00-00', '2099-01-01_00-00-00'])
    expect(shown()).to.deep.equal([only])
  })

  it('leaves a snapshot that a reader holds, and names it', async () => {
    const [first = '', second = '', last = ''] = await make(3)
    const opened = native().openStore(store())
    later(() => {
      opened.close()
    })
    await withLease(opened, first, async () => {
      const dry = await run([first, second], {dryRun: true})
      expect(dry).to.include({exit: 3})
      const {removal, exit, verdicts} = await run([first, second])
      expect(removal).to.deep.equal(dry.removal)
      expect({leased: removal.leased, names: removal.names, exit}).to.deep.equal({
        leased: [first],
        names: [second],
        exit: 3,
      })
      expect(verdicts.at(-1)).to.deep.include({keep: true, reasons: ['leased']})
    })
    expect(shown()).to.deep.equal([first, last])
  })

  it('retires a source, and keeps snapshots that hold others as well', async () => {
    mkdirSync(path('other'))
    writeFileSync(path('other', 'file'), '')
    const [first = '', second = ''] = await make(2)
    const both = await snapshot({operands: [docs(), path('other')]})
    const other = await snapshot({operands: [path('other')]})
    const all = {all: true, filters: {source: 'docs'}}
    const {removal, kept, exit} = await run([], all)
    expect(removal.names).to.deep.equal([first, second])
    expect({kept, exit}).to.deep.equal({kept: [both], exit: 3})
    const gone = await run([], {all: true, filters: {source: path('other')}})
    expect(gone.removal.names).to.deep.equal([other])
    expect(shown()).to.deep.equal([both])
  })

  it('applies the filters to full names, too', async () => {
    const [first = ''] = await make(2)
    for (const filters of [{source: 'nosuch'}, {tag: 'nosuch'}, {host: 'nosuch'}]) {
      expect(await refused([first], {filters})).to.match(
        new RegExp(
          `^notFound: (${first} is not a snapshot .* nosuch: choose another, or leave |no snapshot has a source nosuch; there are: )`,
        ),
      )
      expect(await refused([first], {filters, dryRun: true})).to.match(/^notFound: /)
    }
    expect((await run([first], {filters: {source: 'docs'}})).removal.names).to.deep.equal([first])
  })

  it('retires one of two sources of a name, and keeps what may hold the other', async () => {
    const old = byPython('20250101_103000')
    mkdirSync(path('elsewhere/docs'), {recursive: true})
    writeFileSync(path('elsewhere/docs/file'), '')
    const [first = ''] = await make(1)
    const second = await snapshot({operands: [path('elsewhere/docs')]})
    const {removal, kept} = await run([], {all: true, filters: {source: docs()}})
    expect({names: removal.names, kept}).to.deep.equal({names: [first], kept: [old]})
    expect(shown()).to.deep.equal([second, old].sort())
  })

  it('retires one source only, and no pinned snapshot', async () => {
    mkdirSync(path('elsewhere/docs'), {recursive: true})
    writeFileSync(path('elsewhere/docs/file'), '')
    const [first = ''] = await make(1)
    const second = await snapshot({operands: [path('elsewhere/docs')]})
    expect(await refused([], {all: true, filters: {source: 'docs'}})).to.match(
      /^usage: docs matches several histories: .*; .*\. Give --source PATH or --host HOST$/,
    )
    writeFileSync(store(first, '.backup_pinned'), '')
    expect(await refused([], {all: true, filters: {source: docs()}})).to.match(/is pinned/)
    await run([], {all: true, filters: {source: path('elsewhere/docs')}})
    expect(shown()).to.deep.equal([first])
    expect(second).not.to.equal(first)
  })

  it('refuses requests that are not clear', async () => {
    await make(1)
    const source = {source: 'docs'}
    expect(await refused([])).to.match(/^usage: name the snapshots to delete, /)
    expect(await refused([], {all: true})).to.match(/^usage: --all needs --source NAME/)
    expect(await refused(['latest'], {all: true, filters: source})).to.match(/^usage: give either /)
    expect(await refused(['latest:docs'])).to.match(/^usage: .*only whole snapshots can be deleted/)
    expect(await refused(['latest~9'])).to.match(/^notFound: /)
    expect(await refused([], {all: true, filters: {source: 'nothing'}})).to.match(/^notFound: /)
  })

  describe('on its own filesystem', () => {
    const fs = filesystems()
    let place = ''
    const own = (...names: string[]): string => [place, 'store', ...names].join('/')

    /** Free bytes and inodes when everything has reached the disk. */
    function free() {
      sh('sync', '-f', place)
      const {bfree, bsize, ffree} = statfsSync(place)
      return {bytes: bfree * bsize, inodes: ffree}
    }

    async function fill(seed: number): Promise<string[]> {
      mkdirSync(own(), {mode: 0o700})
      later(() => sh('rm', '-rf', own()))
      python(docs(), randomTree(seed))
      const names: string[] = []
      for (let n = 0; n < 6; n += 1) {
        if (n > 0) python(docs(), randomEdits(1000 * seed + n))
        await settle()
        names.push(await snapshot({storeDir: own()}))
      }
      return names
    }

    /** Deletes a set, and returns what was predicted, reported and freed. */
    async function compare(names: readonly string[], set: readonly string[]) {
      const storeDir = own()
      const {set: said} = await measure(storeDir, names, {set})
      const dry = await run(set, {storeDir, dryRun: true, allowLast: true})
      const before = free()
      const {removal} = await run(set, {storeDir, allowLast: true})
      const after = free()
      expect(removal).to.deep.equal(dry.removal)
      const freed = {bytes: after.bytes - before.bytes, inodes: after.inodes - before.inodes}
      return {
        said: {bytes: said.bytes, inodes: said.inodes},
        reported: {bytes: removal.bytes, inodes: removal.inodes},
        entries: removal.entries,
        freed,
      }
    }

    const setsOf = (names: readonly string[]): string[][] => [
      names.slice(1, 2),
      [names[0] ?? '', names[3] ?? ''],
      names.filter((_, at) => at === 2 || at > 3),
    ]

    for (const kind of ['ext4', 'tmpfs'] as const) {
      it(`frees to the byte what it says, on ${kind} (${needs})`, async () => {
        place = kind === 'tmpfs' ? path('tmpfs') : fs(kind)
        if (kind === 'tmpfs') {
          mkdirSync(place)
          sh('mount', '-t', 'tmpfs', '-o', 'size=64m', 'cura-test', place)
          later(() => sh('umount', place))
        }
        const names = await fill(31)
        for (const set of setsOf(names)) {
          const {said, reported, entries, freed} = await compare(names, set)
          expect(reported, set.join()).to.deep.equal(said)
          // tmpfs counts one inode for each name.
          const inodes = kind === 'tmpfs' ? entries + set.length : said.inodes
          expect(freed, set.join()).to.deep.equal({...said, inodes})
        }
        expect(storedIn(own())).to.deep.equal([])
      })
    }

    it(`would notice a file that stays (${needs})`, async () => {
      place = fs('ext4')
      const names = await fill(32)
      const [first = ''] = names
      writeFileSync(own(first, 'docs', 'more'), 'x'.repeat(5000))
      const storeDir = own()
      const {all: said} = await measure(storeDir, names, {})
      linkSync(own(first, 'docs', 'more'), `${place}/kept`)
      const before = free()
      const {removal} = await run(names, {storeDir, allowLast: true})
      expect(said.bytes - removal.bytes).to.equal(8192)
      expect(free().bytes - before.bytes).to.equal(removal.bytes)
      rmSync(`${place}/kept`)
    })

    // These allocate inodes and directories in larger pieces, of which the inodes know nothing.
    for (const [kind, tolerance] of [
      ['xfs', 512 * 1024],
      ['btrfs', 2 * 1024 * 1024],
    ] as const) {
      // prettier-ignore
      it(`reports what it says, and frees about that, on ${kind} (${needs})`, async () => {
        place = fs(kind)
        const names = await fill(33)
        for (const set of setsOf(names)) {
          const {said, reported, freed} = await compare(names, set)
          expect(reported, set.join()).to.deep.equal(said)
          expect(freed.bytes).to.be.closeTo(said.bytes, tolerance)
        }
      })
    }
  })
})
