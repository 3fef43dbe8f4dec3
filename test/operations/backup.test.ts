// The whole operation on real directories: what it makes, refuses and excludes.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {backup, type BackupOptions} from '../../src/operations/backup.js'
import type {BackupResult} from '../../src/operations/backup-result.js'
import {CuraError} from '../../src/base/errors.js'
import {parseMarker, type Marker} from '../../src/store/marker.js'
import type {Change} from '../../src/native/native.js'
import {defaultPolicy, policyFrom} from '../../src/retention/policy.js'
import {localZone} from '../../src/retention/retention.js'
import {formatSnapshotName} from '../../src/store/snapshot-name.js'
import {status} from '../../src/operations/status.js'
import {isRoot, sh} from '../native/workshop.js'
import {backupOptions, listing} from '../support/backup-options.js'
import {temporaryDirectory} from '../support/temporary.js'
import {storedIn} from '../support/stored.js'

const begin = new Date(2025, 0, 15, 10, 30, 0)
const later = (minutes: number): Date => new Date(begin.getTime() + minutes * 60_000)
const first = formatSnapshotName(begin)

describe('backup', () => {
  const temporary = temporaryDirectory()
  const store = (...names: string[]): string => join(temporary(), 'store', ...names)
  const docs = (...names: string[]): string => join(temporary(), 'docs', ...names)

  /** All names in the store except the record of compared contents. */
  const inStore = (): string[] =>
    storedIn(store())
      .filter((name) => !['.backup_proofs', '.backups_state'].includes(name))
      .sort()

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    mkdirSync(docs('sub'), {recursive: true})
    writeFileSync(docs('a.txt'), 'a')
    writeFileSync(docs('sub', 'b.txt'), 'bb')
    symlinkSync('nowhere', docs('link'))
  })

  function run(at: Date, rest: Partial<BackupOptions> = {}): Promise<BackupResult> {
    return backup(backupOptions({storeDir: store(), operands: [docs()], clock: () => at, ...rest}))
  }

  async function failure(at: Date, rest: Partial<BackupOptions> = {}): Promise<CuraError> {
    const error: unknown = await run(at, rest).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(CuraError)
    return error as CuraError
  }

  const markerOf = (name: string): Marker | null =>
    parseMarker(readFileSync(store(name, '.backup_finished'))).marker

  const inode = (...names: string[]): number => statSync(store(...names)).ino

  it('makes a first snapshot, complete and private', async () => {
    const result = await run(begin, {tags: ['one']})
    expect(result).to.include({snapshot: first, previous: null, differs: true, exit: 0})
    expect(result.totals).to.include({files: 2, symlinks: 1, bytes: 3})
    expect(storedIn(store())).to.deep.equal([first])
    expect(statSync(store(first)).mode & 0o777).to.equal(0o700)
    expect(readFileSync(store(first, 'docs', 'sub', 'b.txt'), 'utf8')).to.equal('bb')
    const marker = markerOf(first)
    expect(marker).to.include({start: begin.toISOString(), previous: null})
    expect(marker?.sources).to.deep.equal([{name: 'docs', path: docs()}])
    expect(marker?.tags).to.deep.equal(['one'])
    expect(marker?.bytes).to.deep.equal({total: 3, added: 3})
  })

  it('makes no snapshot without changes', async () => {
    await run(begin)
    const result = await run(later(1))
    expect(result).to.include({snapshot: null, previous: first, differs: false, exit: 0})
    expect(inStore()).to.deep.equal([first])
  })

  it('links unchanged files, and lists the changes', async () => {
    await run(begin)
    writeFileSync(docs('a.txt'), 'changed')
    renameSync(docs('sub', 'b.txt'), docs('c.txt'))
    const listed: Change[] = []
    const result = await run(
      later(1),
      listing((page) => listed.push(...page)),
    )
    const second = formatSnapshotName(later(1))
    expect(result).to.include({snapshot: second, previous: first, addedBytes: 7})
    expect(result.changes).to.include({changed: 1, renamed: 1, deleted: 0})
    expect(inode(second, 'docs', 'c.txt')).to.equal(inode(first, 'docs', 'sub', 'b.txt'))
    expect(inode(second, 'docs', 'a.txt')).not.to.equal(inode(first, 'docs', 'a.txt'))
    const shown = listed.map(
      ({kind, path, from}) => `${kind} ${String(from ?? '')} ${String(path)}`,
    )
    expect(shown).to.include('changed  docs/a.txt')
    expect(shown).to.include('renamed docs/sub/b.txt docs/c.txt')
    expect(readFileSync(store(first, 'docs', 'a.txt'), 'utf8')).to.equal('a')
  })

  it('changes nothing in a dry run, and reports what a run would do', async () => {
    const listed: Change[] = []
    const hear = listing((page) => listed.push(...page))
    const result = await run(begin, {dryRun: true, ...hear})
    expect(result).to.include({snapshot: null, differs: true, dryRun: true, addedBytes: 3})
    expect(storedIn(store())).to.deep.equal([])
    const real = await run(begin)
    expect(real.changes).to.deep.equal(result.changes)
    expect(listed).to.have.lengthOf(result.changes.new)
  })

  it('names a second snapshot within one second a second later', async () => {
    await run(begin)
    writeFileSync(docs('a.txt'), 'changed')
    const result = await run(begin)
    expect(result.snapshot).to.equal(formatSnapshotName(new Date(begin.getTime() + 1000)))
  })

  it('never links against a snapshot from the future, and reports it', async () => {
    const future = await run(new Date(2050, 0, 1))
    const result = await run(begin)
    expect(result).to.include({snapshot: first, previous: null})
    expect(result.future).to.deep.equal([future.snapshot])
  })

  it('refuses a source that was emptied, unless --allow-empty is given', async () => {
    await run(begin)
    rmSync(docs(), {recursive: true})
    mkdirSync(docs())
    const error = await failure(later(1))
    expect(error).to.include({code: 'failed'})
    expect(error.message).to.match(/is empty now, but had .*--allow-empty/)
    expect(storedIn(store())).to.deep.equal([first])
    const result = await run(later(1), {allowEmpty: true})
    expect(result.changes.deleted).to.be.above(0)
    expect(result.snapshot).not.to.equal(null)
  })

  it('removes the leftovers of a killed run', async () => {
    for (const name of ['.partial-2025-01-01_00-00-00', '.trash-20240101_000000']) {
      mkdirSync(store(name, 'docs'), {recursive: true})
      writeFileSync(store(name, 'docs', 'x'), '')
    }
    mkdirSync(store('.partial-mine'))
    await run(begin, {dryRun: true})
    expect(storedIn(store())).to.have.lengthOf(3)
    await run(begin)
    expect(storedIn(store()).sort()).to.deep.equal(['.partial-mine', first])
  })

  it('leaves nothing behind if it is interrupted', async () => {
    const reason = new CuraError('interrupted', 'stopped')
    const {message} = await failure(begin, {signal: AbortSignal.abort(reason)})
    expect(message).to.equal('stopped; no snapshot was made')
    const controller = new AbortController()
    const hear = listing(() => {
      controller.abort(reason)
    })
    const error = await failure(begin, {signal: controller.signal, ...hear})
    expect(error).to.include({code: 'interrupted', message})
    expect(storedIn(store())).to.deep.equal([])
  })

  it('reports an interrupt after all work was done, by its exit code and a warning', async () => {
    const controller = new AbortController()
    const clock = (): Date => {
      if (existsSync(store(first))) controller.abort(new CuraError('terminated', 'stopped'))
      return begin
    }
    const result = await run(begin, {signal: controller.signal, clock})
    expect(result).to.include({snapshot: first, exit: 143})
    expect(result.warnings).to.deep.equal(['stopped; the next run finishes it'])
    expect(storedIn(store())).to.deep.equal([first])
  })

  // The operands, the failure, and the message.
  const refused: ReadonlyArray<[string, () => string[], string, RegExp]> = [
    ['a missing source', () => [docs('none')], 'failed', /no such source: .*none/],
    ['the store as a source', () => [store()], 'usage', /lies in the store/],
    ['a source in the store', () => [store('sub')], 'usage', /lies in the store/],
    ['a link to the store', () => [docs('to-store/')], 'usage', /lies in the store/],
    ['equal names', () => [docs('sub'), `sub=${docs()}`], 'usage', /two sources/],
  ]
  for (const [what, operands, code, message] of refused) {
    it(`refuses ${what} before it writes anything`, async () => {
      mkdirSync(store('sub'))
      symlinkSync(store(), docs('to-store'))
      const error = await failure(begin, {operands: operands()})
      expect(error).to.include({code})
      expect(error.message).to.match(message)
      expect(storedIn(store())).to.deep.equal(['sub'])
    })
  }

  it('excludes a store inside a source, and reports it', async () => {
    mkdirSync(docs('backups'), {mode: 0o700})
    const result = await run(begin, {storeDir: docs('backups')})
    expect(result.notes.map(({kind, path}) => `${kind} ${String(path)}`)).to.include(
      'store docs/backups',
    )
    expect(existsSync(docs('backups', first, 'docs', 'a.txt'))).to.be.true
    expect(existsSync(docs('backups', first, 'docs', 'backups', first))).to.be.false
    const again = await run(later(1), {storeDir: docs('backups')})
    expect(again.differs, 'its own growth is no change').to.be.false
  })

  it('reports by its exit code that an old snapshot could not be removed (needs root)', async function () {
    if (!isRoot) this.skip()
    const [old, year] = ['2001-01-01_00-00-00', '2024-01-01_00-00-00']
    for (const name of [old, year]) {
      mkdirSync(store(name, 'docs'), {recursive: true})
      writeFileSync(store(name, '.backup_finished'), '')
    }
    sh('mount', '--bind', docs(), store(old, 'docs'))
    const pruning = {policy: policyFrom({'keep-yearly': '5y'}), zone: localZone}
    try {
      const result = await run(begin, {pruning})
      expect(result).to.include({exit: 3, snapshot: first})
      expect(result.pruned?.names).to.deep.equal([])
      expect(result.pruned?.problems.join()).to.match(/2001.*something is mounted there/)
    } finally {
      sh('umount', store(`.trash-${old}`, 'docs'))
    }
    // Although nothing has changed since, this run removes the leftover.
    expect(await run(later(1), {pruning})).to.include({exit: 0, snapshot: null})
    expect(inStore()).to.deep.equal([year, first])
    expect(existsSync(docs('a.txt'))).to.be.true
  })

  it('makes snapshots that status lists', async () => {
    await run(begin)
    mkdirSync(store('.partial-2025-01-01_00-00-00'))
    writeFileSync(store('.backups_lock'), '4194303\n')
    const pruning = {policy: defaultPolicy, zone: localZone}
    const result = status({storeDir: store(), now: later(90), ...pruning})
    expect(result.verdicts.map(({snapshot}) => snapshot.name)).to.deep.equal([first])
    expect(result.lastSnapshot).to.include({name: first, age_ms: 90 * 60_000})
    expect(result.leftovers).to.deep.equal(['.partial-2025-01-01_00-00-00'])
    expect(result.lock).to.include({state: 'stale'})
    expect(result.space.totalBytes).to.be.above(result.space.freeBytes)
    expect(readFileSync(store('.backups_lock'), 'utf8')).to.equal('4194303\n')
  })
})
