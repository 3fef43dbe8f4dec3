// Patterns for paths of this machine.
import {expect} from 'chai'
import {native} from '../../src/native/native.js'
import {patternBelow} from '../../src/store/live-pattern.js'

const glob =
  (ignoreCase: boolean) =>
  (pattern: string, name: string): boolean =>
    native().globMatches(pattern, name, ignoreCase)

const below = (pattern: string, place = '/home/ann', ignoreCase = false): string | null =>
  patternBelow(pattern, {name: 'ann', place}, glob(ignoreCase))

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

  it('is none if a component is invalid', () => {
    for (const pattern of ['/home/[/x', '/home/[z-a]/x', '/home/ann\\']) {
      expect(below(pattern), pattern).to.equal(null)
    }
  })

  it('is none elsewhere, or without a slash at its start', () => {
    expect(below('/home/bob/a')).to.equal(null)
    expect(below('/home')).to.equal(null)
    expect(below('*.txt')).to.equal(null)
    expect(below('ann/*.txt')).to.equal(null)
  })

  it('keeps a source whose name has wildcards', () => {
    expect(patternBelow('/x/a', {name: 'a*b', place: '/x'}, glob(false))).to.equal('/a\\*b/a')
  })
})
