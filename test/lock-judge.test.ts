// Whose lock it is: every case of a lock found, as a table.
import {expect} from 'chai'
import fc from 'fast-check'
import {judgeLock, parseLock, type LockFacts} from '../src/lock-judge.js'

const since = '2025-01-15T10:30:00.000Z'
const facts: LockFacts = {
  host: 'nas',
  boot: 'boot-2',
  self: 50,
  processStart: (pid) => ({40: 'start-40', 50: 'start-50'})[pid] ?? null,
}

const lock = (pid: number, host: string, boot: string, start: string): string =>
  `${pid}\n${JSON.stringify({host, boot, start, since})}\n`

// 40 is alive, 41 is not, 50 is ourselves. The verdict, and '!' where the owner may be signalled.
const table: ReadonlyArray<[string, string, boolean, string]> = [
  ['a living owner', lock(40, 'nas', 'boot-2', 'start-40'), true, 'held!'],
  ['a living owner, flock unknown', lock(40, 'nas', 'boot-2', 'start-40'), false, 'held!'],
  ['a dead owner', lock(41, 'nas', 'boot-2', 'start-41'), false, 'stale'],
  ['a number that is used again', lock(40, 'nas', 'boot-2', 'start-39'), false, 'stale'],
  ['a number that is used again, flocked', lock(40, 'nas', 'boot-2', 'start-39'), true, 'held'],
  ['our own number, from before', lock(50, 'nas', 'boot-2', 'start-49'), false, 'stale'],
  ['our own process', lock(50, 'nas', 'boot-2', 'start-50'), true, 'held'],
  ['an earlier boot', lock(40, 'nas', 'boot-1', 'start-40'), false, 'stale'],
  ['an earlier boot, flocked', lock(40, 'nas', 'boot-1', 'start-40'), true, 'held'],
  ['another host', lock(40, 'web', 'boot-2', 'start-40'), false, 'held'],
  ['another host, flocked', lock(40, 'web', 'boot-2', 'start-40'), true, 'held'],
  ['the Python tool, alive', '40', false, 'held'],
  ['the Python tool, alive, with a newline', '40\n', false, 'held'],
  ['the Python tool, dead', '41', false, 'stale'],
  ['the Python tool, with our number', '50\n', false, 'stale'],
  ['nothing in it', '', false, 'stale'],
  ['nothing in it yet', '', true, 'held'],
  ['garbage', '\u0000\u0001garbage', false, 'stale'],
  ['garbage, flocked', 'garbage', true, 'held'],
  ['a negative number', '-1\n', false, 'stale'],
  ['process zero', '0\n', false, 'stale'],
  ['a number beyond all processes', '99999999999\n', false, 'stale'],
  ['cut short while written', '40\n{"host":"na', false, 'stale'],
  ['JSON of another shape', '40\n[]\n', false, 'stale'],
  ['JSON null', '40\nnull\n', false, 'stale'],
  ['fields of other types', '40\n{"host":1,"boot":{},"start":[]}\n', false, 'stale'],
]

describe('lock-judge', () => {
  for (const [what, text, flocked, expected] of table) {
    it(`says ${expected} of ${what}`, () => {
      const verdict = judgeLock(text, flocked, facts)
      const certain = verdict.state === 'held' && verdict.certain
      expect(`${verdict.state}${certain ? '!' : ''}`).to.equal(expected)
    })
  }

  it('says what can be done where it cannot know', () => {
    const verdict = judgeLock(lock(40, 'web', 'boot-2', 'start-40'), false, facts)
    expect(verdict)
      .to.have.property('hint')
      .that.matches(/remove \.backups_lock/)
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

  it('never lets a flocked lock go, and never signals an owner it does not know', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json().map((json) => `40\n${json}\n`),
    )
    fc.assert(
      fc.property(text, fc.boolean(), (content, flocked) => {
        const verdict = judgeLock(content, flocked, facts)
        if (flocked) expect(verdict.state).to.equal('held')
        if (verdict.state === 'held') expect(verdict.certain).to.be.false
      }),
      {numRuns: 1000},
    )
  })
})
