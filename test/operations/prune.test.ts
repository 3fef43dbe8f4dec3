// The operation on real directories: what it removes and keeps, and what an interrupted run leaves.
import {existsSync, mkdirSync, readFileSync, statfsSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import type {OperationEvent} from '../../src/operations/events.js'
import {CuraError} from '../../src/base/errors.js'
import {policyFrom, type KeepFlags} from '../../src/retention/policy.js'
import {prune, type PruneOptions, type PruneResult} from '../../src/operations/prune.js'
import {localZone, type LocalTime} from '../../src/retention/retention.js'
import {formatSnapshotName, parseSnapshotName} from '../../src/store/snapshot-name.js'
import {inventory} from '../native/inventory.js'
import {isRoot, python, sh, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const now = new Date(2025, 5, 15, 12, 0, 0)
const nameAt = (daysAgo: number): string =>
  formatSnapshotName(new Date(now.getTime() - daysAgo * 86_400_000))

describe('prune', () => {
  const {docs, store, path, backUp, snapshot, later} = workshop()

  /** Makes a minimal snapshot and returns its name. */
  function make(name: string, marker: string | null = ''): string {
    mkdirSync(store(name, 'docs'), {recursive: true})
    writeFileSync(store(name, 'docs', 'a.txt'), name)
    const old = parseSnapshotName(name)?.form === 'old'
    const file = old ? `.backup_finished_${name}` : '.backup_finished'
    if (marker !== null) writeFileSync(store(name, file), marker)
    return name
  }

  function run(keep: KeepFlags, rest: Partial<PruneOptions> = {}): Promise<PruneResult> {
    return prune({
      storeDir: store(),
      policy: policyFrom(keep),
      zone: localZone,
      dryRun: false,
      force: false,
      clock: () => now,
      signal: new AbortController().signal,
      emit: () => Promise.resolve(),
      ...rest,
    })
  }

  const shown = (): string[] => storedIn(store()).sort()

  it('keeps the newest snapshot that certainly holds a series', async () => {
    const earlier = await snapshot()
    writeFileSync(docs('file'), '')
    const sure = await snapshot()
    const old = make('20250201_103000')
    const damaged = make('2025-03-01_00-00-00', '{"format": 1, "sta')
    const {verdicts} = await run({'keep-last': '1'}, {dryRun: true})
    expect(verdicts.map(({snapshot: {name}, reasons}) => [name, ...reasons])).to.deep.equal([
      [damaged, 'newest', 'last 1'],
      [old, 'no rule keeps it'],
      [sure, 'newest with docs'],
      [earlier, 'no rule keeps it'],
    ])
    // Those of the Python tool still count if there are no others.
    await run({'keep-last': '1'})
    sh('rm', '-rf', store(sure))
    make('20250201_103000')
    await run({'keep-last': '1'})
    expect(shown()).to.deep.equal([damaged, '20250201_103000'].sort())
  })

  it('removes snapshots that no rule keeps, and gives reasons for each', async () => {
    const names = [1, 2, 40, 400, 4000].map((days) => make(nameAt(days)))
    const [newest, second, third, fourth, fifth] = names
    const result = await run({'keep-daily': '30d', 'keep-yearly': '1y'})
    expect(
      result.verdicts.map(({snapshot: {name}, keep, reasons}) => [name, keep, reasons]),
    ).to.eql([
      [newest, true, ['newest', 'daily 30d']],
      [second, true, ['daily 30d']],
      [third, true, ['yearly 1y']],
      [fourth, true, ['yearly 1y']],
      [fifth, false, ['no rule keeps it']],
    ])
    expect(result.removal).to.include({entries: 3}).and.to.have.deep.property('names', [fifth])
    expect(result).to.include({exit: 0})
    expect(shown()).to.deep.equal(names.slice(0, 4).sort())
  })

  it('removes only chosen snapshots, and only those that no rule keeps', async () => {
    const names = [1, 2, 3, 4, 5].map((days) => make(nameAt(days)))
    const [newest = '', second = '', third = '', fourth = '', fifth = ''] = names
    const keep = {'keep-last': '2'}
    const before = inventory(store())
    const dry = await run(keep, {dryRun: true, selectors: ['latest', third, 'oldest']})
    expect(dry.removal.names).to.deep.equal([fifth, third])
    expect(inventory(store())).to.deep.equal(before)
    const {verdicts, removal} = await run(keep, {selectors: [newest, second, 'latest~2']})
    expect(removal.names).to.deep.equal([third])
    expect(verdicts.map(({snapshot: {name}, keep: kept, reasons}) => [name, kept, reasons])).to.eql(
      [
        [newest, true, ['newest', 'last 2']],
        [second, true, ['last 2']],
        [third, false, ['no rule keeps it']],
        [fourth, true, ['not selected']],
        [fifth, true, ['not selected']],
      ],
    )
    // A chosen snapshot counts for the rules, and others count as well.
    expect((await run({'keep-last': '4'}, {selectors: [fourth]})).removal.names).to.deep.equal([])
    for (const selectors of [['2001-01-01'], ['latest:docs']]) {
      expect(await run(keep, {selectors}).catch(() => 'refused')).to.equal('refused')
    }
    expect(shown()).to.deep.equal([newest, second, fourth, fifth].sort())
    expect((await run(keep)).removal.names).to.deep.equal([fifth, fourth]) // the control
  })

  it('removes nothing more in a second run', async () => {
    for (let days = 0; days < 60; days += 1) make(nameAt(days))
    await run({'keep-weekly': '4'})
    const once = shown()
    const {removal} = await run({'keep-weekly': '4'})
    expect(removal.names).to.deep.equal([])
    expect(shown()).to.deep.equal(once)
  })

  it('changes nothing in a dry run, and reports what a run would free', async () => {
    // On a separate filesystem, whose free space no other process changes.
    if (isRoot) {
      sh('mount', '-t', 'tmpfs', '-o', 'size=64m', 'none', store())
      later(() => sh('umount', store()))
      sh('chmod', '700', store())
    }
    writeFileSync(docs('kept'), 'k'.repeat(50_000))
    writeFileSync(docs('gone'), 'g'.repeat(300_000))
    const first = await snapshot()
    sh('sh', '-c', `cd ${docs()}; rm gone; echo new > new; ln new link; truncate -s 1M sparse`)
    const second = await snapshot()
    sh('sh', '-c', `cd ${docs()}; rm new link; echo third > third`)
    await snapshot()
    const before = inventory(store())
    const dry = await run({'keep-last': '1'}, {dryRun: true})
    expect(inventory(store())).to.deep.equal(before)
    expect(dry.removal.names).to.deep.equal([first, second])
    const free = (): number => statfsSync(store()).bfree * statfsSync(store()).bsize
    const freeBefore = free()
    const real = await run({'keep-last': '1'})
    expect(real.removal).to.deep.equal(dry.removal)
    expect(real.removal.bytes).to.be.at.least(300_000).and.below(400_000)
    if (isRoot) expect(free() - freeBefore).to.equal(real.removal.bytes)
  })

  it('announces no removal in a dry run without room for a new snapshot (needs root)', async function () {
    if (!isRoot) this.skip()
    sh('mount', '-t', 'tmpfs', '-o', 'size=1m,mode=700', 'none', store())
    later(() => sh('umount', store()))
    const names = [1, 2, 3].map((days) => make(nameAt(days))).sort()
    writeFileSync(docs('large'), 'x'.repeat(3_000_000))
    const pruning = {policy: policyFrom({'keep-last': '1'}), zone: localZone}
    const clock = (): Date => now
    // A real run ends with exit 4 and prunes nothing.
    const dry = await backUp({pruning, clock, dryRun: true})
    expect(dry).to.include({exit: 4, pruned: null})
    const error: unknown = await backUp({pruning, clock}).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(CuraError).with.property('code', 'noSpace')
    expect(shown()).to.deep.equal(names)
  })

  it('reports no pruning if a dry run is interrupted during it', async () => {
    const names = [1, 2].map((days) => make(nameAt(days)))
    python(store(names[1] ?? ''), 'for n in range(3000): os.mkdir("d%d" % n)')
    writeFileSync(docs('file'), '')
    const controller = new AbortController()
    const policy = policyFrom({'keep-last': '1'})
    const zone = (instant: Date): LocalTime => {
      controller.abort(new CuraError('interrupted', 'stopped'))
      return localZone(instant)
    }
    const {signal} = controller
    const pruning = {policy, zone}
    const result = await backUp({pruning, clock: () => now, dryRun: true, signal})
    expect(result).to.include({exit: 130, pruned: null})
    expect(result.warnings).to.deep.equal(['stopped; the next run finishes it'])
  })

  it('ignores unfinished, pinned and future snapshots, and other directories', async () => {
    make(nameAt(500), null)
    make(nameAt(501))
    writeFileSync(store(nameAt(501), '.backup_pinned'), '')
    make('2100-01-01_00-00-00')
    mkdirSync(store('lost+found'))
    make(nameAt(502))
    make(nameAt(300))
    symlinkSync(nameAt(502), store(nameAt(503)))
    const {removal} = await run({'keep-daily': '1'})
    expect(removal.names).to.deep.equal([nameAt(502)])
  })

  it('never removes the only snapshot, nor the newest after idle days', async () => {
    make(nameAt(3000))
    expect((await run({'keep-daily': '7d'})).removal.names).to.deep.equal([])
    make(nameAt(2999))
    expect((await run({'keep-daily': '7d'})).removal.names).to.deep.equal([nameAt(3000)])
    expect(shown()).to.deep.equal([nameAt(2999)])
  })

  it('keeps the newest of each source if sources take turns', async () => {
    mkdirSync(path('other'))
    writeFileSync(path('other', 'o'), '')
    const other = await snapshot({operands: [path('other')]})
    await snapshot()
    writeFileSync(docs('b'), '')
    const newest = await snapshot()
    await run({'keep-last': '1'})
    expect(shown()).to.deep.equal([other, newest].sort())
    // So no snapshot is made just to hold unchanged sources.
    expect((await backUp({operands: [path('other')]})).snapshot).to.equal(null)
  })

  it('finishes the removal of a killed run', async () => {
    make(nameAt(1))
    make(`.trash-${nameAt(9)}`)
    make('.incomplete-20250101_000000')
    const dry = await run({'keep-last': '5'}, {dryRun: true})
    expect(dry.removal.names).to.deep.equal([])
    expect(shown()).to.have.lengthOf(3)
    await run({'keep-last': '5'})
    expect(shown()).to.deep.equal([nameAt(1)])
  })

  it('stops after an interrupt, and continues in the next run (slow)', async () => {
    const names = [1, 2, 3].map((days) => make(nameAt(days)))
    python(store(names[2] ?? ''), 'for n in range(20000): open("f%d" % n, "w")')
    const controller = new AbortController()
    const stop = (): void => {
      controller.abort(new CuraError('terminated', 'stopped'))
    }
    const emit = ({event}: OperationEvent): Promise<void> => {
      if (event === 'progress') stop()
      return Promise.resolve()
    }
    const {signal} = controller
    const slow = run({'keep-last': '1'}, {signal, emit})
    // Even on a fast machine, the interrupt comes before the second removal.
    setImmediate(stop)
    const {exit, warnings} = await slow
    expect(exit).to.equal(143)
    expect(warnings).to.deep.equal(['stopped; the next run finishes it'])
    expect(shown()).to.include.members(names.slice(0, 2)).and.not.include(names[2])
    await run({'keep-last': '1'})
    expect(shown()).to.deep.equal([names[0]])
  })

  it('continues after a snapshot that cannot be removed, and reports it (needs root)', async function () {
    if (!isRoot) this.skip()
    const [newest = '', mounted = '', within = '', last = ''] = [1, 2, 3, 4].map((days) =>
      make(nameAt(days)),
    )
    mkdirSync(path('outside', 'docs'), {recursive: true})
    writeFileSync(path('outside', 'precious'), 'p')
    mkdirSync(store(within, 'docs', 'mnt'))
    const inTrash = store(`.trash-${within}`, 'docs', 'mnt')
    const mounts = [store(mounted), store(within, 'docs', 'mnt'), inTrash]
    // The same filesystem, so that the device number reveals nothing. A mount moves with its directory.
    for (const place of [store(mounted), store(within, 'docs', 'mnt')]) {
      sh('mount', '--bind', path('outside'), place)
    }
    later(() => sh('sh', '-c', 'umount "$@" 2>/dev/null; true', 'sh', ...mounts))
    writeFileSync(path('outside', '.backup_finished'), '')
    const result = await run({'keep-last': '1'})
    expect(result).to.include({exit: 1})
    expect(result.removal.names).to.deep.equal([last])
    const [first = '', second = ''] = result.removal.problems
    expect(first).to.match(
      new RegExp(
        `^${within} could not be removed: .*mnt: something is mounted there.*; it is hidden`,
      ),
    )
    expect(second).to.match(new RegExp(`^${mounted} could not be removed: .*EBUSY`))
    expect(readFileSync(path('outside', 'precious'), 'utf8')).to.equal('p')
    expect(shown()).to.deep.equal([`.trash-${within}`, mounted, newest].sort())
    sh('umount', inTrash, store(mounted))
    await run({'keep-last': '1'})
    expect(shown()).to.deep.equal([newest])
    expect(existsSync(join(path('outside'), 'precious'))).to.be.true
  })

  it('follows no symlink, and changes no file that other snapshots share', async () => {
    writeFileSync(docs('file'), 'content')
    symlinkSync(path('docs'), docs('link'))
    await snapshot()
    writeFileSync(docs('other'), '')
    const second = await snapshot()
    const before = inventory(store(second))
    await run({'keep-last': '1'})
    expect(shown()).to.deep.equal([second])
    expect(inventory(store(second))).to.deep.equal(before)
    expect(readFileSync(docs('file'), 'utf8')).to.equal('content')
  })
})
