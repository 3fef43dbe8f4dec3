// The histories in a store, from pictures of its snapshots.
import {expect} from 'chai'
import {historiesOf} from '../../src/store/histories.js'
import type {Choice} from '../../src/store/selectors.js'
import type {Snapshot} from '../../src/store/store.js'

/** One line for each snapshot, the newest first: its day, then NAME:PATH for each source. */
function choiceFrom(lines: readonly string[], filters: Choice['filters'] = {}): Choice {
  const snapshots = lines.map((line): Snapshot => {
    const [day = '', ...held] = line.split(' ')
    const holdings = held.map((text) => {
      const [name = '', path = '', host] = text.split(':')
      return {name, path, machine: 'pc', hostId: host ?? 'id', ...(host !== undefined && {host})}
    })
    const instant = new Date(`${day}T12:00:00Z`)
    const rest = {
      form: 'new',
      finished: true,
      damaged: false,
      future: false,
      pinned: false,
    } as const
    return {name: `${day}_12-00-00`, instant, ...rest, marker: null, tags: [], sources: null, holdings} // prettier-ignore
  })
  const host = {name: 'pc', id: 'id'}
  return {snapshots, host, now: new Date(), zone: () => ({}) as never, filters}
}

const shown = (choice: Choice) =>
  historiesOf(choice).map(({label, name, places, snapshots}) => [
    label,
    name,
    places.join(' ') || null,
    snapshots.map((one) => one.name.slice(5, 10)).join(' '),
  ])

describe('histories', () => {
  it('have their snapshots, the newest first, and their place on this machine', () => {
    const choice = choiceFrom(['2026-01-03 docs:/docs etc:/etc', '2026-01-02 etc:/etc', '2026-01-01 docs:/docs']) // prettier-ignore
    expect(shown(choice)).to.deep.equal([
      ['docs', 'docs', '/docs', '01-03 01-01'],
      ['etc', 'etc', '/etc', '01-03 01-02'],
    ])
  })

  it('are apart for another path or host, and have no place here if they are elsewhere', () => {
    const choice = choiceFrom(['2026-01-02 docs:/docs', '2026-01-01 docs:/old/docs', '2026-01-01 docs:far#x:far']) // prettier-ignore
    expect(shown(choice).map(([, name, place]) => [name, place])).to.have.deep.members([
      ['docs', '/docs'],
      ['docs', '/old/docs'],
      ['docs', null],
    ])
  })

  it('pass the filters', () => {
    const lines = ['2026-01-02 docs:/docs etc:/etc', '2026-01-01 docs:/docs']
    expect(shown(choiceFrom(lines, {source: 'etc'})).map(([label]) => label)).to.deep.equal(['etc'])
    expect(shown(choiceFrom(lines, {source: '/docs'}))).to.deep.equal([
      ['docs', 'docs', '/docs', '01-02 01-01'],
    ])
    expect(shown(choiceFrom(lines, {host: 'other'}))).to.deep.equal([])
  })

  it('keep snapshots of the Python tool, which belong to every history of a name', () => {
    const {snapshots, ...rest} = choiceFrom(['2026-01-03 docs:/docs', '2026-01-02 docs:/srv/docs', '2026-01-01 docs:']) // prettier-ignore
    const old = snapshots.map(({holdings, ...one}, at) =>
      at === 2 ? {...one, sources: ['docs']} : {...one, ...(holdings && {holdings})},
    )
    const days = (filters: Choice['filters']): unknown[] =>
      shown({...rest, snapshots: old, filters}).map(([, , place, text]) => [place, text])
    expect(days({source: '/srv/docs', host: 'pc'})).to.deep.equal([['/srv/docs', '01-02 01-01']])
    expect(days({host: 'pc'})).to.have.deep.members([
      ['/docs', '01-03 01-01'],
      ['/srv/docs', '01-02 01-01'],
    ])
    expect(days({host: 'other'})).to.deep.equal([])
  })
})
