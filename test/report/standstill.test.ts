// When a run reports that it makes no progress.
import {expect} from 'chai'
import type {Progress} from '../../src/native/native.js'
import {Standstill} from '../../src/report/standstill.js'
import {runProgram} from '../native/programs.js'
import {storeAndDocs} from '../support/temporary.js'

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
