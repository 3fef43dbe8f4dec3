// Histories as reading commands see them, from the sources of snapshots.
import {expect} from 'chai'
import type {Holding, Member} from '../../src/store/holdings.js'
import {ReadingSeries} from '../../src/store/reading-series.js'
import {SeriesView} from '../../src/store/series.js'

const holding = (name: string, path: string, rest: Partial<Holding> = {}): Holding => ({
  ...{name, path, machine: 'pc', hostId: 'id'},
  ...rest,
})

const member = (...holdings: readonly Holding[]): Member => ({
  marker: null,
  sources: null,
  holdings,
})

describe('reading-series', () => {
  it('joins NAME=PATH with a source of the same host, name and path', () => {
    const [named, plain] = [holding('docs', '/docs', {named: true}), holding('docs', '/docs')]
    const members = [member(named), member(plain)]
    const series = new ReadingSeries(members)
    expect(series.keysOf(named)).to.deep.equal(series.keysOf(plain))
    const [key = ''] = series.keysOf(plain)
    expect(members.map((one) => series.isIn(one, key))).to.deep.equal([true, true])
    expect(series.labelOf(key)).to.equal('docs')
    // Commands that write keep them apart.
    const view = new SeriesView(members)
    expect(view.keysOf(named)).to.not.deep.equal(view.keysOf(plain))
  })

  it('keeps other hosts and paths apart', () => {
    const here = holding('docs', '/docs', {named: true})
    for (const other of [
      holding('docs', '/other'),
      holding('docs', '/docs', {machine: 'beta', hostId: 'beta'}),
      holding('letters', '/docs'),
    ]) {
      const series = new ReadingSeries([member(here), member(other)])
      expect(series.keysOf(here)).to.not.deep.equal(series.keysOf(other))
      expect(series.isIn(member(other), series.keysOf(here)[0] ?? '')).to.equal(false)
    }
  })
})
