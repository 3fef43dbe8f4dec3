// The completion marker: an exact round trip, and tolerance of any other content.
import {expect} from 'chai'
import fc from 'fast-check'
import {formatMarker, parseMarker, type Marker} from '../../src/store/marker.js'
import {changeJson, failuresJson, markerLimit_bytes} from '../../src/store/marker.js'

const marker: Marker = {
  format: 1,
  start: '2025-01-15T09:30:00.123Z',
  end: '2025-01-15T09:30:04.500Z',
  host: 'nas',
  previous: '20250114_103000',
  sources: [{name: 'docs', path: '/srv/documents'}],
  counts: {
    files: 3,
    directories: 2,
    symlinks: 1,
    specials: 0,
    changes: {new: 1, changed: 2, metadata: 0, renamed: 0, deleted: 4},
    excluded: 2,
  },
  bytes: {total: 5000, added: 1200},
  tags: ['before upgrade'],
  selection: '0123456789abcdef',
  earlier: ['', 'fedcba9876543210'],
  errors: {
    count: 1,
    warnings: 0,
    list: [
      {
        path: 'docs/\ufffd',
        path_b64: 'ZG9jcy//',
        code: 'EACCES',
        syscall: 'openat',
        warning: false,
      },
    ],
  },
  notes: [{kind: 'socket', count: 2, path: 'docs/s'}],
  version: '0.1.0',
}

const damaged: ReadonlyArray<[string, string]> = [
  ['nothing', ''],
  ['no JSON', 'x'],
  ['JSON cut short', formatMarker(marker).toString().slice(0, 200)],
  ['null', 'null'],
  ['an array', '[]'],
  ['a number', '7'],
  ['no format', '{"start":"2025-01-15T09:30:00.123Z","end":"2025-01-15T09:30:00.123Z"}'],
  ['a later format', JSON.stringify({...marker, format: 2})],
  ['no instant', JSON.stringify({...marker, start: 'yesterday'})],
  ['an instant beyond all dates', JSON.stringify({...marker, start: '+999999-01-01T00:00:00Z'})],
  ['an instant of another type', JSON.stringify({...marker, end: {}})],
  ['nested too deeply for the stack', '['.repeat(100_000)],
]

describe('marker', () => {
  it('reads back what it wrote', () => {
    expect(parseMarker(formatMarker(marker))).to.deep.equal({damaged: false, marker})
  })

  for (const [what, text] of damaged) {
    it(`reads a marker as damaged: ${what}`, () => {
      expect(parseMarker(Buffer.from(text))).to.deep.equal({damaged: true, marker: null})
    })
  }

  it('reads an oversized marker as damaged', () => {
    const padded = Buffer.concat([formatMarker(marker), Buffer.alloc(markerLimit_bytes, ' ')])
    expect(parseMarker(padded).damaged).to.be.true
  })

  it('gives every field its type, whatever the file contains', () => {
    const hostile = {
      ...marker,
      host: 7,
      previous: [],
      sources: [null, 'x', {name: 1}],
      counts: {files: -1, directories: 'many', changes: null},
      bytes: null,
      tags: ['a', 1, null],
      selection: 7,
      earlier: [null, 'x', ...Array.from({length: 100}, String)],
      errors: {count: '1', list: [null]},
      notes: 'none',
      version: {},
    }
    const read = parseMarker(Buffer.from(JSON.stringify(hostile))).marker
    expect(read?.host).to.equal('')
    expect(read?.previous).to.equal(null)
    expect(read?.sources).to.deep.equal([
      {name: '', path: ''},
      {name: '', path: ''},
      {name: '', path: ''},
    ])
    expect(read?.counts.files).to.equal(0)
    expect(read?.counts.changes.new).to.equal(0)
    expect(read?.bytes).to.deep.equal({total: 0, added: 0})
    expect(read?.tags).to.deep.equal(['a'])
    expect(read).not.to.have.property('selection')
    expect(read?.earlier).to.have.lengthOf(30)
    expect(read?.errors.list).to.deep.equal([{path: '', code: '', syscall: '', warning: false}])
    expect(read?.notes).to.deep.equal([])
  })

  it('never throws', () => {
    const fields = fc.record({
      format: fc.constant(1),
      start: fc.constant(marker.start),
      end: fc.constant(marker.end),
      counts: fc.jsonValue(),
      errors: fc.jsonValue(),
      sources: fc.jsonValue(),
      tags: fc.jsonValue(),
      notes: fc.jsonValue(),
    })
    fc.assert(
      fc.property(fields, (value) => {
        expect(parseMarker(Buffer.from(JSON.stringify(value))).damaged).to.be.false
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 200}), (bytes) => {
        expect(parseMarker(Buffer.from(bytes)).damaged).to.be.true
      }),
    )
  })

  it('keeps the list of failures short enough to read it back', () => {
    const path = Buffer.alloc(4000, 0xff)
    const list = Array.from({length: 1000}, () => ({
      path,
      code: 'EACCES',
      syscall: 'openat',
      warning: false,
    }))
    const errors = failuresJson({list, errors: 5000, warnings: 0})
    expect(errors.count).to.equal(5000)
    expect(errors.list.length).to.be.within(100, 999)
    const written = formatMarker({...marker, errors})
    expect(written.length).to.be.below(markerLimit_bytes)
    expect(parseMarker(written).damaged).to.be.false
  })

  it('writes a change with both of its paths', () => {
    const path = Buffer.from('docs/new')
    const from = Buffer.from([0xff])
    expect(changeJson({kind: 'renamed', type: 'file', path, from, bytes: 7})).to.deep.equal({
      kind: 'renamed',
      type: 'file',
      path: 'docs/new',
      from: '\ufffd',
      from_b64: '/w==',
      bytes: 7,
    })
  })
})
