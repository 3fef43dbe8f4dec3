// Chooses what moves the data of a run: the addon, or the programs that the user requested.
import {writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {programsFor, prepareSources} from '../../src/engine/prepared-sources.js'
import {fullTrust} from '../../src/engine/selection.js'
import {openStore} from '../../src/store/store.js'
import {workshop} from '../native/workshop.js'

describe('prepared-sources', () => {
  const {docs, store, path, later} = workshop()

  it('look only for the requested programs', async () => {
    const external = {rsync: false, hardlink: false}
    expect(await programsFor(external)).to.deep.equal({rsync: null, copy: null})
    expect((await programsFor({...external, hardlink: true})).copy).to.match(/\/g?cp$/)
  })

  for (const hardlink of [false, true]) {
    it(`compare and make nothing, with${hardlink ? '' : 'out'} cp`, async () => {
      writeFileSync(docs('a'), 'a')
      const opened = openStore(store())
      later(() => {
        opened.close()
      })
      const sources = [
        {name: 'docs', path: docs()},
        {name: 'gone', path: path('gone')},
      ]
      const means = {selection: null, trust: fullTrust, digests: true}
      const programs = await programsFor({rsync: false, hardlink})
      const prepared = await prepareSources(opened, sources, programs, means)
      expect(prepared.failed().map(({name}) => name)).to.deep.equal(['gone'])
      const base = {
        snapshot: null,
        own: false,
        instant: null,
        foreign: false,
        older: [],
        lookBack: [],
      }
      const engine = prepared.engine(sources.map(({name}) => ({...base, name})))
      const signal = new AbortController().signal
      const {differs, totals} = await engine.compare({signal, onProgress: () => undefined})
      expect({differs, files: totals.files}).to.deep.equal({differs: true, files: 1})
      expect(engine.changes(10)).to.have.length(2)
      engine.close()
      prepared.drop('docs')
      expect(prepared.failed().map(({name}) => name)).to.deep.equal(['docs', 'gone'])
      prepared.close()
      expect(opened.list()).to.deep.equal([])
    })
  }
})
