// Which snapshots verify looks at, what it tells the addon of them, and where donors may be.
import {hostname} from 'node:os'
import {expect} from 'chai'
import type {Damage} from '../../src/native/native.js'
import {chosen, donorPaths, excusedIn, verifiedFrom} from '../../src/operations/verify-choice.js'
import {localZone} from '../../src/retention/retention.js'
import {formatMarker, parseMarker, type Marker} from '../../src/store/marker.js'
import type {Snapshot} from '../../src/store/store.js'

const docs = {name: 'docs', path: '/home/ann/docs'}
const now = new Date('2026-11-30T00:00:00Z')

/** A marker with these fields, as it is read from a store. */
function markerWith(fields: object): Marker {
  const time = '2026-11-21T10:00:00.000Z'
  const host = {host: hostname(), host_id: 'own'}
  const all = {format: 1, start: time, end: time, ...host, sources: [docs], ...fields}
  const {marker} = parseMarker(formatMarker(all as unknown as Marker))
  if (marker === null) throw new Error('a marker is wrong')
  return marker
}

const snapshot = (name: string, fields: object, rest: Partial<Snapshot> = {}): Snapshot => ({
  name,
  form: 'new',
  instant: new Date(`${name.slice(0, 10)}T10:00:00Z`),
  finished: true,
  marker: markerWith(fields),
  ...{damaged: false, future: false, pinned: false, tags: []},
  sources: ['docs'],
  ...rest,
})

const [third, second, first] = [
  '2026-11-23_10-00-00',
  '2026-11-22_10-00-00',
  '2026-11-21_10-00-00',
] as const
const unfinished: Partial<Snapshot> = {finished: false, marker: null}
const store = [
  snapshot(third, {previous: second}),
  snapshot(second, {previous: first}),
  snapshot(first, {}),
]
const choose = (all: readonly Snapshot[], ...snapshots: string[]) =>
  chosen(all, {snapshots, host: 'own', now, zone: localZone})
const names = ({snapshots}: {snapshots: readonly Snapshot[]}) => snapshots.map(({name}) => name)

describe('verify, the choice', () => {
  it('takes all finished snapshots, or those that are named', () => {
    const guard = snapshot('2026-11-24_10-00-00', {}, {tags: ['before-restore']})
    const future = snapshot('2027-01-01_10-00-00', {}, {future: true})
    const half = snapshot('2026-11-20_10-00-00', {}, unfinished)
    const all = [future, guard, ...store, half]
    expect(names(choose(all))).to.deep.equal([future.name, guard.name, third, second, first])
    expect(names(choose(all, 'oldest', 'latest'))).to.deep.equal([third, first])
  })

  it('skips an unfinished snapshot, with a warning if it is named', () => {
    const half = snapshot('2026-11-20_10-00-00', {}, unfinished)
    expect(choose([...store, half]).warnings).to.deep.equal([])
    const {warnings, ...rest} = choose([...store, half], 'latest', half.name)
    expect(names(rest)).to.deep.equal([third])
    expect(warnings.join()).to.match(/^2026-11-20_10-00-00 is unfinished, /)
    expect(() => choose([half], half.name))
      .to.throw(/is unfinished/)
      .with.property('code', 'notFound')
  })

  // The fields of the newer marker and of the older one, and whether the older one is its base.
  const bases: ReadonlyArray<[string, object, object, boolean]> = [
    ['it has all sources', {}, {}, true],
    ['it is gone', {previous: '2026-01-01_10-00-00'}, {}, false],
    ['there is none', {previous: null}, {}, false],
    ['it lacks a source', {sources: [docs, {name: 'etc', path: '/etc'}]}, {}, false],
    ['it has another path', {}, {sources: [{...docs, path: '/docs'}]}, false],
    ['it has a source of another host', {}, {sources: [{...docs, host: 'web'}]}, false],
    ['it was made by another machine', {}, {host_id: 'other'}, false],
    ['the source was carried', {sources: [{...docs, carried: true}]}, {}, false],
    ['its source was carried', {}, {sources: [{...docs, carried: true}]}, false],
  ]
  for (const [when, newer, older, isBase] of bases) {
    it(`names ${isBase ? 'the base' : 'no base'} if ${when}`, () => {
      const pair = [snapshot(second, {previous: first, ...newer}), snapshot(first, older)]
      const base = isBase ? first : null
      expect(verifiedFrom(pair.slice(0, 1), pair)).to.deep.equal([
        {name: second, hasNoRecord: false, base},
      ])
    })
  }

  it('expects a record wherever a program wrote one', () => {
    const without = {marker: null, damaged: false}
    const all = [
      snapshot(third, {}, {marker: null, damaged: true}),
      snapshot(second, {}, without),
      snapshot('20251121_100000', {}, {...without, form: 'old'}),
    ]
    expect(verifiedFrom(all, all).map(({hasNoRecord}) => hasNoRecord)).to.deep.equal([
      ...[false, true, true],
    ])
  })

  it('knows what the store could not keep in any run', () => {
    const note = (kind: string) => ({kind, count: 1, path: 'docs/a'})
    const notes = [note('owner'), note('xattr:user')]
    const all = [snapshot(second, {notes}), snapshot(first, {notes: [note('owner')]})]
    expect(excusedIn(all)).to.deep.equal(['owner', 'xattr:user'])
  })
})

describe('verify, the donors', () => {
  const damage = (...paths: Array<readonly [string, string]>): Damage => ({
    kind: 'content',
    detail: '',
    ...{sha256: null, actualSha256: null, bytes: 1, healed: false, donor: null},
    paths: paths.map(([name, path]) => ({snapshot: name, path: Buffer.from(path, 'latin1')})),
  })
  const donors = (damages: readonly Damage[], all: readonly Snapshot[]) =>
    donorPaths(damages, all, 'own').map((one) => `${one.damage} ${one.path.toString('latin1')}`)

  it('are the live files of each damage, each path once', () => {
    const twice = damage([third, 'docs/a'], [second, 'docs/a'], [third, '.backup_delta/docs/a'])
    const moved = damage([third, 'docs/a b/c\xff'], [second, 'docs/old'])
    expect(donors([twice, moved], store)).to.deep.equal([
      ...['0 /home/ann/docs/a', '1 /home/ann/docs/a b/c\xff', '1 /home/ann/docs/old'],
    ])
  })

  it('are not on other hosts, nor where nobody knows where they were', () => {
    const remote = {name: 'docs', path: 'root@web:/docs', host: 'web'}
    const all = [
      snapshot(third, {sources: [remote]}),
      snapshot(second, {host: 'web', host_id: 'other'}),
      snapshot(first, {}, {marker: null}),
    ]
    expect(donors([damage([third, 'docs/a'], [second, 'docs/a'], [first, 'docs/a'])], all)).to.deep.equal([]) // prettier-ignore
    expect(donors([damage([third, 'other/a'], [third, ''], ['gone', 'docs/a'])], store)).to.deep.equal([]) // prettier-ignore
  })

  it('may be a source that is a file', () => {
    expect(donors([damage([third, 'docs'])], store)).to.deep.equal(['0 /home/ann/docs'])
  })
})
