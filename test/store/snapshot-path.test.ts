// Parses the path that follows a snapshot, and finds its place in the snapshot.
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {SeriesView, type Holding} from '../../src/store/series.js'
import {pathIn, pathInside} from '../../src/store/snapshot-path.js'

const here = {name: 'alpha', id: '1'.repeat(32)}
const view = new SeriesView([])
const held = (path: string, more: Partial<Holding> = {}): Holding => ({
  ...{name: 'docs', path, machine: here.name, hostId: here.id, ...more},
})

/** The path in a snapshot of this source; undefined if the source does not contain it. */
function inside(text: string, source: Holding | string): string | undefined {
  const path = pathIn(text)
  return path === null ? 'all' : pathInside(path, source, {view, host: here})[0]?.inner
}

const table: ReadonlyArray<[text: string, source: Holding | string, inner: string | undefined]> = [
  ['docs/a', held('/srv/docs'), 'docs/a'],
  ['./docs//a/', held('/srv/docs'), 'docs/a'],
  ['docs', 'docs', 'docs'],
  ['docsy/a', held('/srv/docs'), undefined],
  ['', held('/srv/docs'), 'all'],
  ['./', held('/srv/docs'), 'all'],
  ['/srv/docs', held('/srv/docs'), 'docs'],
  ['/srv//docs/./a/', held('/srv/docs/'), 'docs/a'],
  ['/srv/docsy', held('/srv/docs'), undefined],
  ['/srv', held('/srv/docs'), undefined],
  ['/', held('/'), 'docs'],
  ['/srv/a', held('/'), 'docs/srv/a'],
  ['/srv/docs/a', 'docs', undefined],
  ['/srv/docs/a', held('/srv/docs', {machine: 'beta', hostId: '2'.repeat(32)}), undefined],
  ['/srv/docs/a', held('nas:/srv/docs', {host: 'nas', hostId: 'nas'}), undefined],
]

describe('snapshot-path', () => {
  for (const [text, source, inner] of table) {
    const where = typeof source === 'string' ? source : `${source.path} of ${source.machine}`
    it(`"${text}" in ${where}: ${inner ?? 'not there'}`, () => {
      expect(inside(text, source)).to.equal(inner)
    })
  }

  it('refuses "..", and bytes that Node has replaced', () => {
    for (const text of ['docs/../etc', '/srv/..', 'docs/\ufffd']) {
      expect(() => pathIn(text))
        .to.throw(CuraError)
        .with.property('code', 'usage')
    }
  })

  it('accepts any host if none is given', () => {
    const path = pathIn('/srv/docs/a')
    const remote = held('nas:/srv/docs', {host: 'nas', hostId: 'nas'})
    const places = path === null ? [] : pathInside(path, remote, {view, host: null})
    expect(places.map(({inner}) => inner)).to.deep.equal(['docs/a'])
  })
})
