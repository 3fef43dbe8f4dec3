// The snapshot that holds a series most surely, from pictures of snapshots.
import {expect} from 'chai'
import {surest, type Ranked} from '../../src/retention/surest.js'

const of = (keys: readonly string[] | null, ranks?: readonly number[]): Ranked => ({
  sources: ['docs'],
  keys,
  ...(ranks !== undefined && {ranks}),
})

describe('surest', () => {
  it('is the newest of those with the highest rank, in each series', () => {
    const some = [of(['a', 'b'], [0, 3]), of(null), of(['a'], [2]), of(['a', 'b'], [2, 3])]
    expect(surest('a', some)).to.equal(2)
    expect(surest('b', some)).to.equal(0)
  })

  it('is the newest if all ranks are equal or unknown', () => {
    expect(surest('a', [of(['b']), of(['a']), of(['a'])])).to.equal(1)
    expect(surest('docs', [{sources: null}, {sources: ['docs']}])).to.equal(1)
  })

  it('is none if no snapshot is known to hold the series', () => {
    expect(surest('a', [of(null), of([]), of(['b'], [3]), {sources: null}])).to.equal(-1)
    expect(surest('a', [])).to.equal(-1)
  })
})
