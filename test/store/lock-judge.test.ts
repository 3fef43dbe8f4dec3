// Judges a lock that was found: every case, as a table.
import {expect} from 'chai'
import fc from 'fast-check'
import {judgeLock, parseLock, type LockFacts} from '../../src/store/lock-judge.js'
import type {LockFound} from '../../src/native/native.js'

const since = '2025-01-15T10:30:00.000Z'
const facts: LockFacts = {
  host: 'nas',
  boot: 'boot-2',
  self: 50,
  processStart: (pid) => ({40: 'start-40', 50: 'start-50'})[pid] ?? null,
}

const lock = (pid: number, host: string, boot: string, start: string): string =>
  `${pid}\n${JSON.stringify({host, boot, start, since})}\n`

const mine = lock(40, 'nas', 'boot-2', 'start-40')
const dead = lock(41, 'nas', 'boot-2', 'start-41')
const reused = lock(40, 'nas', 'boot-2', 'start-39')
const before = lock(40, 'nas', 'boot-1', 'start-40')
const elsewhere = lock(40, 'web', 'boot-2', 'start-40')
const inContainer = lock(7, '585564ef63dc', 'boot-2', 'start-7')

// Process 40 runs, 41 does not, 50 is this process. The verdicts if the flock is held, unknown, free on
// a network filesystem, free on a local one; '!' if the owner may be signalled.
const table: ReadonlyArray<[string, string, string]> = [
  ['a living owner', mine, 'held! held! held! held!'],
  ['a dead owner', dead, 'held held stale stale'],
  ['a reused process number', reused, 'held held stale stale'],
  [
    'our own number, of an earlier process',
    lock(50, 'nas', 'boot-2', 'start-49'),
    'held held stale stale',
  ],
  ['our own process', lock(50, 'nas', 'boot-2', 'start-50'), 'held held held stale'],
  ['an earlier boot', before, 'held held stale stale'],
  ['another host', elsewhere, 'held held held stale'],
  ['another container', inContainer, 'held held held stale'],
  ['the Python tool, alive', '40', 'held held held held'],
  ['the Python tool, alive, with a newline', '40\n', 'held held held held'],
  ['the Python tool, dead', '41', 'held held stale stale'],
  ['the Python tool, with our number', '50\n', 'held held stale stale'],
  ['nothing in it', '', 'held held stale stale'],
  ['garbage', '\u0000\u0001garbage', 'held held stale stale'],
  ['a negative number', '-1\n', 'held held stale stale'],
  ['process zero', '0\n', 'held held stale stale'],
  ['a number beyond all processes', '99999999999\n', 'held held stale stale'],
  ['cut short while written', '40\n{"host":"na', 'held held stale stale'],
  ['JSON of another shape', '40\n[]\n', 'held held stale stale'],
  ['JSON null', '40\nnull\n', 'held held stale stale'],
  ['fields of other types', '40\n{"host":1,"boot":{},"start":[]}\n', 'held held stale stale'],
]

const found = (text: string, flock: LockFound['flock'], isLocal = false): LockFound => ({
  text,
  flock,
  isLocal,
})

/** 'held', 'stale', or 'held!' if the owner may be signalled. */
function verdictOf(lockFound: LockFound): string {
  const verdict = judgeLock(lockFound, facts)
  const certain = verdict.state === 'held' && verdict.certain
  return `${verdict.state}${certain ? '!' : ''}`
}

describe('lock-judge', () => {
  for (const [what, text, expected] of table) {
    it(`judges ${what}: ${expected}`, () => {
      const verdicts = [
        found(text, 'held', true),
        found(text, 'unknown'),
        found(text, 'free'),
        found(text, 'free', true),
      ].map(verdictOf)
      expect(verdicts.join(' ')).to.equal(expected)
      expect(verdictOf(found(text, 'held')), 'wherever').to.equal(verdicts[0])
    })
  }

  it('gives advice if it cannot tell whether the owner runs', () => {
    for (const lockFound of [
      found(elsewhere, 'free'),
      found('', 'unknown'),
      found(dead, 'unknown'),
    ]) {
      expect(judgeLock(lockFound, facts))
        .to.have.property('hint')
        .that.matches(/remove \.backups_lock/)
    }
  })

  it('reads the owner', () => {
    expect(parseLock(lock(40, 'nas', 'boot-2', 'start-40'))).to.deep.equal({
      pid: 40,
      host: 'nas',
      boot: 'boot-2',
      start: 'start-40',
      since,
    })
  })

  it('never breaks a lock that may be held, and never signals an unproven owner', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json().map((json) => `40\n${json}\n`),
    )
    fc.assert(
      fc.property(text, fc.constantFrom('held', 'free', 'unknown'), (content, flock) => {
        const verdict = judgeLock(found(content, flock), facts)
        if (flock !== 'free') expect(verdict.state).to.equal('held')
        if (verdict.state === 'held') expect(verdict.certain).to.be.false
      }),
      {numRuns: 1000},
    )
  })
})
