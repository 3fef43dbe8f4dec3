// The table of snapshots: whole in a pipe, and within the width of any terminal.
import {expect} from 'chai'
import type {Verdict} from '../../src/retention/retention.js'
import {plainScreen, type Screen} from '../../src/report/screen.js'
import {snapshotsJson, snapshotsText} from '../../src/report/snapshots.js'
import type {ExclusiveSizes} from '../../src/report/snapshot-table.js'
import {measureFor} from '../../src/report/width.js'
import type {Marker} from '../../src/store/marker.js'
import {plannedSnapshot, type Snapshot} from '../../src/store/store.js'

const now = new Date('2025-01-20T12:00:00Z')

const marker = (files: number, total: number, added: number, errors = 0): Marker =>
  ({
    ...{counts: {files}, bytes: {total, added}, errors: {count: errors}},
    sources: [],
  }) as unknown as Marker

function verdict(day: number, facts: Partial<Snapshot> = {}, reasons = ['last 10']) {
  const name = `2025-01-${String(day).padStart(2, '0')}_10-00-00`
  const plain = plannedSnapshot(
    name,
    new Date(`2025-01-${String(day).padStart(2, '0')}T10:00:00Z`),
    [],
  )
  const snapshot = {...plain, sources: ['ann'], marker: marker(1234, 5e9, 2e6), ...facts}
  return {snapshot, keep: !reasons.includes('no rule keeps it'), reasons}
}

const textOf = (
  verdicts: Array<Verdict<Snapshot>>,
  screen: Screen = plainScreen,
  sizes: ExclusiveSizes | null = null,
) => snapshotsText({now, verdicts, sizes}, screen)

const terminal = (width: number, hasSigns = true): Screen => ({width, hasSigns})

describe('report-snapshots', () => {
  const three = [
    verdict(20, {}, ['newest with ann', 'last 10', 'all 7d', 'daily 30d', 'weekly 52w']),
    verdict(18, {pinned: true, tags: ['keep']}, ['pinned', 'last 10', 'tag keep']),
    verdict(2, {}, ['no rule keeps it']),
  ].map((each) => ({...each, snapshot: {...each.snapshot, series: ['ann']}}))

  it('shows the newest last, with pin and tags first, and shortens nothing in a pipe', async () => {
    expect(await textOf(three)).to.equal(
      [
        'SNAPSHOT              AGE  SOURCES  FILES    SIZE   ADDED  KEPT BY',
        '2025-01-02_10-00-00  18 d  ann      1,234  5.0 GB  2.0 MB  not kept',
        '2025-01-18_10-00-00   2 d  ann      1,234  5.0 GB  2.0 MB  pinned, #keep, last 10',
        '2025-01-20_10-00-00   2 h  ann      1,234  5.0 GB  2.0 MB  newest, last 10, all 7d, daily 30d, weekly 52w',
        '',
      ].join('\n'),
    )
  })

  it('shortens lists to fit a terminal', async () => {
    expect(await textOf(three, terminal(80))).to.equal(
      [
        'SNAPSHOT              AGE  SOURCES  FILES    SIZE   ADDED  KEPT BY',
        '2025-01-02_10-00-00  18 d  ann      1,234  5.0 GB  2.0 MB  not kept',
        '2025-01-18_10-00-00   2 d  ann      1,234  5.0 GB  2.0 MB  pinned, #keep +1',
        '2025-01-20_10-00-00   2 h  ann      1,234  5.0 GB  2.0 MB  newest, last 10 +3',
        '',
      ].join('\n'),
    )
  })

  it('drops columns on a narrow terminal', async () => {
    expect(await textOf(three, terminal(40))).to.equal(
      [
        'SNAPSHOT              AGE  KEPT BY',
        '2025-01-02_10-00-00  18 d  not kept',
        '2025-01-18_10-00-00   2 d  pinned +2',
        '2025-01-20_10-00-00   2 h  newest +4',
        '',
      ].join('\n'),
    )
  })

  it('leaves out columns without content', async () => {
    const list = [verdict(2, {marker: null, damaged: true, sources: null})]
    expect(await textOf(list)).to.equal(
      'SNAPSHOT              AGE  KEPT BY\n2025-01-02_10-00-00  18 d  marker damaged, last 10\n',
    )
    expect(await textOf([])).to.equal('There are no such snapshots.\n')
  })

  it('has errors and carried sources, if there are any', async () => {
    const carried = {...marker(1, 1, 1, 2), sources: [{name: 'usb', path: '/usb', carried: true}]}
    const list = [verdict(3, {marker: carried as unknown as Marker}), verdict(2)]
    expect(await textOf(list)).to.match(
      /ADDED {2}ERRORS {2}KEPT BY\n.* 2 {2}usb carried over, last 10\n$/s,
    )
  })

  it('names the history where several have the name of a source', async () => {
    const facts = {sources: ['docs'], series: ['docs (/srv/docs on nas)']}
    expect(await textOf([verdict(2, facts)])).to.match(/ {2}docs \(\/srv\/docs on nas\) {2}/)
  })

  it('has sizes in a column of their own, if there are any', async () => {
    const list = [verdict(3), verdict(2)]
    const sizes = new Map([[list[0]?.snapshot.name ?? '', {bytes: 1e6, inodes: 1}]])
    expect(await textOf(list, plainScreen, sizes)).to.match(
      / ADDED +ALONE +KEPT BY\n.* MB +last 10\n.* MB +1\.0 MB +last 10\n$/,
    )
    const json = list.map(snapshotsJson(sizes)) as Array<{exclusive_bytes: number | null}>
    expect(json.map(({exclusive_bytes}) => exclusive_bytes)).to.deep.equal([1e6, null])
  })

  it('fits every terminal of at least 40 columns, whatever it shows', async () => {
    const long = '写真と a source with a very long name 😀 that does not fit'
    const facts = {
      ...{sources: [long, 'b', 'c'], tags: [`${long}\n`, 'x'], pinned: true},
      ...{tagsUnreadable: true as const, marker: marker(123_456_789, 999e9, 999e9, 1000)},
    }
    const reasons = ['newest with one', `newest with ${long}`, 'daily 30d', 'weekly 52w']
    const list = [verdict(3, facts, reasons), verdict(2, {...facts, sources: ['b', 'c']}, [long])]
    const measure = await measureFor([long])
    const alone = new Map(list.map(({snapshot: {name}}) => [name, {bytes: 999e9, inodes: 1}]))
    for (const width of [50, 60, 80, 100, 120]) {
      for (const sizes of [null, alone]) {
        const text = await textOf(list, terminal(width, width !== 60), sizes)
        expect(Math.max(...text.split('\n').map(measure)), text).to.be.at.most(width)
      }
    }
    expect(await textOf(list)).to.include(long) // in a pipe it is whole
  })

  it('gives programs all facts', () => {
    expect(snapshotsJson(null)(verdict(2, {tags: ['x']}))).to.deep.equal({
      ...{name: '2025-01-02_10-00-00', instant: new Date('2025-01-02T10:00:00Z'), sources: ['ann']},
      ...{files: 1234, bytes: 5e9, added_bytes: 2e6, exclusive_bytes: null},
      ...{keep: true, reasons: ['last 10'], tags: ['x'], pinned: false},
    })
  })
})
