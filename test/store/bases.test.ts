// Chooses the snapshots that a run compares with and links against: pictures of a store.
import {expect} from 'chai'
import {cloneNotices, lineageOf} from '../../src/store/bases.js'
import type {Holding} from '../../src/store/series.js'
import type {Snapshot} from '../../src/store/store.js'
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
  shown,
  ben,
  ann,
  python,
  old,
  web,
  carried,
  type Picture,
} from './pictures.js'

// The case, the store, the source of the run, and its base with the older snapshots.
const bases: ReadonlyArray<readonly [string, Picture[], Holding, string]> = [
  ['nothing in an empty store', [], held(alpha, docs), 'null'],
  ['its own', [at(alpha, [docs]), at(alpha, [docs])], held(alpha, docs), 'd1 d2'],
  ['its own before a newer one of another host', [at(beta, [docs]), at(alpha, [docs])], held(alpha, docs), 'd2'],
  ['its own before a newer one of another path', [at(alpha, [ann]), at(alpha, [ben])], held(alpha, ben), 'd2'],
  ['the same name of another host, trusting only contents', [at(alpha, [docs])], held(beta, docs), 'd1 foreign'],
  ['the same name of another path', [at(alpha, [ben])], held(alpha, ann), 'd1'],
  ['its files under an earlier name', [at(alpha, [etc]), at(beta, [ben])], held(alpha, {name: 'conf', path: '/conf'}), 'd1'],
  ['nothing of another host under another name', [at(beta, [ben])], held(alpha, etc), 'null'],
  ['one that holds more', [at(alpha, [etc]), at(alpha, [docs, etc])], held(alpha, docs), 'd2'],
  ['one in which it was carried over', [at(alpha, [carried, etc]), at(alpha, [docs])], held(alpha, docs), 'd1 d2'],
  ['the Python tool', [python], held(alpha, docs), 'd1'],
  ['the Python tool as an older one', [at(alpha, [docs]), python], held(alpha, docs), 'd1 d2'],
  ['a snapshot of unknown sources', [null], held(alpha, docs), 'd1'],
  ['a marker without an id, by host name, name and path', [at(old('alpha'), [docs])], held(alpha, docs), 'd1'],
  ['another host if the marker has no id', [at(old('beta'), [docs])], held(alpha, docs), 'd1 foreign'],
  ['another path if the marker has no id', [at(old('alpha'), [ben])], held(alpha, ann), 'd1'],
  ['its name at any path, given as NAME=PATH', [at(alpha, [{...ann, named: true}]), at(alpha, [ben])], held(alpha, {...docs, named: true}), 'd1'],
  ['the host of a remote source, from any machine', [at(alpha, [web])], held(beta, {...web, path: 'ann@web1:/etc/'}), 'd1'],
  ['the machine itself if its id is its name', [at(alpha, [web])], held({host: 'web1', id: 'web1'}, etc), 'd1'],
  ['its own if machines have no id', [at({host: 'pod-1', id: ''}, [docs])], held({host: 'pod-2', id: ''}, docs), 'd1'],
  ['its own if the machine was renamed', [at(alpha, [docs])], held({host: 'new', id: m1}, docs), 'd1'],
  ['its own name among cloned machines', [at({host: 'twin', id: m1}, [docs]), at(alpha, [docs])], held(alpha, docs), 'd2'],
  ['its own if several machines share a chosen name', [at({host: 'pod-2', id: 'web'}, [docs]), at({host: 'pod-1', id: 'web'}, [docs])], held({host: 'pod-1', id: 'web'}, docs), 'd1 d2'],
] // prettier-ignore

describe('bases', () => {
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

  it('never link against an unfinished snapshot or one dated in the future', () => {
    const [future, unfinished, good] = stored([1, 2, 3].map(() => at(alpha, [docs])))
    const snapshots = [{...future, future: true}, {...unfinished, finished: false}, good]
    const found = lineageOf(snapshots as Snapshot[], [held(alpha, docs)], {
      moved: false,
      selection: '',
    })
    expect(shown(found)).to.deep.equal(['d3'])
  })

  it('never link against a guard, nor continue or count the history of one', () => {
    const [guard, other, own] = stored([
      at(alpha, [docs, etc]),
      at(alpha, [etc]),
      at(alpha, [docs]),
    ])
    const tagged = {...(guard as Snapshot), tags: ['before-restore']}
    const runs = [held(alpha, docs), held(alpha, {...ben, name: 'guarded'})]
    const how = {moved: true, selection: ''}
    const withIt = lineageOf([tagged, other, own] as Snapshot[], runs, how)
    const without = lineageOf([other, own] as Snapshot[], runs, how)
    expect(shown(withIt)).to.deep.equal(['d3', 'd2'])
    expect({...withIt, view: null}).to.deep.equal({...without, view: null})
    const control = lineageOf([guard, other, own] as Snapshot[], runs, how)
    expect(shown(control)).to.deep.equal(['d1 d3', 'd1'])
    const alone = lineageOf([tagged], [held(alpha, docs)], how)
    expect(alone).to.deep.include({fresh: ['docs'], notices: [], narrows: false})
  })

  it('report once that a source with a known name begins a history', () => {
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

  it('report nothing if the name is new, or known only from the Python tool', () => {
    for (const picture of [at(alpha, [etc]), python]) {
      expect(lineage([picture], [held(alpha, docs)]).notices).to.deep.equal([])
    }
  })

  it('distinguish cloned machines, and report them', () => {
    const twin = {host: 'twin', id: m1}
    const turns = [at(twin, [docs]), at(alpha, [docs])]
    const {notices, view} = lineage(turns, [held(alpha, docs)])
    expect(notices.join()).to.match(/^alpha and twin share the machine id 1{32} /)
    expect(
      stored(turns).map((one) => [...(view.of(one) ?? [])].map((key) => view.labelOf(key))),
    ).to.eql([['docs (twin)'], ['docs (alpha)']])
    // The first run that finds them reports them; later, status does.
    const later = lineage([at(alpha, [docs]), ...turns], [held(twin, docs)])
    expect(later.notices).to.deep.equal([])
    expect(cloneNotices(later.view, () => true)).to.deep.equal(notices)
    // The control: a machine that was renamed once is not a clone.
    expect(lineage(turns, [held(twin, docs)]).notices).to.deep.equal([])
  })

  it('treat a symlink as its target if the store knows only the target', () => {
    const link = {...held(alpha, {name: 'docs', path: '/link/docs'}), realPath: '/srv/ben/docs'}
    expect(lineage([at(alpha, [ben])], [link]).holdings[0]?.path).to.equal('/srv/ben/docs')
    const known = [at(alpha, [ben]), at(alpha, [{name: 'docs', path: '/link/docs'}])]
    expect(lineage(known, [link]).holdings[0]?.path).to.equal('/link/docs')
  })
})
