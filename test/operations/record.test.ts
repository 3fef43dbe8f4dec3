// The record of each backup in the store: whatever the run came to, and whatever is in the way.
import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {backup, type BackupOptions} from '../../src/operations/backup.js'
import {CuraError} from '../../src/base/errors.js'
import type {OperationEvent} from '../../src/operations/events.js'
import type {BackupResult} from '../../src/operations/backup-result.js'
import {parseRecords, type RunGroup} from '../../src/store/run-records.js'
import {backupOptions} from '../support/backup-options.js'
import {temporaryDirectory} from '../support/temporary.js'

const begin = new Date(2025, 0, 15, 10, 30, 0)

describe('the record of a run', () => {
  const temporary = temporaryDirectory()
  const store = (...names: string[]): string => join(temporary(), 'store', ...names)
  const docs = (...names: string[]): string => join(temporary(), 'docs', ...names)
  const file = (): string => store('.backups_state')
  const groups = (): RunGroup[] => parseRecords(readFileSync(file(), 'utf8'))
  const lastRun = () => groups()[0]?.runs[0]

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    mkdirSync(docs())
    writeFileSync(docs('a.txt'), 'a')
  })

  function run(rest: Partial<BackupOptions> = {}): Promise<BackupResult> {
    const options = {storeDir: store(), operands: [docs()], clock: () => begin, host: 'me', ...rest}
    return backup(backupOptions(options))
  }

  it('says what was made, and that nothing had changed', async () => {
    const {snapshot} = await run()
    expect(lastRun()).to.deep.include({result: 'success', exit: 0, snapshot, errors: 0})
    await run()
    expect(lastRun()).to.deep.include({result: 'unchanged', exit: 0, snapshot: null})
    const [{runs, ...rest} = {runs: []}, ...others] = groups()
    expect(runs).to.have.length(2)
    expect(others).to.deep.equal([])
    const sources = [{name: 'docs', path: docs()}]
    expect(rest).to.deep.include({host_id: 'me', profile: null, sources})
    expect(statSync(file()).mode & 0o777).to.equal(0o600)
    expect(existsSync(store('.backups_state.new'))).to.equal(false)
  })

  it('names the sources that could not be read', async () => {
    await run({operands: [docs(), join(temporary(), 'gone')]})
    expect(lastRun()).to.deep.include({result: 'warning', exit: 3, errors: 1, incomplete: ['gone']})
  })

  it('says why a run failed, also if no source could be opened', async () => {
    await run()
    rmSync(docs('a.txt'))
    await run().catch(() => null)
    expect(lastRun()).to.deep.include({result: 'failure', exit: 1, snapshot: null})
    expect(lastRun()?.message).to.match(/is empty now/)
    rmSync(docs(), {recursive: true})
    await run({force: true}).catch(() => null)
    expect(lastRun()?.message).to.match(/there is no such source/)
  })

  it('has the exit code of a signal', async () => {
    const controller = new AbortController()
    const emit = ({event}: OperationEvent): Promise<void> => {
      if (event === 'change') controller.abort(new CuraError('terminated', 'stopped by SIGTERM'))
      return Promise.resolve()
    }
    const lists = {changes: true, omissions: false}
    await run({signal: controller.signal, emit, lists}).catch(() => null)
    expect(lastRun()).to.deep.include({result: 'failure', exit: 143})
    expect(lastRun()?.message).to.match(/^stopped by SIGTERM; no snapshot was made$/)
  })

  it('is not made of a wrong command line', async () => {
    const error: unknown = await run({operands: [store()]}).catch((reason: unknown) => reason)
    expect(error).to.include({code: 'usage'})
    expect(existsSync(file())).to.equal(false)
  })

  it('is not made by a dry run, nor without the lock', async () => {
    await run({dryRun: true})
    writeFileSync(store('.backups_lock'), `${process.ppid}\n`)
    await run().catch(() => null)
    expect(existsSync(file())).to.equal(false)
  })

  it('is made by rsync as well (needs rsync)', async function () {
    try {
      execFileSync('rsync', ['--version'])
    } catch {
      this.skip()
    }
    await run({external: {rsync: true, hardlink: false}})
    expect(lastRun()).to.deep.include({result: 'success', exit: 0})
  })

  it('replaces what cannot be read, and follows no symlink', async () => {
    const other = join(temporary(), 'other')
    writeFileSync(other, 'kept')
    const spoilings: Array<() => void> = [
      () => { writeFileSync(file(), 'damaged') },
      () => { writeFileSync(file(), ''); truncateSync(file(), 2 ** 40) },
      () => { symlinkSync(other, file()) },
      () => { execFileSync('mkfifo', [file()]) },
      () => { writeFileSync(file(), ''); chmodSync(file(), 0) },
    ] // prettier-ignore
    for (const spoil of spoilings) {
      rmSync(file(), {force: true})
      spoil()
      expect(await run()).to.deep.include({exit: 0, warnings: []})
      expect(groups()[0]?.runs, String(spoil)).to.have.length(1)
    }
    expect(readFileSync(other, 'utf8')).to.equal('kept')
  })

  it('is a warning if it cannot be written, and the run counts all the same', async () => {
    mkdirSync(file())
    const {snapshot, exit, warnings} = await run()
    expect(existsSync(store(snapshot ?? 'none', 'docs', 'a.txt'))).to.equal(true)
    expect(exit).to.equal(0)
    expect(warnings.join()).to.match(/^the record of this run could not be written: .*EISDIR/)
    expect(existsSync(store('.backups_state.new'))).to.equal(false)
  })
})
