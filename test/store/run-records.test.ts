// The records of runs: how they are read whatever the file holds, and how they are bounded.
import {expect} from 'chai'
import {
  formatRecords,
  parseRecords,
  readRecords,
  withRun,
  type RunGroup,
  type RunRecord,
} from '../../src/store/run-records.js'

const time = '2025-01-15T10:00:00.000Z'

const run = (rest: Partial<RunRecord> = {}): RunRecord => ({
  ...{start: time, end: time, result: 'unchanged', exit: 0},
  ...{snapshot: null, errors: 0, warnings: 0},
  ...rest,
})

const group = (rest: Partial<RunGroup> = {}): RunGroup => ({
  ...{host: 'nas', host_id: '1', profile: null, sources: [{name: 'docs', path: '/docs'}]},
  runs: [run()],
  ...rest,
})

const text = (...groups: unknown[]): string => JSON.stringify({format: 1, groups})

describe('run records', () => {
  it('read what they write', () => {
    const sources = [{name: 'docs', path: 'nas:/docs', named: true as const, host: 'nas'}]
    const failed = run({result: 'failure', exit: 4, message: 'no room', incomplete: ['docs']})
    const groups = [group({sources, runs: [failed, run({snapshot: 'x', result: 'success'})]})]
    expect(parseRecords(formatRecords(groups) ?? '')).to.deep.equal(groups)
  })

  it('count as none if they are damaged, hostile, or of another format', () => {
    const deep = '['.repeat(100_000)
    const bad = ['', '{', '[]', 'null', '"x"', '{"format":2,"groups":[]}', '{"format":1}', deep]
    for (const json of [...bad, text(null, 1, [], {}), text({...group(), runs: 'x'})]) {
      expect(parseRecords(json), json.slice(0, 40)).to.deep.equal([])
    }
    expect(parseRecords(text(group()))).to.have.length(1) // the control
  })

  it('give every field its type, and leave out runs without times or result', () => {
    const odd = {start: time, end: time, result: 'success', exit: 'x', snapshot: 7, errors: -1}
    const others = [{...run(), start: 'x'}, {...run(), result: 'odd'}, null, 5]
    const found = parseRecords(text({host: 1, sources: [{name: 2}, null], runs: [...others, odd]}))
    expect(found).to.deep.equal([
      {
        ...{host: '', host_id: '', profile: null},
        sources: [{name: '', path: ''}, {name: '', path: ''}],
        runs: [run({result: 'success'})],
      },
    ]) // prettier-ignore
  })

  it('are empty if the file cannot be read', () => {
    const fail = (): never => {
      throw new Error('EIO')
    }
    expect(readRecords({readState: fail})).to.deep.equal([])
    expect(readRecords({readState: () => null})).to.deep.equal([])
  })

  it('keep the last 100 runs of a set of sources, the newest first', () => {
    let groups: RunGroup[] = []
    for (let at = 0; at < 150; at += 1) groups = withRun(groups, group({runs: [run({errors: at})]}))
    expect(groups).to.have.length(1)
    expect(groups[0]?.runs.map(({errors}) => errors)).to.deep.equal(
      Array.from({length: 100}, (_, at) => 149 - at),
    )
  })

  it('keep sets of sources, machines and profiles apart, whatever their order', () => {
    const [a, b] = [{name: 'a', path: '/a'}, {name: 'b', path: '/b'}] // prettier-ignore
    const given: RunGroup[] = [
      ...[group({sources: [a, b]}), group({sources: [b, a]}), group({sources: [a]})],
      ...[group({sources: [a], host_id: '2'}), group({sources: [{...a, path: '/other'}]})],
      ...[group({profile: 'home', sources: [a]}), group({profile: 'home', sources: [b]})],
    ]
    let groups: RunGroup[] = []
    for (const one of given) groups = withRun(groups, one)
    expect(groups.map(({runs}) => runs.length)).to.deep.equal([2, 1, 1, 1, 2])
    expect(groups[0]?.sources).to.deep.equal([b]) // those of the last run
  })

  it('forget the sets of sources that were not used for long', () => {
    let groups: RunGroup[] = []
    for (let at = 0; at < 120; at += 1) groups = withRun(groups, group({host_id: String(at)}))
    expect(groups).to.have.length(100)
    expect(groups[0]?.host_id).to.equal('119')
  })

  it('fit into the file, the newest runs first', () => {
    const runs = Array.from({length: 8}, (_, at) => run({errors: at}))
    const groups = [group({runs}), group({host_id: '2'})]
    const whole = formatRecords(groups)?.length ?? 0
    expect(parseRecords(formatRecords(groups, whole - 1) ?? '')).to.deep.equal(groups.slice(0, 1))
    const one = formatRecords([group({runs: runs.slice(0, 1)})])?.length ?? 0
    const [left] = parseRecords(formatRecords(groups, one) ?? '')
    expect(left?.runs).to.deep.equal(runs.slice(0, 1))
    expect(formatRecords(groups, one - 1)).to.equal(null)
    expect(formatRecords([])).to.equal(null)
  })
})
