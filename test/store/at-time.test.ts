// What --at includes: pictures of local times, including days when the clocks change.
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {localZone} from '../../src/retention/retention.js'
import {lastSecondBefore, lastSecondOf} from '../../src/store/at-time.js'
import {at, zoneOf} from '../retention/cases.js'

const friday = '2026-11-27T15:30:20+01:00'

// The zone, the time of the run, the typed text, and the last instant that it includes.
const table: ReadonlyArray<[zone: string, now: string, text: string, last: string]> = [
  ['UTC', '2026-11-27T15:30:20', '2026-11-21', '2026-11-21T23:59:59'],
  ['UTC', '2026-11-27T15:30:20', '2026-11-21 14:00', '2026-11-21T14:00:00'],
  ['UTC', '2026-11-27T15:30:20', '2026-11-21T14:00', '2026-11-21T14:00:00'],
  ['UTC', '2026-11-27T15:30:20', '2026-11-21 14:00:05', '2026-11-21T14:00:05'],
  ['UTC', '2026-11-27T15:30:20', '2026-11-21 9:05', '2026-11-21T09:05:00'],
  ['Europe/Berlin', friday, '2026-11-21', '2026-11-21T23:59:59+01:00'],
  ['Europe/Berlin', friday, '2026-07-21 14:00', '2026-07-21T14:00:00+02:00'],
  ['Europe/Berlin', friday, '2026-11-21T14:00:05Z', '2026-11-21T15:00:05+01:00'],
  ['Europe/Berlin', friday, '2026-11-21T14:00:05.999+05:00', '2026-11-21T10:00:05+01:00'],
  ['Europe/Berlin', friday, 'today', '2026-11-27T23:59:59+01:00'],
  ['Europe/Berlin', friday, 'yesterday', '2026-11-26T23:59:59+01:00'],
  ['Europe/Berlin', friday, 'yesterday 18:00', '2026-11-26T18:00:00+01:00'],
  ['Europe/Berlin', '2026-03-01T00:10:00+01:00', 'yesterday 18:00', '2026-02-28T18:00:00+01:00'],
  ['Europe/Berlin', friday, '2h', '2026-11-27T13:30:20+01:00'],
  ['Europe/Berlin', friday, '0h', friday],
  ['Europe/Berlin', friday, '3d', '2026-11-24T15:30:20+01:00'],
  ['Europe/Berlin', friday, '2w', '2026-11-13T15:30:20+01:00'],
  ['Europe/Berlin', '2026-03-31T12:00:00+02:00', '1m', '2026-02-28T12:00:00+01:00'],
  ['Europe/Berlin', '2024-02-29T12:00:00+01:00', '1y', '2023-02-28T12:00:00+01:00'],
  // Clocks are put back from 03:00 to 02:00: the hour occurs twice, and the second one counts.
  ['Europe/Berlin', friday, '2026-10-25 02:30', '2026-10-25T02:30:00+01:00'],
  ['Europe/Berlin', friday, '2026-10-25 01:59:59', '2026-10-25T01:59:59+02:00'],
  ['Europe/Berlin', friday, '2026-10-25', '2026-10-25T23:59:59+01:00'],
  ['Europe/Berlin', '2026-10-26T02:30:00+01:00', '1d', '2026-10-25T02:30:00+01:00'],
  ['Europe/Berlin', '2026-10-25T12:00:00+01:00', '24h', '2026-10-24T13:00:00+02:00'],
  ['Europe/Berlin', '2026-10-25T12:00:00+01:00', '1d', '2026-10-24T12:00:00+02:00'],
  // Clocks are put forward from 02:00 to 03:00: a skipped time means the last second before it.
  ['Europe/Berlin', friday, '2026-03-29 02:30', '2026-03-29T01:59:59+01:00'],
  ['Europe/Berlin', friday, '2026-03-29 03:00', '2026-03-29T03:00:00+02:00'],
  ['Australia/Lord_Howe', '2026-11-27T12:00:00+11:00', '2026-10-04 02:15', '2026-10-04T01:59:59+10:30'],
  ['America/St_Johns', friday, '2026-07-01 00:00', '2026-07-01T00:00:00-02:30'],
  // A day that this zone skipped.
  ['Pacific/Apia', friday, '2011-12-30', '2011-12-29T23:59:59-10:00'],
  ['Pacific/Apia', friday, '2011-12-31', '2011-12-31T23:59:59+14:00'],
] // prettier-ignore

const refused = [
  ...['', 'soon', '2026', '2026-11', '2026-02-30', '2026-13-01', '2026-11-21 24:00', '3', '3x'],
  ...[
    '2026-11-21 14',
    '2026-11-21 14:60',
    '2026-02-30T00:00:00Z',
    '2026-11-21 14:00:60',
    'yesterday 25:00',
    '-3d',
    '12345d',
  ],
]

const secondOf = (text: string): number => at(text).getTime() / 1000

describe('at-time', () => {
  for (const [place, now, text, last] of table) {
    it(`reads "${text}" as ${last} (${place})`, () => {
      const found = lastSecondOf(text, at(now), zoneOf(place))
      expect(new Date(found * 1000).toISOString()).to.equal(at(last).toISOString())
    })
  }

  for (const text of refused) {
    it(`refuses "${text}"`, () => {
      expect(() => lastSecondOf(text, at(friday), zoneOf('Europe/Berlin')))
        .to.throw(CuraError, /^--at ".*" is not a time: write 2026-11-21, .*yesterday/)
        .with.property('code', 'usage')
    })
  }

  it('finds the last second before a day began', () => {
    const days: ReadonlyArray<[zone: string, text: string, last: string]> = [
      ['UTC', '2026-11-21', '2026-11-20T23:59:59'],
      ['UTC', '2026-11-21 14:00', '2026-11-21T14:00:00'],
      ['Europe/Berlin', 'today', '2026-11-26T23:59:59+01:00'],
      ['Europe/Berlin', 'yesterday', '2026-11-25T23:59:59+01:00'],
      ['Europe/Berlin', '3d', '2026-11-24T15:30:20+01:00'],
      // The day before was skipped.
      ['Pacific/Apia', '2011-12-31', '2011-12-29T23:59:59-10:00'],
    ]
    for (const [place, text, last] of days) {
      const found = lastSecondBefore(text, at(friday), zoneOf(place), '--newer')
      expect(new Date(found * 1000).toISOString(), text).to.equal(at(last).toISOString())
    }
    expect(() => lastSecondBefore('soon', at(friday), zoneOf('UTC'), '--older')).to.throw(
      CuraError,
      /^--older "soon" is not a time/,
    )
  })

  it('counts whole seconds', () => {
    const now = new Date('2026-11-27T15:30:20.999Z')
    expect(lastSecondOf('1h', now, zoneOf('UTC'))).to.equal(secondOf('2026-11-27T14:30:20'))
  })

  it('agrees with the zone of this process', () => {
    const found = lastSecondOf('2026-07-21 14:00', new Date(), localZone)
    expect(found).to.equal(new Date(2026, 6, 21, 14).getTime() / 1000)
  })
})
