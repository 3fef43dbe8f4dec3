// The text of the progress line, and its arithmetic.
import {expect} from 'chai'
import type {Progress} from '../../src/native/native.js'
import {
  progressText,
  rateOf,
  secondsToGo,
  stoppingLines,
  type Sample,
} from '../../src/report/progress.js'

const apply: Progress = {
  phase: 'apply',
  entries: 2000,
  bytes: 1_200_000_000,
  totalEntries: 4000,
  totalBytes: 2_400_000_000,
}

const samples: Sample[] = [
  {time_ms: 1000, entries: 0, bytes: 0},
  {time_ms: 6000, entries: 1000, bytes: 600_000_000},
  {time_ms: 11_000, entries: 2000, bytes: 1_200_000_000},
]

/** A wide terminal in a UTF-8 locale. */
const roomy = {width: 119, hasSigns: true}

describe('progress', () => {
  it('computes the rate from the first and the last sample', () => {
    expect(rateOf(samples)).to.deep.equal({entriesPerSecond: 200, bytesPerSecond: 120_000_000})
  })

  it('has no rate from too few samples', () => {
    expect(rateOf([])).to.equal(null)
    expect(rateOf(samples.slice(0, 1))).to.equal(null)
    expect(rateOf([...samples.slice(0, 1), {time_ms: 1100, entries: 9, bytes: 9}])).to.equal(null)
  })

  // The rest of the work, the rate, and the seconds to go.
  const left: ReadonlyArray<[string, Partial<Progress>, [number, number] | null, number | null]> = [
    ['entries and bytes', {}, [200, 120e6], 10],
    ['bytes alone', {totalEntries: 2000}, [0, 60e6], 20],
    ['entries alone', {totalBytes: 0}, [100, 0], 20],
    ['an entry for 16 KiB', {entries: 3999, bytes: 2.4e9 - 16_384}, [0, 32_768], 1],
    ['all done', {entries: 4000, bytes: 2.4e9}, [0, 0], 0],
    ['more than announced', {entries: 5000, bytes: 3e9}, [10, 10], 0],
    ['no rate yet', {}, null, null],
    ['a standstill', {}, [0, 0], null],
    ['a total not known yet', {totalEntries: 0}, [200, 120e6], null],
  ]
  for (const [what, changed, rate, expected] of left) {
    it(`estimates the time to go: ${what}`, () => {
      const known = rate && {entriesPerSecond: rate[0], bytesPerSecond: rate[1]}
      expect(secondsToGo({...apply, ...changed}, known)).to.equal(expected)
    })
  }

  // What is known, the rate, and the line on a wide terminal.
  const texts: ReadonlyArray<[Partial<Progress>, [number, number] | null, string]> = [
    [
      {},
      [200, 120e6],
      'Copying   50%  █████·····  0:10 left  120 MB/s  2,000 of 4,000 entries  1.2 GB of 2.4 GB',
    ],
    [
      {entries: 1000, bytes: 660e6},
      null,
      'Copying   27%  ██▋·······  1,000 of 4,000 entries  660 MB of 2.4 GB',
    ],
    [
      {phase: 'scan', entries: 7, bytes: 0, totalEntries: 0, totalBytes: 0},
      null,
      'Scanning  7 entries',
    ],
    [{phase: 'sync'}, [0, 0], 'Writing to disk'],
    [{phase: 'verify', bytes: 0, totalEntries: 0}, null, 'verify  2,000 entries'],
    // Everything is copied, or nothing is for a while.
    [{bytes: 2.4e9}, [200, 0], 'Linking   98%  █████████▊  0:10 left  2,000 of 4,000 entries'],
    [
      {bytes: 0, totalBytes: 0},
      [200, 0],
      'Linking   50%  █████·····  0:10 left  2,000 of 4,000 entries',
    ],
    [{bytes: 0}, [200, 0], 'Linking    1%  ▏·········  12:23 left  2,000 of 4,000 entries'],
    [{bytes: 0}, [0, 0], 'Copying    1%  ▏·········  2,000 of 4,000 entries'],
    [
      {phase: 'remove', bytes: 0, totalBytes: 0, doomed: {what: 'snapshot', number: 2, of: 4}},
      [200, 0],
      'Removing snapshot 2 of 4   50%  █████·····  0:10 left  2,000 of 4,000 entries',
    ],
    [
      {phase: 'remove', bytes: 0, totalEntries: 0, doomed: {what: 'leftover'}},
      [200, 0],
      'Removing what an interrupted run left  2,000 entries',
    ],
    [
      {phase: 'remove', bytes: 0, totalEntries: 0, doomed: {what: 'unfinished'}},
      [200, 0],
      'Removing the unfinished snapshot  2,000 entries',
    ],
  ]
  for (const [changed, rate, expected] of texts) {
    it(`shows: ${expected}`, () => {
      const known = rate && {entriesPerSecond: rate[0], bytesPerSecond: rate[1]}
      expect(progressText({...apply, ...changed}, known, roomy)).to.equal(expected)
    })
  }

  // The width of the terminal, and the line without signs.
  const widths: ReadonlyArray<[number, string]> = [
    [5, 'Copyi'],
    [12, 'Copying'],
    [15, 'Copying   50%'],
    [39, 'Copying   50%  0:10 left  120 MB/s'],
    [79, 'Copying   50%  0:10 left  120 MB/s  2,000 of 4,000 entries  1.2 GB of 2.4 GB'],
  ]
  for (const [width, expected] of widths) {
    it(`leaves out the less important parts at ${width} columns`, () => {
      const room = {width, hasSigns: false}
      expect(progressText(apply, rateOf(samples), room)).to.equal(expected)
    })
  }

  it('keeps the time left at 40 columns', () => {
    const narrow = {width: 39, hasSigns: true}
    expect(progressText(apply, rateOf(samples), narrow)).to.match(/ {2}█+·+ {2}0:10 left$/)
    const doomed = {what: 'snapshot', number: 12, of: 40} as const
    const removal: Progress = {...apply, phase: 'remove', doomed}
    expect(progressText(removal, rateOf(samples), narrow)).to.match(/^Removing 12 of 40 .* left$/)
  })

  // What happened before the stop, the width, and the lines.
  const unfinished = {what: 'unfinished'} as const
  const removing: Partial<Progress> = {phase: 'remove', doomed: unfinished}
  const hint = 'Ctrl-C again leaves that to the next run'
  const stops: ReadonlyArray<[Partial<Progress> | null, number, string[]]> = [
    [null, 119, ['Stopping']],
    [{phase: 'scan'}, 119, ['Stopping']],
    [{}, 119, [`Stopping: removing the unfinished snapshot (${hint})`]],
    [removing, 119, [`Stopping: removing the unfinished snapshot, 2,000 of 4,000 (${hint})`]],
    [removing, 79, ['Stopping: removing the unfinished snapshot, 2,000 of 4,000', hint]],
    [removing, 39, ['Stopping: removing 2,000 of 4,000', hint.slice(0, 39)]],
    [{...removing, totalEntries: 0}, 39, ['Stopping: removing 2,000', hint.slice(0, 39)]],
    [{...removing, doomed: {what: 'leftover'}}, 79, ['Stopping: the next run removes the rest']],
  ]
  for (const [changed, width, expected] of stops) {
    it(`says after a stop at ${width} columns: ${expected[0]}`, () => {
      const progress = changed && {...apply, ...changed}
      expect(stoppingLines(progress, {width, hasSigns: true})).to.deep.equal(expected)
    })
  }
})
