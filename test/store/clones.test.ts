// Machines that share an id: found by names that return, and remembered by evidence.
import {expect} from 'chai'
import {clones, evidenceOf, isGiven} from '../../src/store/clones.js'
import type {Marker} from '../../src/store/marker.js'

const id = '1'.repeat(32)

/** Snapshots by the names of their machines, the newest first; 'a!a,b' says that a and b are clones. */
const membersOf = (...texts: string[]) =>
  texts.map((text, at) => {
    const [host = '', told] = text.split('!')
    const marker = {
      ...{host, host_id: id, start: '2025-01-01T00:00:00.000Z'},
      sources: [{name: 'docs', path: '/docs'}],
      ...(told !== undefined && {clones: told.split(',')}),
    } as unknown as Marker
    return {name: `d${at + 1}`, marker, sources: ['docs']}
  })

// The machines, the newest first; the names of the clones; the snapshots that prove it.
const table: ReadonlyArray<[string, string, string]> = [
  ['a', '', ''],
  ['b b a a', '', ''], // renamed
  ['a b a', 'a b', 'd1 d2 d3'],
  ['a a b b a a b', 'a b', 'd1 d3 d5'],
  ['c b a b', 'a b c', 'd1 d2 d3 d4'],
  ['a!a,b', 'a b', 'd1'],
  ['a b!a,b a', 'a b', 'd2'],
]

describe('clones', () => {
  for (const [machines, names, evidence] of table) {
    it(`of ${machines}: ${names === '' ? 'none' : names}`, () => {
      const members = membersOf(...machines.split(' '))
      expect([...(clones(members).get(id) ?? [])].sort().join(' ')).to.equal(names)
      expect(evidenceOf(members, id).map(({name}) => name).join(' ')).to.equal(evidence) // prettier-ignore
    })
  }

  it('share an id that no user chose', () => {
    expect([id, '', 'ABCDEF0123456789abcdef0123456789'].every(isGiven)).to.be.true
    expect(['web-1', '1'.repeat(31), `${'1'.repeat(31)}x`].some(isGiven)).to.be.false
  })
})
