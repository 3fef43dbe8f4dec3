// Pins and tags of published snapshots: files of their own that no run stumbles over.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {annotate, type Annotation, type AnnotateResult} from '../../src/operations/annotate.js'
import {prune, type PruneOptions} from '../../src/operations/prune.js'
import {findProgram} from '../../src/engine/external/programs.js'
import {native} from '../../src/native/native.js'
import {policyFrom} from '../../src/retention/policy.js'
import {localZone} from '../../src/retention/retention.js'
import {readInventory} from '../../src/store/store.js'
import {contents, inventory} from '../native/inventory.js'
import {isRoot, sh, workshop} from '../native/workshop.js'
import {makeByHand} from '../support/handmade.js'

const now = new Date(2025, 0, 20)
const pinned: Annotation = {kind: 'pin', pinned: true}
const unpinned: Annotation = {kind: 'pin', pinned: false}
const tagged = (add: string[], remove: string[] = []): Annotation => ({kind: 'tag', add, remove})

describe('annotate', () => {
  const {docs, store, snapshot, backUp, later} = workshop()

  const quiet = {signal: new AbortController().signal, emit: () => Promise.resolve()}

  function change(
    annotation: Annotation,
    selectors: readonly string[],
    options: {dryRun?: boolean; filters?: object} = {},
  ): Promise<AnnotateResult> {
    const {dryRun = false, filters = {}} = options
    const asking = {storeDir: store(), now, zone: localZone, host: null, filters, ...quiet}
    return annotate({...asking, annotation, selectors, dryRun, force: false})
  }

  const refusal = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'none',
      (error: unknown) => `${(error as {code: string}).code}: ${(error as Error).message}`,
    )

  function found(name: string) {
    const opened = native().openStore(store())
    try {
      return readInventory(opened, now).snapshots.find((one) => one.name === name)
    } finally {
      opened.close()
    }
  }

  const own = (name: string): string[] =>
    readdirSync(store(name))
      .filter((file) => /^\.backup_(pinned|tags)/.test(file))
      .sort()

  async function three(): Promise<[string, string, string]> {
    const names: string[] = []
    for (const text of ['one', 'two', 'three']) {
      writeFileSync(docs(text), text)
      names.push(await snapshot({tags: ['nightly', text]}))
    }
    return names as [string, string, string]
  }

  it('pins and unpins the chosen snapshots, each once', async () => {
    const [first, second, third] = await three()
    const {snapshots} = await change(pinned, ['latest', 'oldest', third])
    expect(snapshots.map(({name, changed}) => [name, changed])).to.deep.equal([
      [third, true],
      [first, true],
    ])
    expect([first, second, third].map((name) => found(name)?.pinned)).to.deep.equal([
      true,
      false,
      true,
    ])
    expect((await change(pinned, [first])).snapshots[0]).to.include({pinned: true, changed: false})
    expect((await change(unpinned, ['oldest'])).snapshots[0]).to.include({
      pinned: false,
      changed: true,
    })
    expect(own(first)).to.deep.equal([])
    expect((await change(unpinned, [second])).snapshots[0]).to.include({changed: false})
    // A pin that was made by hand is one, too.
    writeFileSync(store(second, '.backup_pinned'), 'by hand')
    await change(pinned, [second])
    expect(readFileSync(store(second, '.backup_pinned'), 'utf8')).to.equal('by hand')
    await change(unpinned, [second])
    expect(own(second)).to.deep.equal([])
  })

  it('replaces the tags of the marker, and never the marker', async () => {
    const [first, second] = await three()
    const marker = store(first, '.backup_finished')
    const before = readFileSync(marker, 'utf8')
    const {ino} = statSync(marker)
    const {snapshots} = await change(tagged(['keep', 'ünï code'], ['nightly']), [first])
    expect(snapshots).to.deep.equal([
      {
        ...{name: first, pinned: false, tags: ['one', 'keep', 'ünï code']},
        ...{changed: true, isRepaired: false},
      },
    ])
    expect(readFileSync(store(first, '.backup_tags'), 'utf8')).to.equal(
      '["one","keep","ünï code"]\n',
    )
    expect(found(first)?.tags).to.deep.equal(['one', 'keep', 'ünï code'])
    expect(found(first)?.marker?.tags).to.deep.equal(['nightly', 'one'])
    expect(readFileSync(marker, 'utf8')).to.equal(before)
    expect(statSync(marker).ino).to.equal(ino)
    // Selectors see the new tags at once.
    const last = await change(tagged([], ['one', 'keep', 'ünï code']), ['latest'], {
      filters: {tag: 'keep'},
    })
    expect(last.snapshots[0]).to.deep.include({name: first, tags: []})
    expect(found(first)?.tags).to.deep.equal([])
    // No change, no file.
    expect((await change(tagged(['nightly'], ['x']), [second])).snapshots[0]).to.include({
      changed: false,
    })
    expect(own(second)).to.deep.equal([])
  })

  it('works on snapshots of the Python tool', async () => {
    const name = makeByHand(store(), '20250115_103000')
    await change(tagged(['old']), ['latest'])
    await change(pinned, [name])
    expect(found(name)).to.deep.include({form: 'old', tags: ['old'], pinned: true})
  })

  it('changes nothing in a dry run, and reports what it would', async () => {
    await three()
    const before = inventory(store())
    const {snapshots} = await change(tagged(['x']), ['latest'], {dryRun: true})
    expect(snapshots[0]?.tags).to.deep.equal(['nightly', 'three', 'x'])
    await change(pinned, ['oldest'], {dryRun: true})
    expect(inventory(store())).to.deep.equal(before)
  })

  it('refuses unfinished snapshots and paths, and then changes nothing', async () => {
    const [, , third] = await three()
    const crashed = makeByHand(store(), '2025-01-16_10-00-00 unfinished')
    const before = inventory(store()).filter(({path}) => path !== '.')
    expect(await refusal(change(pinned, [third, crashed]))).to.match(/^refused: .* is not finished/)
    expect(await refusal(change(tagged(['x']), [crashed]))).to.match(/^refused: /)
    expect(await refusal(change(pinned, [`${third}:docs`]))).to.match(/^usage: .* without a path/)
    expect(await refusal(change(pinned, ['2024']))).to.match(/^notFound: /)
    expect(await refusal(change(pinned, ['2025']))).to.match(/^usage: .* beginning of 3 snapshots/)
    expect(contents(inventory(store()).filter(({path}) => path !== '.'))).to.deep.equal(
      contents(before),
    )
  })

  it('falls back to the tags of the marker if its own cannot be read', async () => {
    const [first] = await three()
    for (const text of ['', '{}', '["a"', '[1]', 'null', '['.repeat(100_000)]) {
      writeFileSync(store(first, '.backup_tags'), text)
      expect(found(first), text.slice(0, 9)).to.deep.include({
        tags: ['nightly', 'one'],
        tagsUnreadable: true,
      })
    }
    const {snapshots} = await change(tagged(['new']), [first])
    expect(snapshots[0]).to.include({isRepaired: true})
    expect(found(first)).to.deep.include({tags: ['nightly', 'one', 'new']})
    expect(found(first)).not.to.have.property('tagsUnreadable')
    rmSync(store(first, '.backup_tags'))
    mkdirSync(store(first, '.backup_tags'))
    expect(found(first)).to.include({tagsUnreadable: true})
    expect(await refusal(change(tagged(['y']), [first]))).to.match(/^failed: renameat .*EISDIR/)
    expect(readdirSync(store(first))).not.to.include('.backup_tags.new')
  })

  it('keeps snapshots by their new tags and pins when pruning', async () => {
    const [first, second, third] = await three()
    const options: PruneOptions = {
      ...{
        storeDir: store(),
        zone: localZone,
        dryRun: true,
        force: false,
        clock: () => now,
        ...quiet,
      },
      policy: policyFrom({'keep-last': '1', 'keep-tag': ['keep']}),
    }
    const removed = async () => (await prune(options)).removal.names
    expect(await removed()).to.deep.equal([first, second])
    await change(tagged(['keep']), [first])
    await change(pinned, [second])
    expect(await removed()).to.deep.equal([])
    await change(tagged([], ['keep']), [first])
    expect(await removed()).to.deep.equal([first])
    await change(unpinned, [second])
    // Tags that nobody can read may contain the one that counts.
    writeFileSync(store(first, '.backup_tags'), 'damaged')
    expect(await removed()).to.deep.equal([second])
    expect((await prune({...options, dryRun: false})).removal.names).to.deep.equal([second])
    expect(existsSync(store(third))).to.equal(true)
  })

  const externals = [
    ['the engine', {}],
    ['rsync (needs rsync)', {rsync: true, hardlink: false}],
    ['cp (needs rsync)', {rsync: true, hardlink: true}],
  ] as const
  for (const [title, external] of externals) {
    it(`makes no difference to the next run of ${title}`, async function () {
      if ('rsync' in external && findProgram('rsync', process.env.PATH ?? '') === null) this.skip()
      const given = 'rsync' in external ? {external, digests: false} : {}
      writeFileSync(docs('a'), 'a')
      const first = await snapshot(given)
      await change(pinned, [first])
      await change(tagged(['x']), [first])
      const again = await backUp(given)
      expect(again).to.include({snapshot: null, rebuilt: null, exit: 0})
      writeFileSync(docs('b'), 'b')
      const second = await snapshot(given)
      expect(own(first)).to.deep.equal(['.backup_pinned', '.backup_tags'])
      expect(own(second)).to.deep.equal([])
      expect(statSync(store(second, 'docs/a')).ino).to.equal(statSync(store(first, 'docs/a')).ino)
      expect(existsSync(store(second, '.backup_delta/.backup_tags'))).to.equal(false)
      // Without a record the tree is read, in which these files are no sources.
      rmSync(store(second, '.backup_manifest'))
      await change(pinned, [second])
      await change(tagged(['y']), [second])
      expect(await backUp(given)).to.include({snapshot: null, exit: 0})
    })
  }

  it('is durable: it syncs the file and the directory (needs strace)', async function () {
    if (findProgram('strace', process.env.PATH ?? '') === null) this.skip()
    await three()
    const out = store('../trace')
    const run = (...argv: string[]): string => {
      sh('strace', '-f', '-e', 'trace=fsync,renameat,renameat2,unlinkat,openat', '-y', '-o', out,
        process.execPath, 'dist/cli.cjs', ...argv) // prettier-ignore
      return readFileSync(out, 'utf8')
    }
    const directory = String.raw`fsync\(\d+<[^>]*/2025-[\d_-]+>\)`
    expect(run('tag', '-b', store(), '--add', 'x', 'latest')).to.match(
      new RegExp(
        String.raw`fsync\(\d+<[^>]*\.backup_tags\.new>[\s\S]*renameat[^\n]*\.backup_tags"[\s\S]*${directory}`,
      ),
    )
    expect(run('pin', '-b', store(), 'latest')).to.match(
      new RegExp(`\\.backup_pinned"[\\s\\S]*${directory}`),
    )
    expect(run('unpin', '-b', store(), 'latest')).to.match(
      new RegExp(`\\.backup_pinned"[\\s\\S]*${directory}`),
    )
  })

  it('keeps a pinned snapshot even if a lookup of its pin fails (needs strace)', async function () {
    if (findProgram('strace', process.env.PATH ?? '') === null) this.skip()
    const [first = ''] = await three()
    await change(pinned, [first])
    const looked = ['statx', 'newfstatat', 'faccessat', 'openat'].join(',')
    sh('strace', '-f', '-o', '/dev/null', '-P', store(first, '.backup_pinned'), '-e', `inject=${looked}:error=ENOENT`,
      process.execPath, 'dist/cli.cjs', 'prune', '-b', store(), '--keep-last', '1') // prettier-ignore
    expect(existsSync(store(first))).to.equal(true)
    await change(unpinned, [first])
    sh(process.execPath, 'dist/cli.cjs', 'prune', '-b', store(), '--keep-last', '1') // the control
    expect(existsSync(store(first))).to.equal(false)
  })

  it('reports a full store, and leaves the old tags (needs root)', async function () {
    if (!isRoot) this.skip()
    sh('mount', '-t', 'tmpfs', '-o', 'size=1m,mode=700', 'none', store())
    later(() => sh('umount', store()))
    writeFileSync(docs('a'), 'a')
    const name = await snapshot()
    await change(tagged(['x']), [name])
    sh('sh', '-c', 'dd if=/dev/zero of="$0" bs=4k 2>/dev/null || true', store('filler'))
    expect(await refusal(change(tagged(['y']), [name]))).to.match(/^noSpace: /)
    expect(own(name)).to.deep.equal(['.backup_tags'])
    expect(found(name)?.tags).to.deep.equal(['x'])
  })
})
