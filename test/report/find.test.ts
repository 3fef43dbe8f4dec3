// The output of find.
import {expect} from 'chai'
import type {FoundPath} from '../../src/operations/find.js'
import {
  foundJson,
  foundLines,
  foundPaths,
  undigestedText,
  unmatchedText,
} from '../../src/report/find.js'

const found = (path: string, more: Partial<FoundPath> = {}): FoundPath => ({
  path: Buffer.from(path, 'latin1'),
  type: 'file',
  letter: '-',
  linked: false,
  bytes: 5,
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: '2026-01-01T00:00:00.000000001Z',
  mtime_s: 0,
  storedInode: 1,
  sha256: null,
  target: null,
  newest: 0,
  oldest: 1,
  count: 2,
  present: true,
  first: 'A',
  last: 'B',
  history: 'docs',
  ...more,
})

describe('the report of find', () => {
  it('has one line for each path, with control characters escaped', () => {
    const page = [found('docs/a\x1b[2J'), found('docs/d', {type: 'directory', present: false})]
    expect(foundLines(page)).to.equal('A  B  docs/a\\x1b[2J\nA  B  docs/d/  (deleted)\n')
  })

  it('has raw bytes for other programs', () => {
    expect(foundPaths([found('a\n\xff'), found('b')]).toString('latin1')).to.equal('a\n\xff\0b\0')
  })

  it('has exact paths in JSON', () => {
    expect(foundJson(found('\xff'))).to.deep.equal({
      path: '\ufffd',
      path_b64: '/w==',
      type: 'file',
      size: 5,
      mtime: '2026-01-01T00:00:00.000000001Z',
      first: 'A',
      last: 'B',
      snapshots: 2,
      present: true,
      sha256: null,
      history: 'docs',
    })
  })

  it('says what may help if nothing matches', () => {
    expect(unmatchedText(['thesis'], false)).to.equal(
      "No path matches thesis. For a part of a name write '*thesis*'; -i ignores case.",
    )
    expect(unmatchedText(['*.odt', '/a/b'], false)).to.equal(
      'No path matches *.odt or /a/b. -i ignores case.',
    )
    expect(unmatchedText(['*.odt'], true)).to.equal('No path matches *.odt.')
    expect(unmatchedText([], false)).to.equal('Nothing was found.')
  })

  it('counts what could not be compared', () => {
    expect(undigestedText(0)).to.deep.equal([])
    expect(undigestedText(1)[0]).to.match(/^1 path was not compared/)
    expect(undigestedText(1200)[0]).to.match(/^1,200 paths were not compared/)
  })
})
