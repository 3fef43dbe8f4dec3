// The lines, counts and JSON of diff.
import {expect} from 'chai'
import {diffJson, diffLines, diffSummary, nameLines} from '../../src/report/diff.js'
import type {DiffChange} from '../../src/operations/diff.js'

const change = (kind: DiffChange['kind'], path: string, from?: string): DiffChange => ({
  kind,
  type: path.endsWith('/') ? 'directory' : 'file',
  path: Buffer.from(path.replace(/\/$/, ''), 'latin1'),
  ...(from !== undefined && {from: Buffer.from(from, 'latin1')}),
  bytes: path.length,
})

const none = {new: 0, changed: 0, metadata: 0, renamed: 0, deleted: 0}

describe('report-diff', () => {
  it('gives each change a line with a sign, and directories a slash', () => {
    const page = [
      change('new', 'docs/a\n\xff'),
      change('changed', 'docs/b'),
      change('metadata', 'docs/c/'),
      change('renamed', 'docs/e', 'docs/d'),
      change('renamed', 'docs/g/', 'docs/f'),
      {...change('changed', 'docs/h'), content: '--- old\n+++ new\n'},
      change('deleted', 'docs/i/'),
    ]
    expect(diffLines(page)).to.equal(
      '+ docs/a\\x0a\\xff\nM docs/b\nm docs/c/\nR docs/d -> docs/e\nR docs/f/ -> docs/g/\n' +
        'M docs/h\n--- old\n+++ new\n- docs/i/\n',
    )
    expect(nameLines(page).split('\n')).to.deep.equal([
      ...['docs/a\\x0a\\xff', 'docs/b', 'docs/c', 'docs/e', 'docs/g', 'docs/h', 'docs/i', ''],
    ])
  })

  it('counts files and directories apart', () => {
    const files = {...none, new: 3, changed: 2}
    const directories = {...none, renamed: 1}
    expect(diffSummary({counts: {files, directories}, bytes: 12_400_000})).to.equal(
      'files: 3 new, 2 changed; directories: 1 renamed; 12.4 MB new or changed\n',
    )
    const few = {counts: {files: {...none, deleted: 1}, directories: none}, bytes: 0}
    expect(diffSummary(few)).to.equal('files: 1 deleted\n')
    const touched = {counts: {files: none, directories: {...none, metadata: 1}}, bytes: 0}
    expect(diffSummary(touched)).to.equal('directories: 1 with changed permissions or dates\n')
    expect(diffSummary({counts: {files: none, directories: none}, bytes: 0})).to.equal(
      'no differences\n',
    )
  })

  it('needs no more than 80 columns', () => {
    const many = {new: 1e9, changed: 1e9, metadata: 1e9, renamed: 1e9, deleted: 1e9}
    const text = diffSummary({counts: {files: many, directories: many}, bytes: 1e15})
    const lines = text.split('\n')
    expect(Math.max(...lines.map(({length}) => length))).to.be.at.most(80)
    expect(lines.join(' ')).to.match(
      /^files: 1,000,000,000 new, .* deleted; directories: .* deleted; 1.0 PB new or changed $/,
    )
  })

  it('gives programs the bytes of both paths', () => {
    expect(diffJson(change('new', 'docs/a'))).to.deep.equal({
      ...{kind: 'new', type: 'file', path: 'docs/a', from_path: null, bytes: 6},
    })
    expect(diffJson({...change('renamed', '\xff', '\xfe'), content: null})).to.deep.equal({
      ...{kind: 'renamed', type: 'file', bytes: 1, content: null},
      ...{path: '\ufffd', path_b64: '/w==', from_path: '\ufffd', from_path_b64: '/g=='},
    })
  })
})
