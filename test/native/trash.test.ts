// Removal that is interrupted, that fails, or that runs on a full disk.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {makeByHand} from '../support/handmade.js'
import {inventories, inventory, type Item} from './inventory.js'
import {asNobody, nobody, runProgram, startProgram, until, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

const tree = `
for n in range(120):
    os.makedirs('d%d/s%d' % (n % 12, n % 2), exist_ok=True)
    open('d%d/s%d/f%d' % (n % 12, n % 2, n), 'w').write(str(n) * 100)
os.link('d1/s1/f1', 'twin')
os.symlink('twin', 'link')
`

/** A system call, and the number of that call in a thread. */
type Moment = readonly [call: string, when: number]

const text = ([call, when]: Moment): string => `${call} ${when}`

/** Runs a program under strace, which injects `what` at that call: signal=SIGKILL, error=EIO. */
const injecting = (trace: string, what: string, [call, when]: Moment): string[] => [
  'strace',
  ...['-f', '-qq', '-o', trace, '-e', `trace=${call}`],
  ...['-e', `inject=${call}:${what}:when=${when}`],
]

const isHidden = (name: string): boolean => name.startsWith('.')

describe('removal', () => {
  const {docs, store, path, snapshot, later} = workshop()

  describe('interrupted', () => {
    const hidden = (): string[] =>
      storedIn(store()).filter((name) => isHidden(name) && name !== '.backup_proofs')
    const shown = (): string[] =>
      storedIn(store())
        .filter((name) => !isHidden(name))
        .sort()
    const keepLast = (...argv: string[]): string[] => [...argv, '-b', store(), '--keep-last', '1']
    const command = {prune: () => keepLast('prune'), backup: () => keepLast('backup', docs())}

    /** Each snapshot as it was when complete. */
    let whole: Map<string, Item[]>
    let newest = ''

    /** Makes three snapshots, two of which will be removed, and saves the initial store. */
    beforeEach(async () => {
      python(docs(), tree)
      await snapshot()
      sh('sh', '-c', `cd ${docs()}; chmod 600 twin; rm -r d2; echo other > d3/s1/f3`)
      await snapshot()
      sh('sh', '-c', `cd ${docs()}; mv d4 D4; echo another > d5/s1/f5`)
      newest = await snapshot()
      sh('cp', '-a', store(), path('first'))
    })

    const look = (): Map<string, Item[]> => {
      const names = shown()
      const found = inventories(...names.map((name) => store(name)))
      return new Map(names.map((name, at) => [name, found[at] ?? []]))
    }

    function renew(): void {
      rmSync(store(), {recursive: true})
      sh('cp', '-a', path('first'), store())
      whole = look()
    }

    /**
     * Expects only complete snapshots to be visible, the newest among them, and the next run to
     * finish.
     */
    function expectWholeAndFinish(next: keyof typeof command, at: string): void {
      const found = look()
      expect([...found.keys()], at).to.include(newest)
      for (const [name, items] of found) {
        if (!whole.has(name)) expectSame(docs(), store(name, 'docs'))
        else expect(items, `${name} after ${at}`).to.deep.equal(whole.get(name))
      }
      const {exit, err} = runProgram(command[next]())
      expect({exit, err}, at).to.deep.equal({exit: 0, err: ''})
      expect(hidden(), at).to.deep.equal([])
      const last = [...found].slice(-1)
      expect([...look()], at).to.deep.equal(last)
    }

    const run = (what: string, moment: Moment, which: keyof typeof command): Run =>
      runProgram(command[which](), {under: injecting(path('trace'), what, moment)})

    const kills: readonly Moment[] = [
      ['renameat2', 1],
      ['renameat2', 2],
      ['fsync', 1],
      ['unlinkat', 1],
      ['unlinkat', 3],
      ['unlinkat', 10],
      ['unlinkat', 25],
    ]
    it('by SIGKILL shows no partial snapshot, and the next prune or backup finishes (slow)', () => {
      let [killed, leftovers] = [0, 0]
      for (const [at, moment] of kills.entries()) {
        renew()
        // With many threads, none may reach the later calls.
        if (run('signal=SIGKILL', moment, 'prune').signal === 'SIGKILL') ++killed
        if (hidden().some((name) => name.startsWith('.trash-'))) ++leftovers
        expectWholeAndFinish(at % 2 === 0 ? 'prune' : 'backup', text(moment))
      }
      expect(killed).to.be.above(4)
      expect(leftovers, 'removals that were there to be finished').to.be.above(2)
    })

    it('by SIGKILL during a backup, leaves the new snapshot published (slow)', () => {
      // The first rename publishes it.
      for (const moment of [
        ['renameat2', 2],
        ['unlinkat', 5],
      ] as const) {
        renew()
        writeFileSync(docs('new'), text(moment))
        expect(run('signal=SIGKILL', moment, 'backup').signal).to.equal('SIGKILL')
        expect(shown().at(-1)).not.to.equal(newest)
        expectWholeAndFinish('backup', text(moment))
      }
    })

    it('by SIGTERM ends with 143 and releases the lock', () => {
      for (const moment of [
        ['renameat2', 1],
        ['unlinkat', 3],
      ] as const) {
        renew()
        const {exit, err} = run('signal=SIGTERM', moment, 'prune')
        expect(exit, `${text(moment)}: ${err}`).to.equal(143)
        expect(err).to.match(/^stopped by SIGTERM; the next run finishes it$/m)
        expect(hidden(), text(moment)).not.to.include('.backups_lock')
        expectWholeAndFinish('prune', text(moment))
      }
    })

    // The injected event, the call, and the message on stderr.
    const failures: ReadonlyArray<[string, Moment, RegExp]> = [
      ['error=EIO', ['unlinkat', 1], /could not be removed: unlinkat .*EIO/],
      ['error=EIO', ['unlinkat', 8], /could not be removed: unlinkat .*EIO/],
      ['error=ENOSPC', ['renameat2', 1], /could not be removed: renameat2 .*ENOSPC/],
      ['error=EIO', ['fsync', 1], /could not be removed: fsync .*EIO/],
    ]
    it('by an error continues with the other snapshots, ends with 1, and the next run finishes (slow)', () => {
      for (const [what, moment, message] of failures) {
        renew()
        const {exit, err} = run(what, moment, 'prune')
        expect(exit, text(moment)).to.equal(1)
        expect(err, text(moment)).to.match(message)
        expectWholeAndFinish('prune', text(moment))
      }
    })
  })

  describe('on a full disk (needs root)', () => {
    /** Uses up all space and then all inodes, with at most `files` files. */
    const fill = (files: number): string => `
os.mkdir('filling')
def use(size):
    with open('filling/bytes', 'ab', 0) as f:
        try:
            while True: f.write(b'x' * size)
        except OSError: pass
for size in [4 << 20, 65536, 4096, 512]: use(size)
try:
    for n in range(${files}): open('filling/f%d' % n, 'x')
except OSError: pass
`
    const fillInodes = `
os.mkdir('filling')
try:
    for n in range(100000): open('filling/f%d' % n, 'x')
except OSError: pass
`
    const makeImage =
      (size: string, make: string, ...flags: string[]) =>
      (at: string) => {
        const image = path('image')
        sh('truncate', '-s', size, image)
        sh(make, ...flags, image)
        sh('mount', '-o', 'loop', image, at)
      }
    const mountTmpfs = (at: string): void =>
      void sh('mount', '-t', 'tmpfs', '-o', 'size=4m', 'none', at)

    /** The disk, how to mount it, how to fill it, and whether its lock must be a hardlink of a marker. */
    const disks: ReadonlyArray<[string, (at: string) => void, string, boolean]> = [
      ['ext4', makeImage('16M', 'mkfs.ext4', '-q', '-F', '-m', '0'), fill(50), false],
      [
        'ext4 without inodes',
        makeImage('16M', 'mkfs.ext4', '-q', '-F', '-m', '0', '-N', '64'),
        fillInodes,
        true,
      ],
      ['xfs', makeImage('320M', 'mkfs.xfs', '-q', '-f'), fill(100_000), false],
      ['tmpfs', mountTmpfs, fill(50), false],
    ]
    const names = ['20250101_030000', '2025-01-02_03-00-00', '2025-01-03_03-00-00']
    const [first = '', , last = ''] = names

    /**
     * Makes three snapshots that share a file, on a disk that is then full. Returns the path of the
     * store.
     */
    function fullStore(mount: (at: string) => void, use: string): string {
      const at = path('mounted')
      mkdirSync(at)
      mount(at)
      later(() => sh('umount', at))
      chmodSync(path(), 0o755)
      const full = path('mounted', 'store')
      mkdirSync(full)
      for (const name of names) {
        makeByHand(full, name === last ? `${name} @2025-01-03T03:00:00Z` : name)
        writeFileSync(`${full}/${name}/docs/own`, name.repeat(300))
        if (name !== first) sh('ln', `${full}/${first}/docs/a.txt`, `${full}/${name}/docs/shared`)
      }
      chmodSync(full, 0o700)
      python(at, use)
      const more = path('mounted', 'more')
      expect(() => {
        writeFileSync(more, 'x')
      }, 'the control').to.throw('ENOSPC')
      rmSync(more, {force: true})
      return full
    }

    for (const [disk, mount, use] of disks) {
      for (const user of ['root', 'nobody']) {
        it(`prunes on ${disk} as ${user}`, function () {
          if (!isRoot) this.skip()
          const full = fullStore(mount, use)
          if (user === 'nobody') sh('chown', '-R', `${nobody}:${nobody}`, full)
          const before = inventory(`${full}/${last}`)
          const under = user === 'nobody' ? asNobody : []
          const argv = ['prune', '-b', full, '--keep-last', '1']
          const {exit, out, err} = runProgram(argv, {under})
          expect({exit, err}, out).to.deep.equal({exit: 0, err: ''})
          expect(readdirSync(full)).to.deep.equal([last])
          expect(inventory(`${full}/${last}`)).to.deep.equal(before)
        })
      }
    }

    for (const [disk, mount, use, borrows] of disks.slice(0, 2)) {
      const how = borrows
        ? 'as a hardlink of a marker that stays unchanged'
        : 'in a file of its own'
      it(`holds a lock on ${disk}, ${how}`, async function () {
        if (!isRoot) this.skip()
        const full = fullStore(mount, use)
        const before = inventory(`${full}/${last}`)
        const argv = ['prune', '-b', full, '--keep-last', '1']
        const slow = injecting(path('trace'), 'delay_enter=3000000', ['renameat2', 1])
        const running = startProgram(argv, {under: slow})
        const lock = `${full}/.backups_lock`
        await until(() => existsSync(lock))
        const {nlink} = statSync(lock)
        expect(nlink, disk).to.equal(borrows ? 2 : 1)
        const other = runProgram(argv)
        expect(other, disk).to.include({exit: 11, out: ''})
        expect(other.err).to.match(
          /Another (run holds the lock of the store|prune has been running)/,
        )
        expect(await running.ended, disk).to.include({exit: 0})
        expect(readdirSync(full)).to.deep.equal([last])
        expect(inventory(`${full}/${last}`)).to.deep.equal(before)
      })
    }
  })
})
