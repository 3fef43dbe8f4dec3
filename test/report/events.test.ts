// Events as lines: exact paths, one object each, and a summary without the lists.
import {expect} from 'chai'
import {eventJsonLines, eventText, summaryJsonLine} from '../../src/report/events.js'
import type {OperationEvent} from '../../src/operations/events.js'

const parsed = (lines: string): unknown[] =>
  lines
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown)

const change: OperationEvent = {
  event: 'change',
  changes: [
    {kind: 'new', type: 'file', path: Buffer.from('docs/a\nb'), bytes: 1200},
    {kind: 'deleted', type: 'file', path: Buffer.from('docs/\xff', 'latin1'), bytes: 3},
  ],
}

describe('events', () => {
  it('are one line for each item', () => {
    expect(parsed(eventJsonLines(change))).to.deep.equal([
      {event: 'change', kind: 'new', type: 'file', path: 'docs/a\nb', bytes: 1200},
      {
        event: 'change',
        kind: 'deleted',
        type: 'file',
        path: 'docs/\ufffd',
        path_b64: Buffer.from('docs/\xff', 'latin1').toString('base64'),
        bytes: 3,
      },
    ])
    const failures = [{path: Buffer.from('docs/x'), code: 'EIO', syscall: 'read', warning: false}]
    expect(parsed(eventJsonLines({event: 'failure', failures}))).to.deep.equal([
      {event: 'failure', path: 'docs/x', code: 'EIO', syscall: 'read', warning: false},
    ])
    const progress = {phase: 'apply', entries: 1, bytes: 2, totalEntries: 3, totalBytes: 4} as const
    expect(parsed(eventJsonLines({event: 'progress', progress}))).to.deep.equal([
      {event: 'progress', phase: 'apply', entries: 1, bytes: 2, total_entries: 3, total_bytes: 4},
    ])
    expect(eventJsonLines({event: 'phase', phase: 'scan'})).to.equal(
      '{"event":"phase","phase":"scan"}\n',
    )
    expect(eventJsonLines({event: 'change', changes: []})).to.equal('')
  })

  it('show only lists as text', () => {
    expect(eventText(change)).to.equal(
      'new       file        1.2 kB  docs/a\\x0ab\ndeleted   file                docs/\\xff\n',
    )
    expect(eventText({event: 'phase', phase: 'scan'})).to.equal('')
  })

  it('are one line for a directory that moved, as text only', () => {
    const place = (type: 'file' | 'directory', path: string) => ({
      type,
      path: Buffer.from(path),
      bytes: 0,
    })
    const moved = {movedFrom: Buffer.from('docs/old'), movedEntries: 1234}
    const from = Buffer.from('docs/old/a')
    const move: OperationEvent = {
      event: 'change',
      changes: [
        {kind: 'new', ...place('directory', 'docs/new'), ...moved},
        {kind: 'renamed', ...place('file', 'docs/new/a'), from, inMove: true},
        {kind: 'deleted', ...place('directory', 'docs/old'), inMove: true},
      ],
    }
    expect(eventText(move)).to.equal(
      'renamed   directory           docs/old -> docs/new (+ 1,234 entries)\n',
    )
    expect(parsed(eventJsonLines(move))).to.deep.equal([
      {event: 'change', kind: 'new', type: 'directory', path: 'docs/new', bytes: 0},
      {
        ...{event: 'change', kind: 'renamed', type: 'file'},
        ...{path: 'docs/new/a', from: 'docs/old/a', bytes: 0},
      },
      {event: 'change', kind: 'deleted', type: 'directory', path: 'docs/old', bytes: 0},
    ])
  })

  it('end with the result without its long lists', () => {
    const result = {
      made: true,
      counts: {changes: {new: 1}, excluded: 0},
      errors: {count: 1, warnings: 0, list: [{path: 'docs/x'}]},
      changes: [1],
      excluded: [2],
      snapshots: [3],
      exit: 3,
    }
    expect(summaryJsonLine(result)).to.equal(
      '{"event":"summary","made":true,"counts":{"changes":{"new":1},"excluded":0},' +
        '"errors":{"count":1,"warnings":0},"exit":3}\n',
    )
  })
})
