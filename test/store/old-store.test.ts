// A store exactly as the Python tool of the same name left it, and how this tool continues it.
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {atTime, hasFaketime} from '../support/clock.js'
import {inodes, inventories, inventory, type Item} from '../native/inventory.js'
import {asNobody, nobody, runProgram} from '../native/programs.js'
import {expectSame} from '../native/snapshots.js'
import {isRoot, sh, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const [first, second, crashed] = ['20250101_000000', '20250102_000000', '20250102_120000']
const staging = '.incomplete-20250101_000000'
const deadPid = '4194303'

interface StatusJson {
  readonly snapshots: ReadonlyArray<Record<string, unknown>>
  readonly leftovers: readonly string[]
  readonly lock: Record<string, unknown> | null
  readonly last_success: {readonly name: string}
}

interface BackupJson {
  readonly made: boolean
  readonly snapshot: string
  readonly previous: string
  readonly rebuilt: string | null
  readonly counts: {readonly changes: Readonly<Record<string, number>>}
}

const users = [
  ['as root (needs root)', []],
  ['as an ordinary user', isRoot ? asNobody : []],
] as const

for (const [user, under] of users) {
  describe(`a store of the Python tool, ${user}`, () => {
    const {docs, store, path} = workshop()

    before(function () {
      if (!hasFaketime || (user.includes('needs root') && !isRoot)) this.skip()
    })

    function finish(name: string): void {
      writeFileSync(store(name, `.backup_finished_${name}`), '')
      for (const made of [store(name), store(name, '.backup_delta')]) {
        if (existsSync(made)) chmodSync(made, 0o755)
      }
    }

    /** Two finished runs, two interrupted ones, and the lock of another. */
    beforeEach(() => {
      chmodSync(store(), 0o755)
      mkdirSync(docs('dir'))
      for (const name of ['same', 'edited', 'moved', 'mode', 'dir/deep']) {
        writeFileSync(docs(name), `${name} `.repeat(100))
      }
      symlinkSync('dir/deep', docs('link'))
      mkdirSync(store(first))
      sh('cp', '-a', docs(), store(first, 'docs'))
      finish(first)

      writeFileSync(docs('edited'), 'edited once')
      mkdirSync(store(second, '.backup_delta', 'docs'), {recursive: true})
      sh('cp', '-al', store(first, 'docs'), store(second, 'docs'))
      rmSync(store(second, 'docs', 'edited'))
      sh('cp', '-a', docs('edited'), store(second, 'docs', 'edited'))
      sh('touch', '-r', docs(), store(second, 'docs'))
      linkSync(store(second, 'docs', 'edited'), store(second, '.backup_delta', 'docs', 'edited'))
      finish(second)

      mkdirSync(store(crashed, 'docs'), {recursive: true})
      writeFileSync(store(crashed, 'docs', 'same'), 'half of it')
      mkdirSync(store(staging, 'docs'), {recursive: true})
      writeFileSync(store(staging, 'docs', 'same'), 'half of it')
      writeFileSync(store('.backups_lock'), deadPid)
      if (under.length > 0) {
        chmodSync(path(), 0o755)
        sh('chown', '-hR', `${nobody}:${nobody}`, store(), docs())
      }
    })

    function run(clock: string, ...argv: string[]): {exit: number | null; out: string} {
      const {exit, out, err} = runProgram(argv, {under: [...under, ...atTime(clock)]})
      expect(err).to.equal('')
      return {exit, out}
    }

    function json(clock: string, ...argv: string[]): unknown {
      const {exit, out} = run(clock, ...argv, '--json')
      expect(exit, out).to.equal(0)
      return JSON.parse(out)
    }

    const backUp = (clock: string): BackupJson =>
      json(clock, '-b', store(), docs(), '--no-prune') as BackupJson
    const olds = (): Item[][] => inventories(...[first, second, crashed].map((name) => store(name)))
    const shown = (): string[] =>
      storedIn(store())
        .filter((name) => !['.backup_proofs', '.backups_state'].includes(name))
        .sort()

    it('is shown by status, with its unfinished snapshots', () => {
      const clock = '2025-01-02 18:00:00'
      const status = json(clock, 'status', '-b', store()) as StatusJson
      const picture = status.snapshots.map((one) => [one.name, one.form, one.finished, one.keep])
      expect(picture).to.deep.equal([
        [crashed, 'old', false, true],
        [second, 'old', true, true],
        [first, 'old', true, true],
      ])
      expect(status.last_success.name).to.equal(second)
      expect(status.leftovers).to.deep.equal([staging])
      expect(status.lock).to.include({state: 'stale', pid: Number(deadPid)})
      const {out} = run(clock, 'status', '-b', store())
      expect(out)
        .to.match(/^Left by an interrupted run: \.incomplete-20250101_000000\.$/m)
        .and.match(/^A lock without an owner was left behind/m)
        .and.match(/^20250102_120000 .* unfinished *$/m)
        .and.match(/^20250102_000000 .* newest, last 10, all 7d, daily 30d/m)
    })

    it('is linked against and left unchanged, after its lock is taken over', () => {
      const before = olds()
      const made = backUp('2025-01-02 18:00:00')
      expect(made).to.include({made: false, previous: second})
      expect(made.rebuilt, 'there is no manifest').not.to.equal(null)
      writeFileSync(docs('edited'), 'edited twice')
      renameSync(docs('moved'), docs('dir', 'moved'))
      chmodSync(docs('mode'), 0o600)
      writeFileSync(docs('new'), 'new')
      if (under.length > 0) sh('chown', `${nobody}:${nobody}`, docs('new'))
      const result = backUp('2025-01-02 19:00:00')
      const name = '2025-01-02_19-00-00'
      expect(result).to.include({made: true, previous: second, snapshot: name})
      expect(result.rebuilt, 'the comparison is recorded').to.equal(null)
      // The mode, and two directories with changed entries.
      expect(result.counts.changes).to.include({new: 1, changed: 1, metadata: 3, renamed: 1})
      expectSame(docs(), store(name, 'docs'))
      expect(olds()).to.deep.equal(before)
      expect(shown()).to.deep.equal([name, first, second, crashed].sort())

      const [older, newer] = inventories(store(second, 'docs'), store(name, 'docs')).map(inodes)
      for (const same of ['same', 'dir/deep', 'link']) {
        expect(newer?.get(same), same).to.equal(older?.get(same)).and.not.to.be.undefined
      }
      for (const other of ['edited', 'mode']) {
        expect(newer?.get(other), other).not.to.equal(older?.get(other))
      }
      const delta = inventory(store(name, '.backup_delta')).map((item) => item.path)
      expect(delta).to.include.members(['docs/edited', 'docs/mode', 'docs/new', 'docs/dir/moved'])
      expect(delta).not.to.include.members(['docs/same'])
      expect(readdirSync(store(name)).sort()).to.deep.equal([
        '.backup_delta',
        '.backup_finished',
        '.backup_manifest',
        'docs',
      ])
      expect(backUp('2025-01-02 20:00:00')).to.include({made: false, previous: name})
      // From now on the manifest reveals renames.
      renameSync(docs('dir', 'moved'), docs('moved'))
      const last = backUp('2025-01-02 21:00:00')
      expect(last.counts.changes).to.include({renamed: 1, new: 0, deleted: 0})
      expect(statSync(store(last.snapshot, 'docs', 'moved')).ino).to.equal(
        statSync(store(name, 'docs', 'dir', 'moved')).ino,
      )
    })

    it('is pruned by the same rules as newer snapshots (slow)', () => {
      const edit = (text: string): void => {
        writeFileSync(docs('edited'), text)
      }
      edit('that evening')
      backUp('2025-01-02 18:00:00')
      edit('two days later')
      backUp('2025-01-04 09:00:00')
      const newest = inventory(store('2025-01-04_09-00-00'))
      const kept = olds()
      const prune = (...argv: string[]): void =>
        void json('2025-01-05 12:00:00', 'prune', '-b', store(), ...argv)
      prune('--keep-daily', '30d')
      // The first of each day, by either tool.
      expect(shown()).to.deep.equal(['2025-01-04_09-00-00', first, second, crashed])
      expect(olds()).to.deep.equal(kept)
      prune('--keep-last', '1')
      expect(shown()).to.deep.equal(['2025-01-04_09-00-00', crashed])
      expect(inventory(store('2025-01-04_09-00-00'))).to.deep.equal(newest)
    })
  })
}
