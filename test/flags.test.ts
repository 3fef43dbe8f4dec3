// Tags from the command line and from the environment.
import {expect} from 'chai'
import {textsFrom} from '../src/flags.js'

describe('flags', () => {
  it('takes tags apart and keeps each once', () => {
    expect(textsFrom(undefined)).to.deep.equal([])
    expect(textsFrom(['a', 'b,c', 'a'])).to.deep.equal(['a', 'b', 'c'])
    expect(textsFrom('a, b,')).to.deep.equal(['a', 'b'])
  })
})
