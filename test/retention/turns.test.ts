// What retention keeps if runs with and without exclusions take turns, as pictures of the result.
import {expect} from 'chai'
import {judged, picture, utc, type Row} from './cases.js'

// '-e:v' excludes v, '-e:' nothing; 'after:v' means that v was used before. See retention.test.ts.
const table: readonly Row[] = [
  [
    'the full one of a day beside those that leave something out',
    'daily 14',
    '2026-05-02T12:00',
    [
      '+2026-05-02T02:00 -e:v',
      '+2026-05-02T01:00 -e:v',
      '+2026-05-01T04:00 -e:', // the only one with v in it
      '-2026-05-01T03:00 -e:v',
      '+2026-05-01T01:00 -e:v',
    ],
  ],
  [
    'the first of each day for both',
    'daily 2',
    '2026-05-03T12:00',
    [
      '+2026-05-03T05:00 -e:',
      '+2026-05-03T04:00 -e:',
      '+2026-05-03T01:00 -e:v',
      '+2026-05-02T04:00 -e:',
      '-2026-05-02T02:00 -e:v',
      '+2026-05-02T01:00 -e:v',
      '-2026-05-01T04:00 -e:',
      '-2026-05-01T01:00 -e:v',
    ],
  ],
  [
    'no more days for one than for all together',
    'daily 2',
    '2026-05-20T12:00',
    [
      '+2026-05-20T01:00 -e:v',
      '+2026-05-19T01:00 -e:v',
      '+2026-05-11T04:00 -e:', // the newest
      '-2026-05-11T01:00 -e:v',
      '-2026-05-04T04:00 -e:',
    ],
  ],
  [
    'nothing of exclusions that others have replaced',
    'last 2',
    '2026-05-06T12:00',
    [
      '+2026-05-06T01:00 -e:w after:v',
      '+2026-05-05T01:00 -e:w after:v',
      '-2026-05-04T01:00 -e:w after:v',
      '-2026-05-03T01:00 -e:v',
      '-2026-05-02T01:00 -e:v',
    ],
  ],
  [
    'none that was replaced before others began to take turns',
    'last 1',
    '2026-05-06T12:00',
    [
      '+2026-05-06T01:00 -e:w',
      '+2026-05-05T01:00 -e:',
      '-2026-05-04T01:00 -e:w',
      '-2026-05-03T01:00 -e:v',
    ],
  ],
  [
    'the newest of three that take turns',
    'last 1',
    '2026-05-06T12:00',
    [
      '+2026-05-06T01:00 -e:v',
      '+2026-05-05T01:00 -e:w',
      '-2026-05-04T01:00 -e:v',
      '+2026-05-03T01:00 -e:',
      '-2026-05-02T01:00 -e:w',
      '-2026-05-01T01:00 -e:v',
    ],
  ],
  [
    'the newest where what was used before is gone',
    'last 1',
    '2026-05-06T12:00',
    ['+2026-05-06T01:00 -e:v', '-2026-05-06T00:00 -e:v', '+2026-05-05T01:00 -e: after:v'],
  ],
  [
    'each source by itself',
    'last 1',
    '2026-05-06T12:00',
    [
      '+2026-05-06T01:00 [home] -e:v',
      '+2026-05-05T01:00 [etc] -e:',
      '-2026-05-04T01:00 [home] -e:v',
    ],
  ],
  [
    'nothing for the sake of those of which it is not known',
    'last 1',
    '2026-05-06T12:00',
    ['+2026-05-06T01:00 -e:v', '-2026-05-05T01:00', '-2026-05-04T01:00 -e:v'],
  ],
  [
    'nothing for those that are left alone',
    'last 1',
    '2026-05-06T12:00',
    [
      '+2026-05-07T01:00 -e:w',
      '+2026-05-06T01:00 -e:v',
      '+2026-05-05T01:00 -e: unfinished',
      '-2026-05-04T01:00 -e:v',
    ],
  ],
]

// The same with the reasons.
const reasoned: readonly Row[] = [
  [
    'what takes turns',
    'daily 14, last 1',
    '2026-05-02T12:00',
    [
      '2026-05-02T05:00 -e:w = newest, last 1, daily 14 of its exclusions',
      '2026-05-02T04:00 -e: = newest without exclusions, daily 14 without exclusions',
      '2026-05-02T02:00 -e:v = newest of its exclusions',
      '2026-05-02T01:00 -e:v = daily 14',
      '2026-05-01T04:00 -e: = daily 14 without exclusions',
      '2026-05-01T03:00 -e:w = daily 14',
    ],
  ],
  [
    'what nothing keeps',
    'last 1',
    '2026-05-02T12:00',
    [
      '2026-05-02T02:00 -e: = newest, last 1',
      '2026-05-02T01:00 -e:v = newest of its exclusions',
      '2026-05-01T04:00 -e: = no rule keeps it',
    ],
  ],
]

describe('retention of exclusions that take turns', () => {
  for (const [what, policy, now, rows] of table) {
    it(`keeps ${what}`, () => {
      const bare = rows.map((row) => row.slice(1))
      expect(picture(judged(bare, policy, now, utc))).to.deep.equal(rows)
    })
  }

  for (const [what, policy, now, rows] of reasoned) {
    it(`gives the reasons for ${what}`, () => {
      const bare = rows.map((row) => row.split(' = ')[0] ?? '')
      const texts = judged(bare, policy, now, utc).map(
        ({snapshot, reasons}) => `${snapshot.name} = ${reasons.join(', ')}`,
      )
      expect(texts).to.deep.equal(rows)
    })
  }

  it('keeps only a few if each run has new exclusions', () => {
    const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString().slice(0, 16)
    const rows = Array.from({length: 200}, (_, n) => [
      `${day(200 - n)} -e:`,
      `${day(200 - n)} -e:v${n}`,
    ])
    const kept = judged(rows.flat(), 'last 1', '2026-12-01T12:00', utc).filter(({keep}) => keep)
    expect(kept).to.have.lengthOf(31) // with the newest of all
  })
})
