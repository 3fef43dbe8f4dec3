// Which totals the program shows: of a scan, only that of the same sources; of a removal, one for all.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../native/programs.js'
import {storeAndDocs} from '../support/temporary.js'

describe('the total (needs strace)', () => {
  const {temporary, store, docs} = storeAndDocs()
  const etc = (): string => join(temporary(), 'etc')

  beforeEach(function () {
    if (process.platform !== 'linux') this.skip()
    mkdirSync(etc())
    writeFileSync(join(etc(), 'b'), '')
  })

  /** What a run on a slow disk reports: each of these calls takes so long. */
  function reported(call: string, delay_us: number, argv: readonly string[], path?: string) {
    const faults = ['-e', `trace=${call}`, '-e', `inject=${call}:delay_enter=${delay_us}`]
    const under = [
      'strace',
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      ...(path === undefined ? [] : ['-P', path]),
      ...faults,
    ]
    const {exit, out} = runProgram([...argv, '--json-lines', '-b', store()], {under})
    expect(exit, out).to.equal(0)
    type Event = Readonly<Record<string, unknown>>
    return out.trim().split('\n').map((line) => JSON.parse(line) as Event) // prettier-ignore
  }

  /** The totals that a dry run shows while it scans. */
  const totals = (...sources: string[]): unknown[] =>
    reported('getdents64', 200_000, ['-n', ...sources], sources[0] ?? '')
      .filter(({event, phase}) => event === 'progress' && phase === 'scan')
      .map((event) => event.total_entries)

  const backUp = (...sources: string[]): void => {
    expect(runProgram(['-b', store(), ...sources])).to.include({exit: 0})
  }

  it('of a scan is the one of the previous snapshot', () => {
    backUp(docs())
    expect(totals(docs())[0]).to.equal(2)
    backUp(docs(), etc())
    expect(totals(docs(), etc())[0]).to.equal(4)
  })

  it('of a scan is unknown if that snapshot is of another source, or of more of them', () => {
    backUp(docs())
    expect(totals(etc())[0]).to.equal(0)
    expect(totals(docs(), etc())[0]).to.equal(0)
    backUp(docs(), etc())
    expect(totals(docs())[0]).to.equal(0)
  })

  it('of a removal is one for all snapshots', () => {
    for (const n of [1, 2, 3]) {
      for (const name of ['x', 'y']) writeFileSync(join(docs(), `${name}${n}`), '')
      backUp('--no-prune', docs())
    }
    const prune = ['prune', '--keep-last', '1']
    const seen = reported('unlinkat', 300_000, prune)
      .filter(({event}) => event === 'progress')
      .map((event) => [event.entries, event.total_entries] as [number, number])
    const [, total = 0] = seen[0] ?? []
    expect(total).to.be.above(10) // both trees, their markers and records aside
    for (const [at, [entries]] of seen.entries()) {
      expect(entries).to.be.at.least(seen[at - 1]?.[0] ?? 0)
    }
    expect(seen.at(-1)?.[0]).to.be.above(6) // the control: it was shown in the second one as well
    for (const [, one] of seen) expect(one).to.be.within(total - 3, total + 3)
  })
})
