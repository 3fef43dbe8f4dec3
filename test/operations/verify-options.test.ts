// What the flags of verify mean together.
import {expect} from 'chai'
import {limitsFrom, type Limits} from '../../src/operations/verify-options.js'

const now = new Date('2026-11-30T00:00:00Z')
const nothing: Limits = {
  reading: 'none',
  ...{mostBytes: null, mostShare: null, most_ms: null, before_s: null, bytesPerSecond: null},
}
const limits = (texts: Parameters<typeof limitsFrom>[0], heals = false): Limits =>
  limitsFrom(texts, {heals, now})

describe('verify-options', () => {
  // The flags, and what differs from reading nothing.
  const table: ReadonlyArray<[Parameters<typeof limitsFrom>[0], Partial<Limits>]> = [
    [{}, {}],
    [{read: 'all'}, {reading: 'all'}],
    [{read: 'new'}, {reading: 'new'}],
    [{read: 'bad'}, {reading: 'bad'}],
    [{read: '10%'}, {reading: 'all', mostShare: 0.1}],
    [{read: '0.5%'}, {reading: 'all', mostShare: 0.005}],
    [{read: '100%'}, {reading: 'all', mostShare: 1}],
    [{read: '50G'}, {reading: 'all', mostBytes: 50 * 1024 ** 3}],
    [{for: '30m'}, {reading: 'all', most_ms: 1_800_000}],
    [{'older-than': '30d'}, {reading: 'all', before_s: now.getTime() / 1000 - 30 * 86_400}],
    [{bwlimit: '50M'}, {reading: 'all', bytesPerSecond: 50 * 1024 ** 2}],
    [
      {read: 'new', for: '1h'},
      {reading: 'new', most_ms: 3_600_000},
    ],
  ]
  for (const [texts, expected] of table) {
    it(`reads as told by ${JSON.stringify(texts)}`, () => {
      expect(limits(texts)).to.deep.equal({...nothing, ...expected})
    })
  }

  it('reads what was damaged before, to heal', () => {
    expect(limits({}, true).reading).to.equal('bad')
    expect(limits({for: '1h'}, true).reading).to.equal('all')
    expect(limits({read: 'new'}, true).reading).to.equal('new')
  })

  const mistakes: ReadonlyArray<[Parameters<typeof limitsFrom>[0], RegExp]> = [
    [{read: 'some'}, /^--read "some" is not all, new, bad, a part such as 10% or a size /],
    [{read: '0%'}, /^--read "0%"/],
    [{read: '101%'}, /^--read "101%"/],
    [{read: '10Q'}, /^--read "10Q" is not a size/],
    [{read: ''}, /^--read ""/],
    [{read: '\u001b'}, /^[ -~]+$/],
    [{for: '20'}, /^--for "20" is not a period/],
    [{'older-than': 'yesterday'}, /^--older-than "yesterday"/],
    [{bwlimit: 'fast'}, /^--bwlimit "fast"/],
  ]
  for (const [texts, message] of mistakes) {
    it(`refuses ${JSON.stringify(texts)}`, () => {
      expect(() => limits(texts))
        .to.throw(message)
        .with.property('code', 'usage')
    })
  }
})
