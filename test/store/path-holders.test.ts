// The histories that a path may mean, and the message if there are several.
import {expect} from 'chai'
import type {Holding} from '../../src/store/holdings.js'
import {holdersOf, severalText} from '../../src/store/path-holders.js'
import {ReadingSeries} from '../../src/store/reading-series.js'
import {pathIn} from '../../src/store/snapshot-path.js'

const holding = (path: string, machine = 'pc', name = 'docs'): Holding => ({
  ...{name, path, machine},
  hostId: machine,
})

function several(text: string, ...held: readonly Holding[]) {
  const series = new ReadingSeries(held.map((one) => ({marker: null, sources: null, holdings: [one]}))) // prettier-ignore
  const path = pathIn(text)
  const holders = path === null ? [] : holdersOf(path, held, {series, host: null})
  return {inner: holders.map(({inner}) => inner), text: severalText(holders, series, text)}
}

describe('path-holders', () => {
  it('are the histories with the longest source', () => {
    const {inner} = several('/a/b/c', holding('/a', 'pc', 'a'), holding('/a/b', 'pc', 'b'))
    expect(inner).to.deep.equal(['b/c'])
    expect(several('/else', holding('/a')).inner).to.deep.equal([])
    expect(several('docs/x', holding('/a'), holding('/b')).inner).to.have.length(2)
  })

  it('are told apart by flags that help', () => {
    const end = (...held: readonly Holding[]) =>
      several('docs/x', ...held)
        .text.split('. ')
        .at(-1)
    expect(end(holding('/a'), holding('/b'))).to.equal('Choose one with --source')
    expect(end(holding('/a'), holding('/a', 'beta'))).to.equal('Choose one with --host')
    expect(end(holding('/a'), holding('/b', 'beta'))).to.equal('Choose one with --source or --host')
  })
})
