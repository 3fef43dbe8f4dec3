// Retention in several time zones, and on days that are not 24 hours long.
import {expect} from 'chai'
import {defaultPolicy} from '../../src/retention/policy.js'
import {judge, localZone, type Candidate, type Zone} from '../../src/retention/retention.js'
import {
  at,
  berlin,
  hour_ms,
  judged,
  namesKept,
  picture,
  nows,
  places,
  policyOf,
  series,
  zoneOf,
} from './cases.js'

// The zone, the policy, the current time, and the snapshots in local time with its offset.
const zoned: ReadonlyArray<[what: string, zone: string, ...rest: [string, string, string[]]]> = [
  [
    'both hours of one name',
    'Europe/Berlin',
    'hourly 24h',
    '2025-10-26T12:00+01:00',
    [
      '+2025-10-26T11:00+01:00',
      '+2025-10-26T03:30+01:00',
      '-2025-10-26T02:45+01:00',
      '+2025-10-26T02:30+01:00',
      '-2025-10-26T02:45+02:00',
      '+2025-10-26T02:30+02:00',
    ],
  ],
  [
    'a window of hours by the hours that pass',
    'Europe/Berlin',
    'hourly 3h',
    '2025-10-26T03:30+01:00',
    [
      '+2025-10-26T03:00+01:00',
      '+2025-10-26T02:00+01:00',
      '+2025-10-26T02:00+02:00',
      '+2025-10-26T01:00+02:00',
      '-2025-10-26T00:00+02:00',
    ],
  ],
  [
    'a day of 25 hours',
    'Europe/Berlin',
    'daily 1d',
    '2025-10-27T00:30+01:00',
    [
      '+2025-10-27T00:00+01:00',
      '-2025-10-26T23:59:59+01:00',
      '-2025-10-26T00:01+02:00',
      '+2025-10-26T00:00+02:00',
      '-2025-10-25T23:59:59+02:00',
    ],
  ],
  [
    'a day of 23 hours',
    'Europe/Berlin',
    'daily 1d',
    '2025-03-31T00:30+02:00',
    [
      '+2025-03-31T00:00+02:00',
      '-2025-03-30T23:59:59+02:00',
      '+2025-03-30T00:00+01:00',
      '-2025-03-29T23:59:59+01:00',
    ],
  ],
  [
    'the year as it is in the west',
    'America/New_York',
    'yearly 1',
    '2025-01-02T12:00-05:00',
    [
      '+2025-01-02T11:00-05:00',
      '+2025-01-01T00:00-05:00',
      '-2024-12-31T23:59-05:00', // 2025 in UTC
    ],
  ],
  [
    'weeks across the start of daylight saving time',
    'America/New_York',
    'weekly 1w',
    '2025-03-10T00:30-04:00', // a Monday, the day after
    [
      '+2025-03-10T00:00-04:00',
      '-2025-03-09T23:59-04:00',
      '+2025-03-03T00:00-05:00',
      '-2025-03-02T23:59-05:00',
    ],
  ],
  [
    'hours as they begin at three quarters past in UTC',
    'Asia/Kathmandu',
    'hourly 24h',
    '2025-01-15T12:30+05:45',
    [
      '+2025-01-15T12:20+05:45',
      '+2025-01-15T11:10+05:45',
      '-2025-01-15T10:50+05:45',
      '+2025-01-15T10:05+05:45',
    ],
  ],
  [
    'half an hour of daylight saving time',
    'Australia/Lord_Howe',
    'hourly 6h, daily 1d',
    '2025-04-06T04:30+10:30', // clocks went from 02:00 to 01:30
    [
      '+2025-04-06T03:00+10:30',
      '-2025-04-06T02:45+10:30',
      '+2025-04-06T02:00+10:30',
      '+2025-04-06T01:30+10:30', // a second time
      '-2025-04-06T01:30+11:00',
      '+2025-04-06T01:00+11:00',
      '+2025-04-06T00:00+11:00',
      '+2025-04-05T00:00+11:00',
      '-2025-04-04T23:59+11:00',
    ],
  ],
  [
    'a day that was left out',
    'Pacific/Apia',
    'daily 2d',
    '2012-01-01T12:00+14:00',
    [
      '+2012-01-01T11:00+14:00',
      '-2011-12-31T12:00+14:00',
      '+2011-12-31T00:00+14:00',
      '-2011-12-29T23:59-10:00', // a minute before
    ],
  ],
  [
    'a day that was left out, which is no period',
    'Pacific/Apia',
    'daily 3',
    '2012-01-01T12:00+14:00',
    [
      '+2012-01-01T11:00+14:00',
      '+2011-12-31T00:00+14:00',
      '+2011-12-29T23:59-10:00',
      '-2011-12-28T23:59-10:00',
    ],
  ],
  [
    'a midnight that comes twice',
    'America/St_Johns',
    'daily 1',
    '2010-11-07T12:00-03:30', // at 00:01 clocks went back to 23:01 of the 6th
    [
      '+2010-11-07T11:00-03:30',
      '-2010-11-07T00:30-03:30',
      '-2010-11-06T23:30-03:30',
      '+2010-11-07T00:00:30-02:30',
      '-2010-11-06T23:30-02:30',
    ],
  ],
  [
    'the later day as the newer, where clocks went back across midnight',
    'America/St_Johns',
    'daily 1',
    '2010-11-06T23:50-03:30',
    ['+2010-11-06T23:30-03:30', '+2010-11-07T00:00:30-02:30', '-2010-11-06T22:30-02:30'],
  ],
]

describe('retention by zone', () => {
  for (const [what, place, policy, now, rows] of zoned) {
    it(`keeps ${what} (${place})`, () => {
      const verdicts = judged(
        rows.map((row) => row.slice(1)),
        policy,
        now,
        zoneOf(place),
      )
      expect(picture(verdicts)).to.deep.equal(rows)
    })
  }

  // The two clock changes, at 01:00 UTC, and one week without a change.
  for (const [from, until] of [
    ['2025-10-20T00:00', '2025-10-26T00:00'],
    ['2025-03-24T00:00', '2025-03-30T00:00'],
    ['2025-06-23T00:00', '2025-06-29T00:00'],
  ] as const) {
    it(`judges older periods equally on the days after ${until.slice(0, 10)}`, () => {
      const store = series(from, until, 5)
      const policy = policyOf('hourly 300h, daily 30d, weekly 30d')
      const verdicts = [0, 2, 24, 26, 48, 100].map((hours) =>
        judge(store, policy, new Date(at(until).getTime() + hours * hour_ms), berlin),
      )
      for (const later of verdicts) expect(later).to.deep.equal(verdicts[0])
    })
  }

  it('keeps the same whether it runs after each snapshot or only once', () => {
    const all = series('2024-09-01T03:10', '2026-01-15T00:00', 7)
    const end = all.at(-1)?.instant ?? new Date(0)
    let store: Candidate[] = []
    for (const snapshot of all) {
      const verdicts = judge([...store, snapshot], defaultPolicy, snapshot.instant, berlin)
      store = verdicts.filter(({keep}) => keep).map((verdict) => verdict.snapshot)
    }
    const once = namesKept(judge(all, defaultPolicy, end, berlin))
    expect(store.map(({name}) => name)).to.deep.equal(once)
    expect(once).to.have.length.within(80, 120)
  })

  it('takes the local zone from the process only', () => {
    const before = process.env.TZ
    const store = series('2025-10-01T00:10', '2025-11-01T00:00', 5)
    const judgedHere = (zone: Zone) =>
      namesKept(judge(store, policyOf('daily 100d'), at('2025-11-01T00:00'), zone))
    try {
      const seen = places.map((place) => {
        process.env.TZ = place
        const zone = zoneOf(place)
        for (const now of nows) expect(localZone(now), place).to.deep.equal(zone(now))
        expect(judgedHere(localZone), place).to.deep.equal(judgedHere(zone))
        return judgedHere(berlin)
      })
      for (const kept of seen) expect(kept).to.deep.equal(seen[0])
      expect(judgedHere(localZone)).not.to.deep.equal(seen[0]) // the control
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
  })
})
