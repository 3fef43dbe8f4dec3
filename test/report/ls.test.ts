// The text of ls: names below a path, the bits of a mode, times beyond the calendar.
import {expect} from 'chai'
import type {StoredEntry} from '../../src/native/native.js'
import {lsJson, lsText, pathBelow} from '../../src/report/ls.js'

const entry = (path: string, facts: Partial<StoredEntry> = {}): StoredEntry => ({
  path: Buffer.from(path, 'latin1'),
  type: 'file',
  letter: '-',
  linked: false,
  bytes: 0,
  mode: 0o644,
  uid: 1000,
  gid: 100,
  mtime: '2026-11-21T14:00:00.000000000Z',
  mtime_s: new Date(2026, 10, 21, 14).getTime() / 1000,
  storedInode: 0,
  sha256: null,
  target: null,
  ...facts,
})

const listing = {snapshot: 'A', path: 'docs'}

describe('report-ls', () => {
  it('shortens paths to what is below the listed path', () => {
    const below = (path: string, top: string | null) =>
      pathBelow(Buffer.from(path), {path: top}).toString()
    expect(below('docs/a/b', 'docs')).to.equal('a/b')
    expect(below('docs/a/b', null)).to.equal('docs/a/b')
    expect(below('docs/é/b', 'docs/é')).to.equal('b')
    expect(below('docs/a', 'docs/a')).to.equal('a')
    expect(below('docs', 'docs')).to.equal('docs')
  })

  it('shows all bits of a mode', () => {
    const modes: ReadonlyArray<readonly [number, string]> = [
      [0o000, '---------'],
      [0o777, 'rwxrwxrwx'],
      [0o640, 'rw-r-----'],
      [0o7000, '--S--S--T'],
      [0o7111, '--s--s--t'],
    ]
    for (const [mode, text] of modes) {
      const line = lsText(true)([entry('docs/a', {mode})], listing)
      expect(line).to.equal(`-${text}  1000/100      0 B  2026-11-21 14:00  a\n`)
    }
  })

  it('aligns owners of different length, and does not narrow a later page', () => {
    const text = lsText(true)
    const wide = entry('docs/a', {uid: 4294967294, gid: null})
    const first = text([entry('docs/b'), wide], listing).split('\n')
    expect(first.map((line) => line.indexOf(' 2026'))).to.deep.equal([34, 34, -1])
    expect(text([entry('docs/c')], listing).indexOf(' 2026')).to.equal(34)
    expect(first[1]).to.contain('4294967294/?')
  })

  it('shows times that no calendar has', () => {
    expect(lsText(true)([entry('docs/a', {mtime_s: 1e13})], listing)).to.match(/ 0 B {2}- {2}a\n$/)
  })

  it('gives programs the bytes of names and targets that are not UTF-8', () => {
    const link = entry('docs/\xff', {type: 'symlink', target: Buffer.from('\xfe', 'latin1')})
    expect(lsJson(link)).to.include({path_b64: 'ZG9jcy//', target_b64: '/g==', target: '\ufffd'})
    expect(lsJson(entry('docs/a'))).to.have.all.keys(
      ...['path', 'type', 'mode', 'uid', 'gid', 'size', 'mtime', 'sha256', 'target'],
    )
  })
})
