// What retention keeps and why, as pictures of the result.
import {expect} from 'chai'
import {defaultPolicy} from '../../src/retention/policy.js'
import {judge, type Zone} from '../../src/retention/retention.js'
import {
  at,
  candidate,
  judged,
  namesKept,
  picture,
  policyOf,
  series,
  utc,
  type Row,
} from './cases.js'

// The policy, the current time, then the snapshots newest first: '+' kept, '-' removed. All in UTC.
const table: readonly Row[] = [
  ['nothing if there are no snapshots', 'daily 7', '2025-01-15T12:00', []],
  [
    'the newest ones',
    'last 2',
    '2025-01-15T12:00',
    ['+2025-01-14T12:00', '+2025-01-14T11:00', '-2025-01-14T10:00', '-2025-01-13T10:00'],
  ],
  [
    'all in a window, from the start of its first day',
    'all 2d',
    '2025-01-15T12:00',
    ['+2025-01-15T11:59', '+2025-01-15T11:58', '+2025-01-13T00:00', '-2025-01-12T23:59:59.999'],
  ],
  [
    'all in a window of hours, from the start of its first hour',
    'all 2h',
    '2025-01-15T12:30',
    ['+2025-01-15T12:29', '+2025-01-15T10:00', '-2025-01-15T09:59:59.999'],
  ],
  [
    'a count of all',
    'all 2',
    '2025-01-15T12:00',
    ['+2025-01-15T11:00', '+2025-01-15T10:00', '-2025-01-15T09:00'],
  ],
  [
    'the first of each hour, and the newest',
    'hourly 2h',
    '2025-01-15T12:30',
    [
      '+2025-01-15T12:20',
      '-2025-01-15T12:10',
      '+2025-01-15T12:00',
      '-2025-01-15T11:59:59.999',
      '+2025-01-15T11:00',
      '+2025-01-15T10:00',
      '-2025-01-15T09:59',
      '-2025-01-15T09:00',
    ],
  ],
  [
    'a count of hours, without the empty ones',
    'hourly 3',
    '2025-01-15T12:30',
    ['+2025-01-15T12:20', '+2025-01-15T09:00', '+2025-01-10T09:00', '-2025-01-10T08:00'],
  ],
  [
    'the first of each day, and the newest',
    'daily 2',
    '2025-01-02T20:00',
    ['+2025-01-02T18:00', '-2025-01-02T12:00', '+2025-01-02T09:00', '+2025-01-01T09:00'],
  ],
  [
    'a window of days, from the start of its first day',
    'daily 2d',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00',
      '+2025-01-14T23:59:59.999',
      '-2025-01-13T00:01',
      '+2025-01-13T00:00',
      '-2025-01-12T23:59:59.999',
      '-2025-01-12T00:00',
    ],
  ],
  [
    'a count of days, without the empty ones',
    'daily 3',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00',
      '-2025-01-10T11:00',
      '+2025-01-10T10:00',
      '+2024-02-29T10:00',
      '-2024-02-28T10:00',
    ],
  ],
  [
    'a window of days, including the empty ones',
    'daily 3d',
    '2025-01-15T12:00',
    ['+2025-01-15T11:00', '+2025-01-12T10:00', '-2025-01-11T10:00'],
  ],
  [
    'a window of weeks, each from Monday',
    'weekly 1w',
    '2025-01-15T12:00', // a Wednesday
    [
      '+2025-01-15T11:00',
      '-2025-01-14T11:00',
      '+2025-01-13T00:00',
      '-2025-01-12T23:59:59.999',
      '+2025-01-06T00:00',
      '-2025-01-05T23:59:59.999',
      '-2024-12-30T00:00',
    ],
  ],
  [
    'a week across New Year as one',
    'weekly 3',
    '2025-01-08T12:00',
    [
      '+2025-01-08T11:00',
      '-2025-01-05T23:59',
      '-2025-01-01T00:00',
      '+2024-12-31T10:00', // in week 1 of 2025
      '+2024-12-29T23:59',
      '-2024-12-22T10:00',
    ],
  ],
  [
    'the last week of a year that has 53',
    'weekly 2w',
    '2021-01-12T12:00',
    [
      '+2021-01-12T11:00',
      '-2021-01-04T12:00',
      '+2021-01-04T11:00',
      '-2021-01-03T10:00',
      '-2021-01-01T10:00',
      '+2020-12-28T00:00',
      '-2020-12-27T23:59',
    ],
  ],
  [
    'week 10 of one year and of the next as two',
    'weekly 60w',
    '2025-03-10T12:00',
    ['+2025-03-10T11:00', '-2025-03-06T10:00', '+2025-03-05T10:00', '+2024-03-06T10:00'],
  ],
  [
    'a count of weeks over years',
    'weekly 3',
    '2025-03-10T12:00',
    ['+2025-03-10T11:00', '+2025-03-05T10:00', '+2024-03-06T10:00', '-2023-03-08T10:00'],
  ],
  [
    'a window of months that ends on a day that other months lack',
    'monthly 1m',
    '2025-03-31T12:00',
    [
      '+2025-03-31T11:00',
      '+2025-03-01T00:00',
      '-2025-02-28T23:59',
      '+2025-02-01T00:00',
      '-2025-01-31T23:59',
      '-2025-01-01T00:00',
    ],
  ],
  [
    'a window of months across New Year',
    'monthly 2m',
    '2025-01-31T12:00',
    ['+2025-01-15T10:00', '+2024-12-31T10:00', '+2024-11-01T00:00', '-2024-10-31T23:59'],
  ],
  [
    'a month of one year and of the next as two',
    'monthly 2',
    '2025-04-15T12:00',
    ['+2025-04-15T10:00', '+2025-03-15T10:00', '-2024-03-15T10:00'],
  ],
  [
    'the leap day as a separate day',
    'daily 1d',
    '2024-03-01T12:00',
    ['+2024-03-01T10:00', '+2024-02-29T00:00', '-2024-02-28T23:59'],
  ],
  [
    'no leap day where there is none',
    'daily 1d',
    '2025-03-01T12:00',
    ['+2025-03-01T10:00', '+2025-02-28T00:00', '-2025-02-27T23:59'],
  ],
  [
    'a window of years that ends on a leap day',
    'yearly 1y',
    '2024-02-29T12:00',
    ['+2024-02-29T10:00', '-2023-06-01T00:00', '+2023-01-01T00:00', '-2022-12-31T23:59'],
  ],
  [
    'a count of years',
    'yearly 2',
    '2025-06-15T12:00',
    [
      '+2025-06-15T10:00',
      '+2025-02-01T10:00',
      '-2023-12-31T10:00',
      '+2023-02-01T10:00',
      '-2019-01-01T00:00',
    ],
  ],
  [
    'days in a window of months',
    'daily 1m',
    '2025-03-31T12:00',
    ['+2025-03-31T10:00', '+2025-02-02T10:00', '+2025-02-01T00:00', '-2025-01-31T23:59'],
  ],
  [
    'hours in a window of days',
    'hourly 1d',
    '2025-03-02T12:00',
    ['+2025-03-02T10:00', '+2025-03-01T00:00', '-2025-02-28T23:00'],
  ],
  [
    'months in a window of years',
    'monthly 1y',
    '2025-03-31T12:00',
    ['+2025-03-31T10:00', '+2024-01-01T00:00', '-2023-12-31T23:59', '-2023-12-01T00:00'],
  ],
  [
    'none of a week whose first snapshot is before the window',
    'weekly 10d',
    '2025-06-14T12:00', // the window begins on Wednesday, 4 June
    ['+2025-06-14T10:00', '+2025-06-09T10:00', '-2025-06-05T10:00', '-2025-06-02T10:00'],
  ],
  [
    'none of a year whose first snapshot is before the window',
    'yearly 12m',
    '2025-06-15T12:00',
    ['+2025-06-15T10:00', '+2025-01-20T10:00', '-2024-07-01T10:00', '-2024-01-02T10:00'],
  ],
  [
    'each rule by itself, without regard to where other rules end',
    'all 1d, daily 3d, weekly 4w',
    '2025-01-15T12:00', // a Wednesday
    [
      '+2025-01-15T11:00',
      '+2025-01-14T18:00',
      '+2025-01-14T09:00',
      '-2025-01-13T18:00',
      '+2025-01-13T09:00',
      '-2025-01-12T18:00',
      '+2025-01-12T09:00',
      '-2025-01-11T18:00',
      '-2025-01-11T09:00',
      '+2025-01-06T09:00',
    ],
  ],
  [
    'the newest, after 100 days without a snapshot',
    'all 7d, daily 30d',
    '2025-06-15T12:00',
    ['+2025-03-07T12:00', '-2025-03-07T11:00', '-2025-03-06T12:00'],
  ],
  ['the only one, whatever its age', 'hourly 1h', '2025-06-15T12:00', ['+1999-03-07T12:00']],
  [
    'the newest alone, by a policy without a rule',
    '',
    '2025-01-15T12:00',
    ['+2025-01-15T11:00', '-2025-01-15T10:00'],
  ],
  [
    'the last by name among those of one instant',
    'last 2',
    '2025-01-15T12:00',
    ['+2025-01-15T10:00 c', '+2025-01-15T10:00 b', '-2025-01-15T10:00 a'],
  ],
  [
    'the first by name among those of one instant',
    'daily 7d',
    '2025-01-15T12:00',
    ['+2025-01-15T11:00', '-2025-01-15T10:00 b', '+2025-01-15T10:00 a'],
  ],
  [
    'one in the future, which is not the newest',
    'last 1',
    '2025-01-15T12:00',
    ['+2025-01-15T12:01', '+2025-01-15T12:00', '-2025-01-15T11:59'],
  ],
  [
    'the first of a day, not counting the future',
    'daily 1',
    '2025-01-15T12:00',
    ['+2026-01-15T10:00', '+2025-01-15T18:00', '+2025-01-14T10:00', '-2025-01-13T10:00'],
  ],
  [
    'unfinished ones, which use no slot',
    'last 1',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00 unfinished',
      '+2025-01-15T10:00',
      '-2025-01-15T09:00',
      '+2025-01-15T08:00 unfinished',
    ],
  ],
  [
    'the first finished one of a day',
    'daily 3d',
    '2025-01-15T12:00',
    ['+2025-01-15T11:00', '-2025-01-14T12:00', '+2025-01-14T11:00', '+2025-01-14T10:00 unfinished'],
  ],
  [
    'nothing but unfinished and future ones',
    'last 1',
    '2025-01-15T12:00',
    ['+2025-01-16T10:00', '+2025-01-15T10:00 unfinished', '+2025-01-14T10:00 unfinished'],
  ],
  [
    'pinned ones, which use a slot',
    'last 2',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00',
      '+2025-01-15T10:00 pinned',
      '-2025-01-15T09:00',
      '+2020-01-15T08:00 pinned',
    ],
  ],
  [
    'a pinned one as the first of its day',
    'daily 2d',
    '2025-01-15T12:00',
    ['+2025-01-15T11:00', '-2025-01-14T11:00', '+2025-01-14T10:00 pinned', '-2025-01-12T10:00'],
  ],
  [
    'snapshots with a tag',
    'last 1, tag x, tag y',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00',
      '+2025-01-15T10:00 #y #z',
      '-2025-01-15T09:00 #z',
      '+2020-01-15T08:00 #x',
      '-2020-01-15T07:00',
    ],
  ],
  [
    'each source if sources take turns',
    'last 2',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00 [etc]',
      '+2025-01-15T10:00 [home]',
      '+2025-01-15T09:00 [etc]',
      '-2025-01-15T08:00 [etc]',
      '+2025-01-15T07:00 [home]',
      '-2025-01-15T06:00 [home]',
    ],
  ],
  [
    'the first of a day for each source',
    'daily 3d',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00 [etc]',
      '+2025-01-15T10:00 [home]',
      '-2025-01-14T12:00 [home]',
      '-2025-01-14T11:00 [etc]',
      '+2025-01-14T10:00 [home]',
      '+2025-01-14T09:00 [etc]',
    ],
  ],
  [
    'the newest of a source that is no longer backed up',
    'daily 7d',
    '2025-01-15T12:00',
    ['+2025-01-15T11:00 [etc]', '+2021-01-15T10:00 [home]', '-2021-01-15T09:00 [home]'],
  ],
  [
    'a snapshot of several sources, for any of them',
    'last 1',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00 [etc]',
      '+2025-01-15T10:00 [etc,home]',
      '-2025-01-15T09:00 [home]',
      '-2025-01-15T08:00 [etc,home]',
    ],
  ],
  [
    'sources that always occur together as one',
    'daily 2',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00 [etc,home]',
      '-2025-01-15T10:00 [home,etc]',
      '+2025-01-15T09:00 [etc,home]',
      '+2025-01-14T10:00 [etc,home]',
      '-2025-01-13T10:00 [etc,home]',
    ],
  ],
  [
    'a snapshot of unknown sources as holding every source',
    'last 1',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00 [etc]',
      '+2025-01-15T10:00 [?]',
      '-2025-01-15T09:00 [?]',
      '+2025-01-15T08:00 [home]', // the newest that surely holds it
      '-2025-01-15T07:00 [home]',
    ],
  ],
  [
    'unknown sources only',
    'last 2',
    '2025-01-15T12:00',
    ['+2025-01-15T11:00 [?]', '+2025-01-15T10:00 [?]', '-2025-01-15T09:00 [?]'],
  ],
  [
    'an empty list of sources as unknown',
    'hourly 1h',
    '2025-01-15T12:00',
    [
      '+2025-01-15T11:00 [etc]',
      '+2025-01-15T10:00 []', // the newest that may hold home
      '-2025-01-15T09:00 []',
      '-2025-01-15T08:00 [?]',
      '+2025-01-15T07:00 [home]',
      '-2025-01-15T06:00 [home]',
    ],
  ],
  [
    'no source of an unfinished or a future one',
    'last 1',
    '2025-01-15T12:00',
    [
      '+2025-01-16T11:00 [x]',
      '+2025-01-15T11:00 [home]',
      '+2025-01-15T10:00 [y] unfinished',
      '-2025-01-15T09:00 [home]',
    ],
  ],
]

const everything =
  'last 2, all 1d, hourly 2h, daily 30d, weekly 52w, monthly 12m, yearly 5y, tag x, tag y'

// The policy, now, and the snapshots with the reasons, newest first.
const reasoned: readonly Row[] = [
  [
    'all of them, in a fixed order',
    everything,
    '2025-01-15T12:00',
    [
      '2025-01-15T11:59 unfinished pinned = unfinished, pinned',
      '2025-01-15T11:00 #y #x = newest, last 2, all 1d, hourly 2h, tag x, tag y',
      '2025-01-15T10:00 pinned = pinned, last 2, all 1d, hourly 2h',
      '2025-01-15T09:00 = all 1d, daily 30d, weekly 52w, monthly 12m, yearly 5y',
      '2024-12-16T09:00 = daily 30d, weekly 52w, monthly 12m',
      '2024-06-02T10:00 = no rule keeps it',
      '2024-06-01T10:00 = weekly 52w, monthly 12m, yearly 5y',
    ],
  ],
  ['an only one', 'daily 7d', '2025-01-15T12:00', ['2021-01-15T11:00 = newest, only one']],
  [
    'one next to others that do not count',
    'last 5, tag x',
    '2025-01-15T12:00',
    [
      '2025-01-16T11:00 #x = in the future',
      '2025-01-15T11:30 unfinished #x = unfinished',
      '2025-01-15T11:00 = newest, only one, last 5',
    ],
  ],
  [
    'one that is both unfinished and in the future',
    'last 5',
    '2025-01-15T12:00',
    ['2025-01-16T11:00 unfinished pinned = unfinished, in the future, pinned'],
  ],
  [
    'the newest for a source, and for several',
    'hourly 1h',
    '2025-01-15T12:00',
    [
      '2025-01-15T10:00 [etc] = newest',
      '2025-01-15T09:00 [home,etc] pinned = newest with home, pinned',
      '2025-01-15T08:00 [b,home,a] = newest with a, newest with b',
      '2025-01-15T07:00 [etc] = no rule keeps it',
    ],
  ],
  [
    'a rule that applies to two sources, only once',
    'last 1, daily 1',
    '2025-01-15T12:00',
    ['2025-01-15T10:00 [etc,home] = newest, only one, last 1, daily 1'],
  ],
  [
    'names without escaping',
    'tag \u001b[2J',
    '2025-01-15T12:00',
    [
      '2025-01-15T10:00 = newest',
      '2025-01-15T09:00 #\u001b[2J [\u0007] = newest with \u0007, tag \u001b[2J',
    ],
  ],
]

/** Like utc, for any year, and faster. */
const plain: Zone = (instant) => ({
  year: instant.getUTCFullYear(),
  month: instant.getUTCMonth() + 1,
  day: instant.getUTCDate(),
  offset_min: 0,
})

describe('retention', () => {
  for (const [what, policy, now, rows] of table) {
    it(`keeps ${what}`, () => {
      const verdicts = judged(
        rows.map((row) => row.slice(1)),
        policy,
        now,
        utc,
      )
      expect(picture(verdicts)).to.deep.equal(rows)
    })
  }

  for (const [what, policy, now, rows] of reasoned) {
    it(`gives the reasons for ${what}`, () => {
      const verdicts = judged(
        rows.map((row) => row.split(' = ')[0] ?? ''),
        policy,
        now,
        utc,
      )
      const texts = verdicts.map(
        ({snapshot, reasons}) => `${snapshot.name} = ${reasons.join(', ')}`,
      )
      expect(texts).to.deep.equal(rows)
    })
  }

  it('ignores the time of day for windows of days', () => {
    const store = series('2024-12-01T00:30', '2025-01-15T00:00', 5)
    const policy = policyOf('all 3d, daily 7d, weekly 30d, monthly 1m')
    const verdicts = ['2025-01-15T00:01', '2025-01-15T23:59'].map((now) =>
      judge(store, policy, at(now), utc),
    )
    expect(verdicts[0]).to.deep.equal(verdicts[1])
    // The control: another day gives another verdict.
    expect(judge(store, policy, at('2025-01-16T00:01'), utc)).not.to.deep.equal(verdicts[0])
  })

  it('does not read the year 42 as 1942', () => {
    const now = at('2025-01-15T12:00')
    const rows = ['2025-01-15T10:00', '1942-01-01T10:00', '0042-01-01T10:00']
    const store = rows.map((row) => candidate(row, now))
    const verdicts = judge(store, policyOf('daily 2'), now, plain)
    expect(verdicts.map(({keep}) => keep)).to.deep.equal([true, true, false])
  })

  it('keeps what cannot be read, and gives up no other one for it', () => {
    const now = at('2025-01-15T12:00')
    const rows = ['2025-01-15T10:00 [a,b]', '2025-01-15T09:00 ?', '2025-01-15T08:00 [a,b]', '2025-01-15T07:00 [a,b]'] // prettier-ignore
    const kept = (unreadable: boolean): boolean[] => {
      const store = rows.map((row) => candidate(row, now))
      const strange = store.map((one, at) => (at === 1 ? {...one, sources: null, unreadable} : one))
      return judge(strange, policyOf('last 2'), now, plain).map(({keep}) => keep)
    }
    expect(kept(true)).to.deep.equal([true, true, true, false])
    expect(kept(false), 'the control').to.deep.equal([true, true, false, false])
  })

  it('judges a large number of snapshots quickly', () => {
    // Comparing each with each would take hours.
    const now = at('2025-01-15T12:00')
    const store = Array.from({length: 100_000}, (_, index) => ({
      ...candidate('2025-01-15T11:00', now),
      name: String(index),
      instant: new Date(now.getTime() - index * 600_000),
      sources: index % 3 === 0 ? null : ['etc', 'home', 'srv'].slice(index % 3),
    }))
    const kept = namesKept(judge(store, defaultPolicy, now, plain))
    expect(kept.length).to.be.greaterThan(1000)
  })
})
