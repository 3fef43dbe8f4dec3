// Tags from the command line and from the environment.
import {expect} from 'chai'
import {tagsFrom} from '../src/flags.js'

describe('flags', () => {
  it('takes tags apart and keeps each once', () => {
    expect(tagsFrom(undefined)).to.deep.equal([])
    expect(tagsFrom(['a', 'b,c', 'a'])).to.deep.equal(['a', 'b', 'c'])
    expect(tagsFrom('a, b,')).to.deep.equal(['a', 'b'])
  })
})
