// A full store: only snapshots that no rule keeps are removed to make room.
import {existsSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import type {BackupOptions} from '../../src/operations/backup.js'
import type {BackupResult} from '../../src/operations/backup-result.js'
import {CuraError} from '../../src/base/errors.js'
import {policyFrom} from '../../src/retention/policy.js'
import {localZone} from '../../src/retention/retention.js'
import {runProgram} from '../native/programs.js'
import {isRoot, sh, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const zone = localZone
const daily = {policy: policyFrom({'keep-all': '7d'}), zone}
const month = (number: number, day: number): Date => new Date(2025, number - 1, day, 12)

describe('a store without room (needs root)', () => {
  const {docs, store, path, backUp, later} = workshop()

  beforeEach(function () {
    if (!isRoot) this.skip()
    sh('mount', '-t', 'tmpfs', '-o', 'size=3700k,mode=700', 'none', store())
    later(() => sh('umount', store()))
  })

  const fill = (file: string, size: number, letter: string): void => {
    writeFileSync(file, letter.repeat(size))
  }
  const shown = (): string[] => storedIn(store()).sort()

  /** Backs up a new file of 1 MB for that day; returns the snapshot's name. */
  async function day(at: Date, rest: Partial<BackupOptions> = {}): Promise<BackupResult> {
    fill(docs('db'), 1_000_000, String(at.getTime() % 7))
    writeFileSync(docs('day'), String(at))
    return backUp({clock: () => at, pruning: null, ...rest})
  }

  /** Three snapshots of January; there is no room for a fourth. */
  async function january(): Promise<string[]> {
    for (const at of [1, 2, 3]) await day(month(1, at))
    return shown()
  }

  async function failure(made: Promise<unknown>): Promise<CuraError> {
    const error: unknown = await made.catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(CuraError).with.property('code', 'noSpace')
    return error as CuraError
  }

  it('removes expired snapshots first, but keeps the newest of the source', async () => {
    const [first, second, third] = await january()
    const dry = await day(month(3, 1), {pruning: daily, dryRun: true})
    expect(dry).to.include({exit: 0, shortage: null})
    expect(shown()).to.deep.equal([first, second, third])
    const result = await day(month(3, 1), {pruning: daily})
    expect(result).to.include({exit: 0})
    expect(result.madeRoom).to.deep.equal([first, second])
    expect(result.pruned?.names).to.deep.equal([first, second, third])
    expect(shown()).to.deep.equal([result.snapshot])
  })

  it('removes expired snapshots of a source given as a symlink', async () => {
    const [first, second] = await january()
    mkdirSync(path('alias'))
    symlinkSync(docs(), path('alias', 'docs'))
    const result = await day(month(3, 1), {pruning: daily, operands: [path('alias', 'docs')]})
    expect(result.madeRoom).to.deep.equal([first, second])
  })

  it('removes nothing with --no-prune, and reports what prune would free', async () => {
    const names = await january()
    const {message} = await failure(day(month(3, 1), {pruning: {...daily, tellsOnly: true}}))
    expect(message).to.match(
      /no snapshot was made\. .*prune" would remove 2 snapshots and free 2\.\d MB$/,
    )
    expect(shown()).to.deep.equal(names)
  })

  it('removes nothing if that would not be enough', async () => {
    const names = await january()
    fill(docs('more'), 5_000_000, 'm')
    const {message} = await failure(day(month(3, 1), {pruning: daily}))
    expect(message).to.include('remove 2 snapshots')
    expect(shown()).to.deep.equal(names)
  })

  it('gives advice if no snapshot may be removed', async () => {
    const first = await failure(day(month(1, 1), {pruning: daily, operands: [docs(), '/usr/bin']}))
    expect(first.message).to.match(/no snapshot was made\. Free some space, or exclude something$/)
    const names = await january()
    const {message} = await failure(day(month(1, 4), {pruning: daily}))
    expect(message).to.match(
      /no snapshot was made\. No snapshot may be removed .*free some space.*or keep fewer \(--keep-last/,
    )
    expect(shown()).to.deep.equal(names)
  })

  it('keeps snapshots that also hold other sources', async () => {
    mkdirSync(path('other'))
    writeFileSync(path('other', 'o'), 'o')
    for (const at of [1, 2, 3]) await day(month(1, at), {operands: [docs(), path('other')]})
    const names = shown()
    const {message} = await failure(day(month(3, 1), {pruning: daily}))
    expect(message).to.include('remove 2 snapshots')
    expect(shown()).to.deep.equal(names)
    // The control: a run of both sources may remove them.
    const both = await day(month(3, 1), {operands: [docs(), path('other')], pruning: daily})
    expect(both.madeRoom).to.deep.equal(names.slice(0, 2))
  })

  it('removes expired snapshots if the store turns out to be full during the copy (needs strace)', async function () {
    if (!existsSync('/usr/bin/strace')) this.skip()
    const [first, second, third] = await january()
    fill(docs('db'), 10, 's')
    const inject = ['-e', 'trace=mkdirat', '-e', 'inject=mkdirat:error=ENOSPC:when=1']
    // The first directory made in the store is the work directory. strace counts per thread.
    const under = ['env', 'UV_THREADPOOL_SIZE=1', 'strace', '-f', '-o', path('trace')]
    const {exit, out, err} = runProgram(['backup', '-b', store(), '--keep-all', '7d', docs()], {
      under: [...under, '-P', store(), ...inject],
    })
    expect(err).to.equal('')
    expect(exit).to.equal(0)
    expect(out).to.include(
      `these were removed before the backup: ${String(first)}, ${String(second)}.`,
    )
    expect(shown()).to.have.length(1).and.not.to.include(third)
  })
})
