// The table of snapshots: at most 80 columns, whatever is in it.
import {expect} from 'chai'
import type {Verdict} from '../../src/retention/retention.js'
import {snapshotsJson, snapshotsText} from '../../src/report/snapshots.js'
import type {Marker} from '../../src/store/marker.js'
import {plannedSnapshot, type Snapshot} from '../../src/store/store.js'

const now = new Date('2025-01-20T12:00:00Z')

const marker = (files: number, total: number, added: number): Marker =>
  ({counts: {files}, bytes: {total, added}}) as unknown as Marker

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
  sizes: Parameters<typeof snapshotsText>[1] = null,
) => snapshotsText({now, verdicts, sizes: null, warnings: [], exit: 0}, sizes)

describe('report-snapshots', () => {
  it('shows the newest last, with pin and tags first', () => {
    const list = [
      verdict(20, {}, ['newest with ann', 'last 10', 'all 7d']),
      verdict(18, {pinned: true, tags: ['keep']}, ['pinned', 'last 10', 'tag keep']),
      verdict(2, {}, ['no rule keeps it']),
    ].map((each) => ({...each, snapshot: {...each.snapshot, series: ['ann']}}))
    expect(textOf(list)).to.equal(
      [
        'Snapshot              Age  Sources  Files    Size   Added  Kept by',
        '2025-01-02_10-00-00  18 d  ann      1,234  5.0 GB  2.0 MB  not kept',
        '2025-01-18_10-00-00   2 d  ann      1,234  5.0 GB  2.0 MB  pinned, #keep +1',
        '2025-01-20_10-00-00   2 h  ann      1,234  5.0 GB  2.0 MB  newest, last 10 +1',
        '',
      ].join('\n'),
    )
  })

  it('leaves out columns without content', () => {
    const list = [verdict(2, {marker: null, damaged: true, sources: null})]
    expect(textOf(list)).to.equal(
      'Snapshot              Age  Sources  Kept by\n' +
        '2025-01-02_10-00-00  18 d           marker damaged, last 10\n',
    )
    expect(textOf([])).to.equal('There are no such snapshots.\n')
  })

  it('has sizes in a column of their own, if there are any', () => {
    const list = [verdict(3), verdict(2)]
    const sizes = new Map([[list[0]?.snapshot.name ?? '', {bytes: 1e6, inodes: 1}]])
    expect(textOf(list, sizes)).to.match(
      / Added +Alone +Kept by\n.* MB +last 10\n.* MB +1\.0 MB +last 10\n$/,
    )
    const json = list.map(snapshotsJson(sizes)) as Array<{exclusive_bytes: number | null}>
    expect(json.map(({exclusive_bytes}) => exclusive_bytes)).to.deep.equal([1e6, null])
  })

  it('stays within 80 columns', () => {
    const long = 'a source with a very long name that does not fit'
    const facts = {
      sources: [long, 'b', 'c'],
      tags: [`${long}\n`, 'x'],
      pinned: true,
      tagsUnreadable: true as const,
      marker: marker(123_456_789, 999e9, 999e9),
    }
    const reasons = ['newest with one', `newest with ${long}`, 'daily 30d', 'weekly 52w']
    const list = [verdict(3, facts, reasons), verdict(2, {...facts, sources: ['b', 'c']}, [long])]
    for (const sizes of [
      null,
      new Map(list.map(({snapshot: {name}}) => [name, {bytes: 999e9, inodes: 1}])),
    ]) {
      const lines = textOf(list, sizes).split('\n')
      expect(Math.max(...lines.map((line) => line.length)), lines.join('\n')).to.be.at.most(80)
    }
  })

  it('gives programs all facts', () => {
    expect(snapshotsJson(null)(verdict(2, {tags: ['x']}))).to.deep.equal({
      ...{name: '2025-01-02_10-00-00', instant: new Date('2025-01-02T10:00:00Z'), sources: ['ann']},
      ...{files: 1234, bytes: 5e9, added_bytes: 2e6, exclusive_bytes: null},
      ...{keep: true, reasons: ['last 10'], tags: ['x'], pinned: false},
    })
  })
})
