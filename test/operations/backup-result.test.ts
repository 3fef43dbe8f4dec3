// Adds up the stages of a backup: findings, failures and the marker.
import {expect} from 'chai'
import {exitCode} from '../../src/base/exit-code.js'
import type {Comparison} from '../../src/native/native.js'
import {
  appliedResult,
  comparedResult,
  findingsOf,
  heldIn,
  markerFor,
  type Carried,
} from '../../src/operations/backup-result.js'
import {parseMarker} from '../../src/store/marker.js'
import {SeriesView, type Holding} from '../../src/store/series.js'

const start = new Date('2025-01-15T10:00:00Z')
const totals = {files: 3, directories: 2, symlinks: 0, specials: 0, bytes: 70}
const changes = {new: 1, changed: 0, metadata: 0, renamed: 0, deleted: 0}
const comparison: Comparison = {
  ...{differs: true, omitted: 2, rebuilt: null, totals, changes, sources: [], notes: []},
  ...{fileChanges: changes, directoryChanges: changes},
  need: {bytes: 10, allocatedBytes: 4096, inodes: 1},
  failures: {list: [], errors: 0, warnings: 0},
}
const rest = {
  ...{dryRun: false, previous: 'before', start, end: start},
  ...{carried: [], future: [], notices: [], warnings: []},
}
const carried = (name: string, from: string | null): Carried => ({
  ...{name, path: `/${name}`, code: 'ENOENT', syscall: 'open', reason: 'gone', from},
})
const holding = (name: string): Holding => ({name, path: `/${name}`, machine: 'alpha', hostId: '1'})
const removal = {names: [], entries: 0, bytes: 0, inodes: 1, leased: [], problems: []}

describe('backup-result', () => {
  it('lists unreadable sources first among the failures', () => {
    const list = [{path: Buffer.from('docs/x'), code: 'EACCES', syscall: 'openat', warning: false}]
    const failing = {...comparison, failures: {list, errors: 1, warnings: 4}}
    const {failures} = comparedResult(failing, {...rest, carried: [carried('etc', 'before')]})
    expect(failures.list.map(({path}) => path.toString())).to.deep.equal(['etc', 'docs/x'])
    expect(failures).to.include({errors: 2, warnings: 4})
  })

  // The finding, and the exit code.
  const findings: ReadonlyArray<[string, object, number]> = [
    ['nothing', {}, 0],
    ['a warning of the engine', {failures: {list: [], errors: 0, warnings: 1}}, 0],
    ['an entry that could not be read', {failures: {list: [], errors: 1, warnings: 0}}, 3],
    ['a warning of the run', {warnings: ['x']}, 3],
    ['a snapshot that could not be removed', {pruned: {...removal, problems: ['x']}}, 3],
    ['a leased snapshot', {pruned: {...removal, leased: ['x']}}, 0],
    ['no room', {shortage: 'x', warnings: ['x']}, 4],
  ]
  for (const [what, special, exit] of findings) {
    it(`exits with ${exit} for ${what}`, () => {
      const result = {...comparedResult(comparison, rest), ...special}
      expect(exitCode(findingsOf(result))).to.equal(exit)
    })
  }

  it('takes the totals of the made tree, and keeps carried sources', () => {
    const compared = comparedResult(comparison, {...rest, carried: [carried('etc', 'before')]})
    expect(compared).to.deep.include({snapshot: null, addedBytes: 10, totals})
    const applied = {
      ...{totals: {...totals, files: 4}, bytes: 20, notes: []},
      failures: {list: [], errors: 0, warnings: 0},
    }
    const made = appliedResult(compared, applied, {snapshot: 'now', end: start})
    expect(made).to.deep.include({snapshot: 'now', addedBytes: 20, totals: applied.totals})
    expect(made.failures.errors).to.equal(1)
  })

  it('holds sources carried over from another snapshot, and marks them in the marker', () => {
    const sources = [carried('etc', 'before'), carried('new', null)]
    const result = comparedResult(comparison, {...rest, carried: sources})
    const holdings = ['docs', 'etc', 'new'].map(holding)
    expect(heldIn(result, holdings)).to.deep.equal([
      holding('docs'),
      {...holding('etc'), carried: true},
    ])
    const lineage = {view: new SeriesView([]), holdings, selection: '', earlier: ['x']}
    const facts = {mounted: new Set(['docs']), rules: null, guard: null}
    const host = {name: 'alpha', id: '1'}
    const bytes = markerFor(result, lineage, {...facts, host, tags: ['t']})
    const {marker} = parseMarker(bytes)
    expect(marker).to.deep.include({host: 'alpha', host_id: '1', previous: 'before', tags: ['t']})
    expect(marker?.sources).to.deep.equal([
      {name: 'docs', path: '/docs', mounted: true},
      {name: 'etc', path: '/etc', carried: true},
    ])
    expect(marker?.counts.excluded).to.equal(2)
    expect(marker).to.have.deep.property('earlier', ['x']).and.not.to.have.property('selection')
  })
})
