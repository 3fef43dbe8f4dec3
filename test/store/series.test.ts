// Groups snapshots into histories, and shows what retention keeps of each.
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

  it('does not count a carried source as a snapshot of it', () => {
    const pictures = [at(alpha, [etc, carried]), at(alpha, [etc, carried]), at(alpha, [etc, docs])]
    expect(kept([...pictures, at(alpha, [etc, docs])])).to.deep.equal(['d1', 'd3'])
    expect(kept([at(alpha, [etc, docs]), ...pictures]), 'the control').to.deep.equal(['d1'])
  })

  it('counts a carried source if no other snapshot holds it', () => {
    expect(kept([at(alpha, [etc]), at(alpha, [etc, carried])])).to.deep.equal(['d1', 'd2'])
  })

  it('does not confuse the label of a series with the name of another', () => {
    const [nas, vm] = [old('nas'), old('vm')].map((machine) => ({...machine, id: machine.host}))
    const pictures = [at(nas, [docs]), at(vm, [docs]), at(nas, [{name: 'docs (nas)', path: '/x'}])]
    expect(kept(pictures)).to.deep.equal(['d1', 'd2', 'd3'])
  })

  it('removes nothing more in a second run, whatever distinguished clones', () => {
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
    // A run records the clones that it finds in its marker.
    const {fresh} = lineage([at(twin, [docs]), at(alpha, [docs])], [held(alpha, docs)])
    expect(fresh).to.deep.equal(['docs'])
    const told = [at(alpha, [docs], ['alpha', 'twin']), at(twin, [docs])]
    expect(keptOf(told)).to.deep.equal(['d1', 'd2'])
    expect(keptOf([at(alpha, [docs]), at(twin, [docs])]), 'the control').to.deep.equal(['d1'])
    expect(lineage(told, [held(alpha, docs)]).fresh).to.deep.equal([])
  })

  it("counts the Python tool's snapshots for every history of the name", () => {
    expect(kept([at(alpha, [ben]), at(alpha, [ann]), python, python])).to.deep.equal(['d1', 'd2'])
  })
})
