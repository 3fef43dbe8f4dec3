// Patterns for paths of this machine.
import {expect} from 'chai'
import {patternBelow} from '../../src/store/live-pattern.js'

const below = (pattern: string, place = '/home/ann', ignoreCase = false): string | null =>
  patternBelow(pattern, {name: 'ann', place, ignoreCase})

describe('a live pattern', () => {
  it('becomes one below the source', () => {
    expect(below('/home/ann/*.txt')).to.equal('/ann/*.txt')
    expect(below('/home/ann')).to.equal('/ann')
    expect(below('/home/ann/docs/')).to.equal('/ann/docs/')
    expect(below('!/home/ann/x')).to.equal('!/ann/x')
    expect(below('/etc/hosts', '/')).to.equal('/ann/etc/hosts')
  })

  it('may have wildcards above the source', () => {
    expect(below('/home/*/a.txt')).to.equal('/ann/a.txt')
    expect(below('/h?me/[ab]nn/a')).to.equal('/ann/a')
    expect(below('/h?me/[!ab]nn/a')).to.equal(null)
    expect(below('/home/**/a.txt')).to.equal('/ann/**/a.txt')
    expect(below('/HOME/Ann/a', '/home/ann', true)).to.equal('/ann/a')
    expect(below('/a\\*b/x', '/a*b')).to.equal('/ann/x')
    expect(below('/a.b/x', '/axb')).to.equal(null)
  })

  it('is none elsewhere, or without a slash at its start', () => {
    expect(below('/home/bob/a')).to.equal(null)
    expect(below('/home')).to.equal(null)
    expect(below('*.txt')).to.equal(null)
    expect(below('ann/*.txt')).to.equal(null)
  })

  it('keeps a source whose name has wildcards', () => {
    expect(patternBelow('/x/a', {name: 'a*b', place: '/x', ignoreCase: false})).to.equal('/a\\*b/a')
  })
})
