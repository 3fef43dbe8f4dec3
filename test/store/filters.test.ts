// The filters of snapshots and their sources, with pictures of snapshots.
import {expect} from 'chai'
import {filtersText, Sieve, type Filters} from '../../src/store/filters.js'
import {nameOf} from '../../src/store/series.js'
import type {Snapshot} from '../../src/store/store.js'

/** 'ID:/path' is a source named docs; a bare 'NAME' one of the Python tool; '#tag'. */
function snapshotOf(line: string, at: number): Snapshot {
  const words = line.split(' ').filter((word) => word !== '')
  const holdings = words
    .filter((word) => word.includes(':'))
    .map((word) => {
      const [hostId = '', path = ''] = word.split(':')
      return {name: 'docs', path, machine: hostId.toUpperCase(), hostId}
    })
  const instant = new Date(Date.UTC(2026, 0, 30 - at))
  const flags = {finished: true, damaged: false, future: false, pinned: false} as const
  return {
    ...{name: line, form: 'new', instant, marker: null, ...flags},
    tags: words.filter((word) => word.startsWith('#')).map((word) => word.slice(1)),
    sources: words.filter((word) => /^\w+$/.test(word)),
    ...(holdings.length > 0 && {holdings}),
  }
}

const snapshots = ['a:/docs #x', 'b:/docs', 'a:/old/docs', '#before-restore a:/docs', 'docs', 'etc', ''].map(snapshotOf) // prettier-ignore
const sieve = (filters: Filters): Sieve => new Sieve(snapshots, filters)
const passing = (filters: Filters): string[] =>
  snapshots.filter((one) => sieve(filters).passes(one)).map(({name}) => name)

describe('filters', () => {
  it('pass snapshots that hold such a source, and have the tag', () => {
    expect(passing({})).to.deep.equal(snapshots.map(({name}) => name))
    expect(passing({tag: 'x'})).to.deep.equal(['a:/docs #x'])
    expect(passing({source: 'docs', host: 'B'})).to.deep.equal(['b:/docs', 'docs'])
    expect(passing({source: '/old/docs/'})).to.deep.equal(['a:/old/docs', 'docs'])
    expect(passing({source: 'etc'})).to.deep.equal(['etc'])
    expect(passing({source: 'etc', host: 'a'})).to.deep.equal([])
    expect(passing({host: 'nosuch'})).to.deep.equal([])
  })

  it('give a source without a host only the series that pass', () => {
    const old = snapshots[4]
    if (old === undefined) throw new Error('there is no such snapshot')
    const keys = (filters: Filters): number =>
      (sieve(filters).heldIn(old) ?? []).flatMap((held) => sieve(filters).keysOf(held)).length
    expect(sieve({}).heldIn(old)?.map(nameOf)).to.deep.equal(['docs'])
    expect([{}, {host: 'a'}, {host: 'b'}, {host: 'c'}].map(keys)).to.deep.equal([3, 2, 1, 0])
  })

  it('list a snapshot from before a restore by its tag only', () => {
    const listed = (filters: Filters): string[] =>
      snapshots.filter((one) => sieve(filters).isListed(one)).map(({name}) => name)
    expect(listed({host: 'a'})).to.deep.equal(['a:/docs #x', 'a:/old/docs', 'docs'])
    expect(listed({tag: 'before-restore'})).to.deep.equal(['#before-restore a:/docs'])
  })

  it('have a text', () => {
    expect(filtersText({})).to.equal('')
    expect(filtersText({source: 's', tag: 't', host: 'h', at: '1d'})).to.equal(
      ' of the source s with the tag t of the host h at or before 1d',
    )
  })
})
