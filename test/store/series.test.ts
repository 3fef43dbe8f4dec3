// Which snapshots are one history: pictures of a store, the newest snapshot first.
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {cloneNotices, lineageOf, type Lineage} from '../../src/store/bases.js'
import type {Marker, MarkerSource} from '../../src/store/marker.js'
import {policyFrom} from '../../src/retention/policy.js'
import {judge, type LocalTime} from '../../src/retention/retention.js'
import {SeriesView, type Holding} from '../../src/store/series.js'
import {plannedSnapshot, withSeries, type Snapshot} from '../../src/store/store.js'

const [m1, m2] = ['1', '2'].map((digit) => digit.repeat(32))
const day_ms = 86_400_000
const now = new Date('2026-11-26T12:00:00Z')

interface Machine {
  readonly host: string
  /** Undefined: a marker of an older version. */
  readonly id: string | undefined
}
const [alpha, beta]: readonly Machine[] = [
  {host: 'alpha', id: m1},
  {host: 'beta', id: m2},
]
const at = (
  machine: Machine | undefined,
  sources: readonly Partial<MarkerSource>[],
  clones?: readonly string[],
) => ({
  ...(machine ?? {host: '', id: undefined}),
  sources,
  clones,
})
const docs = {name: 'docs', path: '/srv/docs'}
const etc = {name: 'etc', path: '/etc'}

type Picture = ReturnType<typeof at> | readonly string[] | null

/** Snapshots a day apart, called d1, d2 … from the newest on. */
function stored(pictures: readonly Picture[]): Snapshot[] {
  return pictures.map((picture, index) => {
    const instant = new Date(now.getTime() - (index + 1) * day_ms)
    const bare = plannedSnapshot(`d${index + 1}`, instant, [])
    const {holdings, ...snapshot} = bare
    expect(holdings).to.deep.equal([])
    if (picture === null || !('sources' in picture)) return {...snapshot, sources: picture}
    const {host, id, sources, clones} = picture
    const whole = {counts: {excluded: 0}, errors: {count: 0}}
    const marker = {
      start: instant.toISOString(),
      host,
      ...(clones !== undefined && {clones}),
      ...(id !== undefined && {host_id: id}),
      sources,
      ...whole,
    } as unknown as Marker
    return {...snapshot, marker, sources: sources.map(({name = ''}) => name)}
  })
}

const held = (machine: Machine | undefined, source: Partial<MarkerSource>): Holding => ({
  name: '',
  path: '',
  ...source,
  machine: machine?.host ?? '',
  hostId: source.host ?? machine?.id ?? '',
})

const lineage = (
  pictures: readonly Picture[],
  sources: readonly Holding[],
  isMoved = false,
): Lineage => lineageOf(stored(pictures), sources, {moved: isMoved, selection: ''})

/** 'd1', 'd1 foreign', with the older ones behind it. */
const shown = ({bases}: Lineage): string[] =>
  bases.map(({snapshot, foreign, older}) =>
    [String(snapshot), ...(foreign ? ['foreign'] : []), ...older].join(' '),
  )

const ben = {name: 'docs', path: '/srv/ben/docs'}
const ann = {name: 'docs', path: '/srv/ann/docs'}
const python = ['docs']
const old = (host: string): Machine => ({host, id: undefined})
const web = {name: 'etc', path: 'root@web1:/etc', host: 'web1'}
const carried = {...docs, carried: true as const}

// What it is about, the store, the source of the run, and its base with what is older.
const bases: ReadonlyArray<readonly [string, Picture[], Holding, string]> = [
  ['nothing in an empty store', [], held(alpha, docs), 'null'],
  ['its own', [at(alpha, [docs]), at(alpha, [docs])], held(alpha, docs), 'd1 d2'],
  ['its own before a newer one of another host', [at(beta, [docs]), at(alpha, [docs])], held(alpha, docs), 'd2'],
  ['its own before a newer one of another path', [at(alpha, [ann]), at(alpha, [ben])], held(alpha, ben), 'd2'],
  ['the same name of another host, and believes only contents', [at(alpha, [docs])], held(beta, docs), 'd1 foreign'],
  ['the same name of another path', [at(alpha, [ben])], held(alpha, ann), 'd1'],
  ['what it was called before', [at(alpha, [etc]), at(beta, [ben])], held(alpha, {name: 'conf', path: '/conf'}), 'd1'],
  ['nothing of another host under another name', [at(beta, [ben])], held(alpha, etc), 'null'],
  ['one that holds more', [at(alpha, [etc]), at(alpha, [docs, etc])], held(alpha, docs), 'd2'],
  ['one in which it was carried over', [at(alpha, [carried, etc]), at(alpha, [docs])], held(alpha, docs), 'd1 d2'],
  ['the Python tool', [python], held(alpha, docs), 'd1'],
  ['the Python tool as an older one', [at(alpha, [docs]), python], held(alpha, docs), 'd1 d2'],
  ['one of which nothing is known', [null], held(alpha, docs), 'd1'],
  ['a marker without an id, by host name, name and path', [at(old('alpha'), [docs])], held(alpha, docs), 'd1'],
  ['another host where a marker has no id', [at(old('beta'), [docs])], held(alpha, docs), 'd1 foreign'],
  ['another path where a marker has no id', [at(old('alpha'), [ben])], held(alpha, ann), 'd1'],
  ['its name wherever it is, given as NAME=PATH', [at(alpha, [{...ann, named: true}]), at(alpha, [ben])], held(alpha, {...docs, named: true}), 'd1'],
  ['the host of a remote source, whoever asks', [at(alpha, [web])], held(beta, {...web, path: 'ann@web1:/etc/'}), 'd1'],
  ['the machine itself where its id is its name', [at(alpha, [web])], held({host: 'web1', id: 'web1'}, etc), 'd1'],
  ['its own where machines have no id', [at({host: 'pod-1', id: ''}, [docs])], held({host: 'pod-2', id: ''}, docs), 'd1'],
  ['its own where a machine was renamed', [at(alpha, [docs])], held({host: 'new', id: m1}, docs), 'd1'],
  ['its own name among cloned machines', [at({host: 'twin', id: m1}, [docs]), at(alpha, [docs])], held(alpha, docs), 'd2'],
  ['its own where one name is given to many', [at({host: 'pod-2', id: 'web'}, [docs]), at({host: 'pod-1', id: 'web'}, [docs])], held({host: 'pod-1', id: 'web'}, docs), 'd1 d2'],
] // prettier-ignore

function keptIn(snapshots: readonly Snapshot[]): string[] {
  const judged = withSeries(new SeriesView(snapshots), snapshots)
  const zone = (): LocalTime => ({year: 2026, month: 11, day: 26, offset_min: 0}) // no rule asks
  return judge(judged, policyFrom({'keep-last': '1'}), now, zone)
    .filter(({keep}) => keep)
    .map(({snapshot}) => snapshot.name)
}
const keptOf = (pictures: readonly Picture[]): string[] => keptIn(stored(pictures))

describe('series', () => {
  for (const [what, pictures, source, expected] of bases) {
    it(`link a source against ${what}`, () => {
      expect(shown(lineage(pictures, [source]))).to.deep.equal([expected])
    })
  }

  it('give each source its own base, in their order', () => {
    const pictures = [at(alpha, [etc]), at(alpha, [docs]), at(alpha, [docs, etc])]
    const found = lineage(pictures, [held(alpha, docs), held(alpha, etc), held(alpha, ben)])
    expect(shown(found)).to.deep.equal(['d2 d3', 'd1 d3', 'd2'])
    expect(found.fresh).to.deep.equal(['docs'])
  })

  it('never link against what is unfinished or dated in the future', () => {
    const [future, unfinished, good] = stored([1, 2, 3].map(() => at(alpha, [docs])))
    const snapshots = [{...future, future: true}, {...unfinished, finished: false}, good]
    const found = lineageOf(snapshots as Snapshot[], [held(alpha, docs)], {
      moved: false,
      selection: '',
    })
    expect(shown(found)).to.deep.equal(['d3'])
  })

  it('say once that a source of a known name begins a history', () => {
    const sentence =
      'docs: /srv/ben/docs and /srv/ann/docs have separate histories. If it is the same data, moved, ' +
      'add --moved; otherwise there is nothing to do.'
    const first = lineage([at(alpha, [ben])], [held(alpha, ann)])
    expect(first).to.deep.include({notices: [sentence], fresh: ['docs']})
    const second = lineage([at(alpha, [ann]), at(alpha, [ben])], [held(alpha, ann)])
    expect(second).to.deep.include({notices: [], fresh: []})
    const host = lineage([at(alpha, [docs])], [held(beta, docs)])
    expect(host.notices.join()).to.include('docs: /srv/docs on alpha and /srv/docs on beta have')
  })

  it('say nothing where the name is new, or the Python tool had it', () => {
    for (const picture of [at(alpha, [etc]), python]) {
      expect(lineage([picture], [held(alpha, docs)]).notices).to.deep.equal([])
    }
  })

  it('tell cloned machines apart, and say so', () => {
    const twin = {host: 'twin', id: m1}
    const turns = [at(twin, [docs]), at(alpha, [docs])]
    const {notices, view} = lineage(turns, [held(alpha, docs)])
    expect(notices.join()).to.match(/^alpha and twin share the machine id 1{32} /)
    expect(
      stored(turns).map((one) => [...(view.of(one) ?? [])].map((key) => view.labelOf(key))),
    ).to.eql([['docs (twin)'], ['docs (alpha)']])
    // The run that shows it first says it; from then on, status does.
    const later = lineage([at(alpha, [docs]), ...turns], [held(twin, docs)])
    expect(later.notices).to.deep.equal([])
    expect(cloneNotices(later.view, () => true)).to.deep.equal(notices)
    // A machine that was renamed once is one: the control.
    expect(lineage(turns, [held(twin, docs)]).notices).to.deep.equal([])
  })

  it('take a symlink for what it leads to where the store knows that alone', () => {
    const link = {...held(alpha, {name: 'docs', path: '/link/docs'}), realPath: '/srv/ben/docs'}
    expect(lineage([at(alpha, [ben])], [link]).holdings[0]?.path).to.equal('/srv/ben/docs')
    const known = [at(alpha, [ben]), at(alpha, [{name: 'docs', path: '/link/docs'}])]
    expect(lineage(known, [link]).holdings[0]?.path).to.equal('/link/docs')
  })
})

describe('series, moved', () => {
  /** A run with --moved, and the marker that it makes. */
  const move = (pictures: readonly Picture[], source: Holding, machine = alpha) => {
    const found = lineage(pictures, [source], true)
    const made = at(machine, found.holdings)
    return {found, made}
  }
  const seriesIn = (pictures: readonly Picture[]): number =>
    new SeriesView(stored(pictures)).all.length

  it('join the history that a source of the name had', () => {
    const {found, made} = move([at(alpha, [ben]), at(alpha, [ben])], held(alpha, ann))
    const notices = ['docs continues the history of /srv/ben/docs on alpha.']
    expect(found, 'a snapshot is made').to.deep.include({notices, fresh: ['docs']})
    expect(shown(found)).to.deep.equal(['d1 d2'])
    expect(seriesIn([made, at(alpha, [ben])])).to.equal(1)
    expect(seriesIn([at(alpha, [ann]), at(alpha, [ben])]), 'the control').to.equal(2)
  })

  it('stay joined in later runs, whatever was removed meanwhile', () => {
    const {made} = move([at(alpha, [ben])], held(alpha, ann))
    const next = lineage([made, at(alpha, [ben])], [held(alpha, ann)])
    expect(shown(next)).to.deep.equal(['d1 d2'])
    const later = at(alpha, next.holdings)
    expect(seriesIn([later, at(alpha, [ben])])).to.equal(1)
  })

  it('join at a later run, too', () => {
    const {made} = move([at(alpha, [ann]), at(alpha, [ben])], held(alpha, ann))
    expect(seriesIn([made, at(alpha, [ann]), at(alpha, [ben])])).to.equal(1)
  })

  it('join what was moved twice', () => {
    const {made: first} = move([at(alpha, [ben])], held(alpha, ann))
    const {made: second} = move([first, at(alpha, [ben])], held(alpha, docs))
    expect(seriesIn([second, at(alpha, [ben])])).to.equal(1)
  })

  it('join another host, and a marker without an id', () => {
    for (const machine of [beta, old('beta')]) {
      const {found, made} = move([at(machine, [docs])], held(alpha, docs))
      expect(found.fresh).to.deep.equal(['docs'])
      expect(seriesIn([made, at(machine, [docs])])).to.equal(1)
    }
  })

  // What it is about, the store, the source of the run, and what it continues or why it does not.
  const choices: ReadonlyArray<readonly [string, Picture[], Holding, RegExp | string]> = [
    ['its machine before another', [at(beta, [docs]), at(alpha, [ben])], held(alpha, ann), '/srv/ben/docs on alpha'],
    ['its path on another machine before another path', [at(beta, [ben]), at(beta, [ann])], held(alpha, ann), '/srv/ann/docs on beta'],
    ['the only one, wherever it is', [at(beta, [ben])], held(alpha, ann), '/srv/ben/docs on beta'],
    ['none of two on its machine', [at(alpha, [ben]), at(alpha, [docs])], held(alpha, ann), /ben\/docs on alpha; \/srv\/docs on alpha/],
    ['none of its machine and its path', [at(beta, [ann]), at(alpha, [docs])], held(alpha, ann), /ann\/docs on beta; \/srv\/docs on alpha/],
    ['none of two elsewhere', [at(beta, [ben]), at(beta, [docs])], held(alpha, ann), /ben\/docs on beta; \/srv\/docs on beta/],
    ['no other machine where it is known itself', [at(alpha, [docs]), at(beta, [docs])], held(alpha, docs), ''],
  ] // prettier-ignore
  for (const [what, pictures, source, expected] of choices) {
    it(`continue ${what}`, () => {
      if (typeof expected !== 'string') {
        expect(() => move(pictures, source))
          .to.throw(CuraError, expected)
          .with.property('code', 'usage')
        return
      }
      const joined = move(pictures, source).found.notices.filter((text) => / continues /.test(text))
      const sentence = `docs continues the history of ${expected}.`
      expect(joined).to.deep.equal(expected === '' ? [] : [sentence])
    })
  }

  it('join once, and nothing else later', () => {
    const {made} = move([at(alpha, [ben])], held(alpha, ann))
    const later = [at(beta, [docs]), made, at(alpha, [ben]), at(alpha, [docs])]
    expect(move(later, held(alpha, ann)).found.fresh).to.deep.equal([])
  })

  it('come back to where they were', () => {
    const {made} = move([at(alpha, [ben])], held(alpha, ann))
    const back = move([made, at(alpha, [ben])], held(alpha, ben))
    expect(back.found.notices).to.deep.equal([
      'docs continues the history of /srv/ann/docs on alpha.',
    ])
    expect(seriesIn([back.made, made, at(alpha, [ben])])).to.equal(1)
  })

  it('join what has got its name by NAME=PATH, without being told', () => {
    const named = {...ben, named: true as const}
    const {fresh, notices, holdings} = lineage([at(alpha, [ben])], [held(alpha, named)])
    const sentence = 'docs continues the history of /srv/ben/docs on alpha.'
    expect({fresh, notices}).to.deep.equal({fresh: ['docs'], notices: [sentence]})
    expect(seriesIn([at(alpha, holdings), at(alpha, [ben])])).to.equal(1)
    for (const other of [at(alpha, [ann]), at(beta, [ben])]) {
      const {holdings: own} = lineage([other], [held(alpha, named)])
      expect(seriesIn([at(alpha, own), other]), 'the control').to.equal(2)
    }
  })

  it('do not join what is still backed up, and say so', () => {
    const {found, made} = move([at(alpha, [ben]), at(alpha, [ann])], held(alpha, ann))
    expect(found.notices.join()).to.match(/^docs: \/srv\/ben\/docs was still backed up after/)
    expect(seriesIn([made, at(alpha, [ben]), at(alpha, [ann])])).to.equal(2)
  })
})

describe('retention by series', () => {
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
