// The nearest word, for "did you mean".
import {expect} from 'chai'
import {editDistance, nearest} from '../../src/base/nearest.js'

describe('nearest', () => {
  it('counts inserted, removed and replaced letters', () => {
    for (const [a, b, distance] of [
      ['', '', 0],
      ['', 'abc', 3],
      ['abc', '', 3],
      ['daily', 'daily', 0],
      ['daly', 'daily', 1],
      ['dailyy', 'daily', 1],
      ['daity', 'daily', 1],
      ['kitten', 'sitting', 3],
    ] as const) {
      expect(editDistance(a, b), `${a} ${b}`).to.equal(distance)
    }
  })

  it('finds the most similar word, or none', () => {
    const words = ['keep-daily', 'keep-hourly', 'tag']
    expect(nearest('keep-daly', words)).to.equal('keep-daily')
    expect(nearest('keep-hour', words)).to.equal('keep-hourly')
    expect(nearest('colour', words)).to.equal(null)
    expect(nearest('', [])).to.equal(null)
  })
})
