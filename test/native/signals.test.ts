// Signals at chosen system calls of the built program: nothing incomplete remains or becomes
// visible.
import {existsSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {inventory} from './inventory.js'
import {runProgram, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {python, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

const tree = `
for n in range(300):
    os.makedirs('d%d/s%d' % (n % 30, n % 2), exist_ok=True)
    open('d%d/s%d/f%d' % (n % 30, n % 2, n), 'w').write(str(n) * 100)
os.link('d1/s1/f1', 'twin')
`

/**
 * A system call, and how many calls of it per thread come first. Each thread that gets there sends
 * one signal.
 */
type Moment = readonly [call: string, when: number]

const moments: readonly Moment[] = [
  ['getdents64', 3],
  ['statx', 40],
  ['mkdirat', 1],
  ['mkdirat', 12],
  ['fchmod', 3],
  ['write', 30],
  ['linkat', 1],
  ['linkat', 20],
  ['syncfs', 1],
  ['renameat2', 1],
  ['fsync', 1],
]

describe('signals', () => {
  const {docs, store, path, newest} = workshop()
  const run = (): Run => runProgram(['-b', store(), docs()])
  const runUnder = (signal: string, [call, when]: Moment): Run => {
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=${signal}:when=${when}`]
    const under = ['strace', '-f', '-qq', '-o', path('trace'), ...inject]
    return runProgram(['-b', store(), docs()], {under, timeout_ms: 20_000})
  }
  const hidden = (): string[] =>
    storedIn(store()).filter(
      (name) => name.startsWith('.') && !['.backup_proofs', '.backups_state'].includes(name),
    )
  const shown = (): string[] => storedIn(store()).filter((name) => !name.startsWith('.'))

  // Each moment is tested with one signal only, because the cleanup is the same.
  const plans = [
    ['SIGINT', 130, moments],
    ['SIGTERM', 143, moments.filter(([call]) => /mkdirat|linkat|syncfs/.test(call))],
  ] as const
  for (const [signal, exit, chosen] of plans) {
    it(`${signal} at any moment leaves nothing incomplete, and releases the lock (slow)`, () => {
      let stopped = 0
      python(docs(), tree)
      for (const [i, moment] of chosen.entries()) {
        const before = shown().map((name) => inventory(store(name)))
        writeFileSync(docs('edit'), String(i))
        const names = shown()
        const at = moment.join(' ')
        const {exit: ended, signal: fatal, err} = runUnder(signal, moment)
        // Before the program installs its handlers, the signal has its default effect.
        if (fatal !== null) expect(fatal, at).to.equal(signal)
        else expect([0, exit], `${at}: ${err}`).to.include(ended)
        expect(hidden(), at).to.deep.equal([])
        expect(
          names.map((name) => inventory(store(name))),
          at,
        ).to.deep.equal(before)
        if (ended === exit) ++stopped
        for (const name of shown().filter((made) => !names.includes(made))) {
          expectSame(docs(), store(name, 'docs'))
        }
      }
      expect(stopped, 'moments at which it was stopped').to.be.above(3)
      expect(run()).to.include({exit: 0, err: ''})
      expectSame(docs(), store(newest(), 'docs'))
    })
  }

  it('SIGKILL at any moment leaves no incomplete snapshot, and the next run cleans up (slow)', () => {
    let leftovers = 0
    python(docs(), tree)
    for (const [i, moment] of moments.slice(3).entries()) {
      const names = shown()
      const before = names.map((name) => inventory(store(name)))
      writeFileSync(docs('edit'), String(i))
      const at = moment.join(' ')
      runUnder('SIGKILL', moment)
      if (hidden().some((name) => name.startsWith('.partial-'))) ++leftovers
      for (const name of shown().filter((made) => !names.includes(made))) {
        expect(existsSync(store(name, '.backup_finished')), at).to.be.true
        expectSame(docs(), store(name, 'docs'))
      }
      expect(
        names.map((name) => inventory(store(name))),
        at,
      ).to.deep.equal(before)
      expect(run(), at).to.include({exit: 0, err: ''})
      expect(hidden(), at).to.deep.equal([])
    }
    expect(leftovers, 'partials that were there to be removed').to.be.above(3)
    expectSame(docs(), store(newest(), 'docs'))
  })
})
