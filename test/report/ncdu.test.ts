// The export for ncdu: nested lists whose strings hold raw bytes.
import {expect} from 'chai'
import type {StoredEntry} from '../../src/native/native.js'
import {NcduExport} from '../../src/report/ncdu.js'

const entry = (path: string, type: StoredEntry['type'], facts: Partial<StoredEntry> = {}) => ({
  path: Buffer.from(path, 'latin1'),
  type,
  letter: type === 'directory' ? 'd' : '-',
  linked: false,
  bytes: type === 'file' ? 5 : 0,
  mode: 0o755,
  uid: 1,
  gid: null,
  mtime: '',
  mtime_s: 7,
  storedInode: 9,
  sha256: null,
  target: null,
  ...facts,
})

const head = {storeDir: '/b', version: '1', now: new Date(5000)}
const listing = {snapshot: 'A', path: 'docs'}

const namesIn = (node: unknown): unknown =>
  Array.isArray(node) ? node.map(namesIn) : (node as {name: string}).name

describe('report-ncdu', () => {
  it('nests directories, across pages', () => {
    const ncdu = new NcduExport(head)
    const text = [
      ncdu.page([entry('docs/a', 'directory'), entry('docs/a/b', 'directory')], listing),
      ncdu.page([entry('docs/a/b/c', 'file'), entry('docs/d', 'directory')], listing),
      ncdu.page([entry('docs/e', 'file', {linked: true, mtime_s: -1})], listing),
      ncdu.end(listing),
    ].join('')
    const [major, minor, program, root] = JSON.parse(text) as unknown[]
    expect([major, minor]).to.deep.equal([1, 2])
    expect(program).to.deep.equal({progname: 'cura-te-ipsum', progver: '1', timestamp: 5})
    expect(namesIn(root)).to.deep.equal(['/b/A/docs', ['a', ['b', 'c']], ['d'], 'e'])
    expect((root as unknown[]).at(-1)).to.deep.equal({
      ...{name: 'e', asize: 5, dsize: 5, ino: 9, hlnkc: true, uid: 1, mode: 0o100755},
    })
  })

  it('is valid without any entry', () => {
    const text = new NcduExport(head).end({snapshot: 'A', path: null}).toString()
    expect(namesIn((JSON.parse(text) as unknown[])[3])).to.deep.equal(['/b/A'])
  })

  it('escapes control characters and keeps all other bytes', () => {
    const page = new NcduExport(head).page([entry('docs/"\\\n\x7f\xff', 'file')], listing)
    expect(page.toString('latin1')).to.contain('{"name":"\\u0022\\u005c\\u000a\\u007f\xff",')
  })
})
