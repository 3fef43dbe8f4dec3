// Names of snapshots, in both forms, in zones with and without daylight saving time.
import {expect} from 'chai'
import fc from 'fast-check'
import {
  formatSnapshotName,
  isWorkName,
  nextFreeName,
  parseSnapshotName,
  partialName,
  trashName,
} from '../../src/store/snapshot-name.js'

const zone = process.env.TZ

function useZone(name: string | undefined): void {
  if (name === undefined) delete process.env.TZ
  else process.env.TZ = name
}

// The name, and its form and local time, or null if it is not a snapshot.
const names: ReadonlyArray<[string, string | null]> = [
  ['2025-01-15_10-30-00', 'new 2025-01-15T10:30:00'],
  ['20250115_103000', 'old 2025-01-15T10:30:00'],
  ['2024-02-29_23-59-59', 'new 2024-02-29T23:59:59'],
  ['0042-01-01_00-00-00', 'new 0042-01-01T00:00:00'],
  ['2025-02-29_00-00-00', null],
  ['2025-13-01_00-00-00', null],
  ['2025-00-01_00-00-00', null],
  ['2025-01-00_00-00-00', null],
  ['2025-01-32_00-00-00', null],
  ['2025-01-15_24-00-00', null],
  ['2025-01-15_10-60-00', null],
  ['2025-01-15_10-30-60', null],
  ['2025-01-15', null],
  ['2025-01-15_10-30-00 ', null],
  ['2025-01-15_10-30-00\n', null],
  ['x2025-01-15_10-30-00', null],
  ['.partial-2025-01-15_10-30-00', null],
  ['2025-0115_103000', null],
  ['', null],
]

function shown(name: string): string | null {
  const parsed = parseSnapshotName(name)
  if (parsed === null) return null
  const text = formatSnapshotName(parsed.instant)
  const [day, time = ''] = text.split('_')
  return `${parsed.form} ${day}T${time.replaceAll('-', ':')}`
}

// The local second, the names in the store, and the free name.
const free: ReadonlyArray<[string, string, string[], string]> = [
  ['an empty store', '2025-01-15_10-30-00', [], '2025-01-15_10-30-00'],
  ['the second taken', '2025-01-15_10-30-00', ['2025-01-15_10-30-00'], '2025-01-15_10-30-01'],
  ['taken in the old form', '2025-01-15_10-30-00', ['20250115_103000'], '2025-01-15_10-30-01'],
  [
    'work in progress of that name',
    '2025-01-15_10-30-00',
    ['.partial-2025-01-15_10-30-00', '.trash-2025-01-15_10-30-01'],
    '2025-01-15_10-30-02',
  ],
  ['the last of a year', '2025-12-31_23-59-59', ['2025-12-31_23-59-59'], '2026-01-01_00-00-00'],
  ['others taken', '2025-01-15_10-30-00', ['2025-01-15_10-30-01'], '2025-01-15_10-30-00'],
]

describe('snapshot-name', () => {
  afterEach(() => {
    useZone(zone)
  })

  for (const [name, expected] of names) {
    it(`reads ${JSON.stringify(name)}`, () => {
      expect(shown(name)).to.equal(expected)
    })
  }

  for (const [what, now, taken, expected] of free) {
    it(`finds the next free name: ${what}`, () => {
      const instant = parseSnapshotName(now)?.instant ?? new Date(Number.NaN)
      expect(nextFreeName(instant, new Set(taken))).to.equal(expected)
    })
  }

  it('reads a name as local time', () => {
    const instants = ['UTC', 'Asia/Kolkata', 'America/New_York'].map((name) => {
      useZone(name)
      return parseSnapshotName('2025-01-15_10-30-00')?.instant.toISOString()
    })
    expect(instants).to.deep.equal([
      '2025-01-15T10:30:00.000Z',
      '2025-01-15T05:00:00.000Z',
      '2025-01-15T15:30:00.000Z',
    ])
  })

  it('finds a free name in an hour that occurs twice', () => {
    useZone('Europe/Berlin')
    const second = new Date('2025-10-26T01:30:00Z') // 02:30 for the second time
    const taken = new Set(['2025-10-26_02-30-00', '2025-10-26_02-30-01'])
    expect(nextFreeName(second, taken)).to.equal('2025-10-26_02-30-02')
  })

  it('accepts a name from an hour that the zone skips', () => {
    useZone('Europe/Berlin')
    expect(parseSnapshotName('2025-03-30_02-30-00')?.form).to.equal('new')
  })

  it('reads back what it wrote, and never gives a name that is taken', () => {
    useZone('Europe/Berlin')
    const dates = fc.date({
      min: new Date('1971-01-01'),
      max: new Date('9998-01-01'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(dates, fc.array(fc.nat(5)), (date, seconds) => {
        const near = seconds.map((second) => new Date(date.getTime() + second * 1000))
        const taken = new Set(near.map(formatSnapshotName))
        const name = nextFreeName(date, taken)
        expect(taken.has(name)).to.be.false
        const parsed = parseSnapshotName(name)
        expect(parsed && formatSnapshotName(parsed.instant)).to.equal(name)
      }),
    )
  })

  it('recognizes only work in progress by its name', () => {
    const name = '2025-01-15_10-30-00'
    const found = [partialName(name), trashName(name), trashName('20250115_103000')]
    expect(found.map(isWorkName)).to.deep.equal([true, true, true])
    const others = [name, '.partial-', '.partial-mine', '.trash-1000', `..trash-${name}`, '.trash']
    expect(others.map(isWorkName)).to.deep.equal(others.map(() => false))
  })
})
