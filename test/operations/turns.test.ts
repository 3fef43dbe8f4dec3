// Two cron lines for one source: every hour without its videos, and once a day with them.
import {mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import type {BackupOptions} from '../../src/operations/backup.js'
import {lineageOf} from '../../src/store/bases.js'
import {parseMarker, type Marker} from '../../src/store/marker.js'
import {policyFrom, type KeepFlags} from '../../src/retention/policy.js'
import {localZone} from '../../src/retention/retention.js'
import {fingerprintOf, selectionFrom, type SelectionTexts} from '../../src/engine/selection.js'
import {plannedSnapshot} from '../../src/store/store.js'
import {earlierThan} from '../../src/retention/turns.js'
import {settle, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const selected = (texts: Partial<SelectionTexts>) =>
  selectionFrom({'exclude-caches': false, 'one-file-system': false, ...texts})
const withoutVideos = selected({exclude: ['/videos/']})

describe('a source backed up with and without its videos', () => {
  const {docs, store, path, backUp} = workshop()
  let edits = 0

  beforeEach(async () => {
    mkdirSync(docs('videos'))
    for (const name of ['v1', 'v2']) writeFileSync(docs('videos', name), name.repeat(50_000))
    await settle()
  })

  const run = (day: number, hour: number, rest: Partial<BackupOptions>, keep: KeepFlags) => {
    edits += 1
    writeFileSync(docs('a'), `edit ${edits}`)
    const pruning = {policy: policyFrom(keep), zone: localZone}
    return backUp({clock: () => new Date(2025, 4, day, hour), pruning, ...rest})
  }
  const part = (day: number, hour: number, keep: KeepFlags) =>
    run(day, hour, {selection: withoutVideos}, keep)
  const full = (day: number, keep: KeepFlags) => run(day, 4, {}, keep)

  /** '01_04 full'. */
  const shown = (): string[] =>
    storedIn(store())
      .filter((name) => name.startsWith('20'))
      .sort()
      .map((name) => {
        const holdsAll = readdirSync(store(name, 'docs')).includes('videos')
        return `${name.slice(8, 13)}${holdsAll ? ' full' : ''}`
      })

  const markerOf = (name: string | null): Marker | null =>
    parseMarker(readFileSync(store(name ?? '', '.backup_finished'))).marker

  it('keeps both of each day, and stores the videos once', async () => {
    const keep = {'keep-daily': '14'}
    const inodes = new Set<number>()
    for (const day of [1, 2, 3]) {
      for (const hour of [1, 2, 3]) await part(day, hour, keep)
      const {snapshot, addedBytes} = await full(day, keep)
      inodes.add(statSync(store(snapshot ?? '', 'docs', 'videos', 'v1')).ino)
      if (day > 1) expect(addedBytes).to.be.below(100)
    }
    const last = await part(3, 5, keep)
    const days = ['01_01', '01_04 full', '02_01', '02_04 full', '03_01', '03_04 full']
    expect(shown()).to.deep.equal([...days, '03_05'])
    expect(inodes).to.have.property('size', 1)
    expect(last.changes).to.include({deleted: 3, new: 0})
  })

  it('keeps the full one even with a minimal policy', async () => {
    const keep = {'keep-last': '1'}
    await part(1, 1, keep)
    const first = await full(1, keep)
    for (const hour of [5, 6, 7]) await part(1, hour, keep)
    expect(shown()).to.deep.equal(['01_04 full', '01_07'])
    await full(2, keep)
    await part(2, 5, keep)
    expect(shown()).to.deep.equal(['02_04 full', '02_05'])
    expect(first.snapshot).to.be.a('string')
  })

  it('removes snapshots made with exclusions that are no longer used', async () => {
    const keep = {'keep-last': '2'}
    await full(1, keep)
    await full(2, keep)
    for (const hour of [1, 2, 3]) await part(3, hour, keep)
    expect(shown()).to.deep.equal(['03_02', '03_03'])
  })

  it('records the exclusions and the earlier ones in the marker', async () => {
    const keep = {'keep-last': '5'}
    const fingerprint = fingerprintOf(withoutVideos)
    expect(markerOf((await full(1, keep)).snapshot)).not.to.have.any.keys('selection', 'earlier')
    const second = markerOf((await part(2, 1, keep)).snapshot)
    expect(second).to.deep.include({selection: fingerprint, earlier: ['']})
    const third = markerOf((await full(2, keep)).snapshot)
    expect(third)
      .to.deep.include({earlier: [fingerprint]})
      .and.not.have.key('selection')
  })

  it('links the videos, however many snapshots without them came in between', () => {
    const holding = {name: 'docs', path: '/docs', machine: 'h', hostId: 'h'}
    const [counts, errors] = [{excluded: 1}, {count: 0}]
    const marker = {
      host: 'h',
      host_id: 'h',
      sources: [holding],
      counts,
      errors,
    } as unknown as Marker
    const snapshots = Array.from({length: 200}, (_, n) => ({
      ...plannedSnapshot(`s${n}`, new Date(1e12 - n * 1000), []),
      holdings: [holding],
      marker,
      selection: n === 150 || n === 160 ? 'tmp' : 'videos',
    }))
    const lookBack = (selection: string): readonly string[] =>
      lineageOf(snapshots, [holding], {moved: false, selection}).bases[0]?.lookBack ?? []
    expect(lookBack('tmp').slice(0, 3)).to.deep.equal(['s150', 's1', 's2'])
    expect(lookBack('tmp')).to.have.lengthOf(100)
    expect(lookBack('videos').slice(0, 2), 'the control').to.deep.equal(['s1', 's2'])
  })

  it('identifies exclusions by their patterns, not by their files', () => {
    const [one, two] = [path('one'), path('two')]
    for (const file of [one, two]) writeFileSync(file, '*.o\n')
    const print = (texts: Partial<SelectionTexts>): string => fingerprintOf(selected(texts))
    expect(print({})).to.equal('')
    const before = print({'exclude-file': [one]})
    expect(before).to.match(/^[\da-f]{16}$/)
    expect(print({'exclude-file': [two]})).to.equal(before)
    writeFileSync(two, '*.p\n')
    const others = [
      {'exclude-file': [two]},
      {exclude: ['*.o']},
      {iexclude: ['*.o']},
      {exclude: ['*.o', '!a.o']},
      {exclude: ['!a.o', '*.o']},
      {'ignore-file': ['x']},
      {'exclude-if-present': ['x']},
      {'exclude-if-xattr': ['user.x']},
      {'exclude-caches': true},
      {'exclude-larger-than': '1k'},
      {'one-file-system': true},
    ].map(print)
    expect(new Set([before, ...others])).to.have.property('size', others.length + 1)
  })

  it('limits the number of earlier exclusions in a marker', () => {
    const used = Array.from({length: 50}, (_, n) => ({selection: `v${n % 40}`, earlier: ['', 'x']}))
    expect(earlierThan('v0', used)).to.have.lengthOf(30).and.include.members(['v1', '', 'x'])
    expect(earlierThan('', [{selection: null}, {selection: ''}])).to.deep.equal([])
  })
})
