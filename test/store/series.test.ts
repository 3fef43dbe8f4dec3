// Which snapshots are one history, and what retention keeps of each.
import {expect} from 'chai'
import {policyFrom} from '../../src/retention/policy.js'
import {judge, type LocalTime} from '../../src/retention/retention.js'
import {SeriesView} from '../../src/store/series.js'
import {withSeries, type Snapshot} from '../../src/store/store.js'
import {
  alpha,
  beta,
  m1,
  at,
  docs,
  etc,
  stored,
  held,
  lineage,
  ben,
  ann,
  python,
  old,
  carried,
  now,
  type Picture,
} from './pictures.js'

function keptIn(snapshots: readonly Snapshot[]): string[] {
  const judged = withSeries(new SeriesView(snapshots), snapshots)
  const zone = (): LocalTime => ({year: 2026, month: 11, day: 26, offset_min: 0}) // no rule asks
  return judge(judged, policyFrom({'keep-last': '1'}), now, zone)
    .filter(({keep}) => keep)
    .map(({snapshot}) => snapshot.name)
}
const keptOf = (pictures: readonly Picture[]): string[] => keptIn(stored(pictures))

describe('series, judged by retention', () => {
  const kept = keptOf

  it('keeps the newest of each host and path', () => {
    const pictures = [alpha, beta, alpha, beta].map((machine) => at(machine, [docs]))
    expect(kept([...pictures, at(alpha, [ben]), at(alpha, [ben])])).to.deep.equal([
      'd1',
      'd2',
      'd5',
    ])
  })

  it('does not take what was carried over for a snapshot of the source', () => {
    const pictures = [at(alpha, [etc, carried]), at(alpha, [etc, carried]), at(alpha, [etc, docs])]
    expect(kept([...pictures, at(alpha, [etc, docs])])).to.deep.equal(['d1', 'd3'])
    expect(kept([at(alpha, [etc, docs]), ...pictures]), 'the control').to.deep.equal(['d1'])
  })

  it('counts what was carried over where nothing else has the source', () => {
    expect(kept([at(alpha, [etc]), at(alpha, [etc, carried])])).to.deep.equal(['d1', 'd2'])
  })

  it('takes no label of a series for the name of another one', () => {
    const [nas, vm] = [old('nas'), old('vm')].map((machine) => ({...machine, id: machine.host}))
    const pictures = [at(nas, [docs]), at(vm, [docs]), at(nas, [{name: 'docs (nas)', path: '/x'}])]
    expect(kept(pictures)).to.deep.equal(['d1', 'd2', 'd3'])
  })

  it('removes nothing more when it runs again, whatever told clones apart', () => {
    const twin = {host: 'twin', id: m1}
    const snapshotsOf = (pictures: readonly Picture[]): void => {
      const snapshots = stored(pictures)
      const first = keptIn(snapshots)
      const left = snapshots.filter(({name}) => first.includes(name))
      expect(keptIn(left)).to.deep.equal(first)
    }
    for (const newest of [alpha, twin]) {
      const turns = [newest, alpha, twin, alpha, twin, twin, alpha]
      snapshotsOf(turns.map((machine) => at(machine, [docs])))
    }
    // What a run finds out, it has a marker say.
    const {fresh} = lineage([at(twin, [docs]), at(alpha, [docs])], [held(alpha, docs)])
    expect(fresh).to.deep.equal(['docs'])
    const told = [at(alpha, [docs], ['alpha', 'twin']), at(twin, [docs])]
    expect(keptOf(told)).to.deep.equal(['d1', 'd2'])
    expect(keptOf([at(alpha, [docs]), at(twin, [docs])]), 'the control').to.deep.equal(['d1'])
    expect(lineage(told, [held(alpha, docs)]).fresh).to.deep.equal([])
  })

  it('lets the Python tool count for every history of the name', () => {
    expect(kept([at(alpha, [ben]), at(alpha, [ann]), python, python])).to.deep.equal(['d1', 'd2'])
  })
})
