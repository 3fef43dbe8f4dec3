// Sources that were moved or got a name, and the histories that they continue.
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {SeriesView, type Holding} from '../../src/store/series.js'
import {
  alpha,
  beta,
  at,
  docs,
  stored,
  held,
  lineage,
  shown,
  ben,
  ann,
  old,
  type Picture,
} from './pictures.js'

describe('moves', () => {
  /** Runs with --moved, and returns the marker. */
  const move = (pictures: readonly Picture[], source: Holding, machine = alpha) => {
    const found = lineage(pictures, [source], true)
    const made = at(machine, found.holdings)
    return {found, made}
  }
  const seriesIn = (pictures: readonly Picture[]): number =>
    new SeriesView(stored(pictures)).all.length

  it('join the history of a source with the same name', () => {
    const {found, made} = move([at(alpha, [ben]), at(alpha, [ben])], held(alpha, ann))
    const notices = ['docs continues the history of /srv/ben/docs on alpha.']
    expect(found, 'a snapshot is made').to.deep.include({notices, fresh: ['docs']})
    expect(shown(found)).to.deep.equal(['d1 d2'])
    expect(seriesIn([made, at(alpha, [ben])])).to.equal(1)
    expect(seriesIn([at(alpha, [ann]), at(alpha, [ben])]), 'the control').to.equal(2)
  })

  it('stay joined in later runs, whichever snapshots are removed', () => {
    const {made} = move([at(alpha, [ben])], held(alpha, ann))
    const next = lineage([made, at(alpha, [ben])], [held(alpha, ann)])
    expect(shown(next)).to.deep.equal(['d1 d2'])
    const later = at(alpha, next.holdings)
    expect(seriesIn([later, at(alpha, [ben])])).to.equal(1)
  })

  it('can also join in a later run', () => {
    const {made} = move([at(alpha, [ann]), at(alpha, [ben])], held(alpha, ann))
    expect(seriesIn([made, at(alpha, [ann]), at(alpha, [ben])])).to.equal(1)
  })

  it('can be moved twice', () => {
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

  // The case, the store, the source of the run, and the series it continues or the reason for none.
  const choices: ReadonlyArray<readonly [string, Picture[], Holding, RegExp | string]> = [
    ['its machine before another', [at(beta, [docs]), at(alpha, [ben])], held(alpha, ann), '/srv/ben/docs on alpha'],
    ['its path on another machine before another path', [at(beta, [ben]), at(beta, [ann])], held(alpha, ann), '/srv/ann/docs on beta'],
    ['the only one, wherever it is', [at(beta, [ben])], held(alpha, ann), '/srv/ben/docs on beta'],
    ['neither of two on its machine', [at(alpha, [ben]), at(alpha, [docs])], held(alpha, ann), /ben\/docs on alpha; \/srv\/docs on alpha/],
    ['neither of one on its machine and one at its path', [at(beta, [ann]), at(alpha, [docs])], held(alpha, ann), /ann\/docs on beta; \/srv\/docs on alpha/],
    ['neither of two elsewhere', [at(beta, [ben]), at(beta, [docs])], held(alpha, ann), /ben\/docs on beta; \/srv\/docs on beta/],
    ['no other machine if the source itself is known', [at(alpha, [docs]), at(beta, [docs])], held(alpha, docs), ''],
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

  it('join once, and no other series later', () => {
    const {made} = move([at(alpha, [ben])], held(alpha, ann))
    const later = [at(beta, [docs]), made, at(alpha, [ben]), at(alpha, [docs])]
    expect(move(later, held(alpha, ann)).found.fresh).to.deep.equal([])
  })

  it('can move back', () => {
    const {made} = move([at(alpha, [ben])], held(alpha, ann))
    const back = move([made, at(alpha, [ben])], held(alpha, ben))
    expect(back.found.notices).to.deep.equal([
      'docs continues the history of /srv/ann/docs on alpha.',
    ])
    expect(seriesIn([back.made, made, at(alpha, [ben])])).to.equal(1)
  })

  it('continue their history when NAME=PATH is first used, without --moved', () => {
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

  it('do not join a series that is still in use, and report it', () => {
    const {found, made} = move([at(alpha, [ben]), at(alpha, [ann])], held(alpha, ann))
    expect(found.notices.join()).to.match(/^docs: \/srv\/ben\/docs was still backed up after/)
    expect(seriesIn([made, at(alpha, [ben]), at(alpha, [ann])])).to.equal(2)
  })
})
