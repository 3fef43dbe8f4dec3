// Tags from the command line and from the environment.
import {expect} from 'chai'
import {keepFlagsOf, textsFrom} from '../src/flags.js'

describe('flags', () => {
  it('takes tags apart and keeps each once', () => {
    expect(textsFrom(undefined)).to.deep.equal([])
    expect(textsFrom(['a', 'b,c', 'a'])).to.deep.equal(['a', 'b', 'c'])
    expect(textsFrom('a, b,')).to.deep.equal(['a', 'b'])
  })

  it('hands empty tags to keep on to the policy, which refuses them', () => {
    const tags = (value?: string | string[]): string[] =>
      keepFlagsOf({'keep-tag': value})['keep-tag']
    expect(tags()).to.deep.equal([])
    expect(tags('a, b')).to.deep.equal(['a', 'b'])
    expect(tags([''])).to.deep.equal([''])
    expect(tags(['a', ''])).to.deep.equal(['a', ''])
  })
})
