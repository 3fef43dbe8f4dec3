// Numbers as text.
import {expect} from 'chai'
import {
  age,
  clockTime,
  count,
  counted,
  duration,
  parsePeriod,
  parseSize,
  shortAge,
  size,
} from '../../src/base/units.js'

const sizes: ReadonlyArray<[number, string]> = [
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [99_949, '99.9 kB'],
  [99_960, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [120_000_000, '120 MB'],
  [2_400_000_000, '2.4 GB'],
  [1e21, '1000 EB'],
]

const durations: ReadonlyArray<[number, string]> = [
  [-5, '0.0 s'],
  [300, '0.3 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_599_600, '1 h 0 min'],
  [3_780_000, '1 h 3 min'],
]

const ages: ReadonlyArray<[number, string]> = [
  [-1000, '0 s'],
  [1000, '1 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_200_000, '2 hours'],
  [47 * 3_600_000, '47 hours'],
  [48 * 3_600_000, '2 days'],
  [1234 * 86_400_000, '1,234 days'],
]

describe('units', () => {
  it('groups digits by three', () => {
    expect([0, 999, 1000, 117_745, 1_234_567].map(count)).to.deep.equal([
      '0',
      '999',
      '1,000',
      '117,745',
      '1,234,567',
    ])
  })

  it('agrees with its noun', () => {
    expect([counted(1, 'file'), counted(0, 'file'), counted(2, 'entry', 'entries')]).to.deep.equal([
      '1 file',
      '0 files',
      '2 entries',
    ])
  })

  it('shows sizes in decimal units', () => {
    expect(sizes.map(([bytes]) => size(bytes))).to.deep.equal(sizes.map(([, text]) => text))
  })

  // What a user types, and how many bytes it is.
  const typed: ReadonlyArray<[string, number]> = [
    ['500', 500],
    ['500b', 500],
    ['1k', 1024],
    ['1 KiB', 1024],
    ['1.5MiB', 1_572_864],
    ['20M', 20_971_520],
    ['20MB', 20_000_000],
    ['2GiB', 2_147_483_648],
    ['2gb', 2_000_000_000],
    ['1TiB', 1_099_511_627_776],
    ['1TB', 1_000_000_000_000],
  ]

  it('reads sizes, and names the flag of a wrong one', () => {
    expect(typed.map(([text]) => parseSize(text, '--x'))).to.deep.equal(
      typed.map(([, bytes]) => bytes),
    )
    for (const wrong of ['', 'M', '1Kib2', '1 M B', '-1', '1e3', '9999999P']) {
      expect(() => parseSize(wrong, '--x'), wrong).to.throw(`--x "${wrong}" is not a size: write`)
    }
  })

  it('shows durations', () => {
    expect(durations.map(([ms]) => duration(ms))).to.deep.equal(durations.map(([, text]) => text))
  })

  it('shows ages', () => {
    expect(ages.map(([ms]) => age(ms))).to.deep.equal(ages.map(([, text]) => text))
  })

  it('shows ages in a column', () => {
    const times = [-1, 0, 119_999, 120_000, 7_200_000, 2 * 86_400_000]
    expect(times.map(shortAge)).to.deep.equal(['future', '0 s', '119 s', '2 min', '2 h', '2 d'])
  })

  it('reads periods', () => {
    const texts = ['2s', '30min', '30m', '26h', '3d', '2w', ' 1 h ']
    expect(texts.map((text) => parsePeriod(text, '--max-age') / 1000)).to.deep.equal([
      2, 1800, 1800, 93_600, 259_200, 1_209_600, 3600,
    ])
    for (const text of ['', '0h', '26', '-1h', '1.5h', '1y', 'h', '1234567s', '1h30m']) {
      expect(() => parsePeriod(text, '--max-age'), text).to.throw(/^--max-age ".*" is not a period/)
    }
  })

  it('shows the time to go', () => {
    expect([0, 6.2, 750, 3723].map(clockTime)).to.deep.equal(['0:00', '0:07', '12:30', '1:02:03'])
  })
})
