// The progress line: its arithmetic, and when it is drawn.
import {expect} from 'chai'
import type {Progress} from '../../src/native/native.js'
import {
  progressText,
  rateOf,
  secondsToGo,
  ProgressLine,
  Standstill,
  type Sample,
} from '../../src/report/progress.js'
import {runProgram} from '../native/programs.js'
import {storeAndDocs} from '../support/temporary.js'

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

class Screen {
  readonly columns: number
  written = ''
  constructor(
    readonly isTTY: boolean,
    columns = 100,
  ) {
    this.columns = columns
  }

  write(text: string): void {
    this.written += text
  }
}

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

  it('shows phase, amounts and time to go', () => {
    expect(progressText(apply, rateOf(samples))).to.equal(
      'Copying  2,000 of 4,000 entries  1.2 GB of 2.4 GB  120 MB/s  0:10 left',
    )
    const scan = {phase: 'scan', entries: 7, bytes: 0, totalEntries: 0, totalBytes: 0} as const
    expect(progressText(scan, null)).to.equal('Scanning  7 entries')
    expect(progressText({...scan, phase: 'sync', entries: 0}, null)).to.equal('Writing to disk')
    expect(progressText({...scan, phase: 'verify'}, null)).to.equal('verify  7 entries')
  })

  it('draws on a terminal, within its width, and erases what it drew', () => {
    const screen = new Screen(true, 20)
    const line = new ProgressLine(screen, () => 0)
    line.update(apply)
    expect(screen.written).to.equal('\rCopying  2,000 of 4\u001b[K')
    line.clear()
    line.clear()
    expect(screen.written).to.equal('\rCopying  2,000 of 4\u001b[K\r\u001b[K')
  })

  it('draws on a terminal that does not know its width', () => {
    const screen = new Screen(true, 0)
    new ProgressLine(screen, () => 0).update(apply)
    expect(screen.written).to.match(/2\.4 GB/)
  })

  it('writes nothing without a terminal', () => {
    const screen = new Screen(false)
    const line = new ProgressLine(screen, () => 0)
    line.update(apply)
    line.say('hello')
    line.clear()
    expect(screen.written).to.equal('')
  })
})

describe('a standstill', () => {
  const still: Progress = {
    ...{phase: 'scan', entries: 5, bytes: 0, reads: 7},
    ...{totalEntries: 0, totalBytes: 0},
  }

  // The progress in each second, and after how many seconds a standstill is reported, if at all.
  const table: ReadonlyArray<[string, (second: number) => Progress, number | null]> = [
    ['nothing moves', () => still, 5],
    [
      'something moves, and then nothing',
      (second) => ({...still, entries: Math.min(second, 4)}),
      9,
    ],
    ['entries are met', (second) => ({...still, entries: second}), null],
    ['bytes are copied', (second) => ({...still, bytes: second}), null],
    ['contents are compared', (second) => ({...still, reads: second}), null],
    ['the disk syncs', () => ({...still, phase: 'sync'}), null],
    ['another program works', () => ({...still, reads: undefined}) as unknown as Progress, null],
  ]
  for (const [what, progress, expected] of table) {
    it(`is ${expected === null ? 'not reported' : `reported once after ${expected} s`}: ${what}`, () => {
      let second = 0
      const told: Array<readonly [number, string]> = []
      const standstill = new Standstill(
        () => second * 1000,
        (text) => told.push([second, text]),
      )
      for (; second < 30; second += 1) standstill.hear(progress(second))
      expect(told.map(([at]) => at)).to.deep.equal(expected === null ? [] : [expected])
      for (const [, text] of told) expect(text).to.match(/^Scanning: no progress for 5 s/)
    })
  }

  const {store, docs} = storeAndDocs()

  it('is reported by the program, but not with -q (needs strace)', function () {
    if (process.platform !== 'linux') this.skip()
    const faults = ['-e', 'trace=getdents64', '-e', 'inject=getdents64:delay_enter=6000000:when=1']
    const under = ['strace', '-f', '-qq', '-o', '/dev/null', '-P', docs(), ...faults]
    const run = (...flags: string[]) => runProgram(['-n', '-b', store(), docs(), ...flags], {under})
    expect(run().err).to.match(/^cura-te-ipsum: Scanning: no progress for 5 s, waiting for a/)
    expect(run('-q')).to.include({exit: 0, err: ''})
  })
})
