// The output of history.
import {expect} from 'chai'
import type {PathHistory, Version} from '../../src/operations/history.js'
import {historyJson, historyText, missingTexts, storedPaths} from '../../src/report/history.js'

const version = (path: string, change: Version['change'], type = 'file'): Version => ({
  entry: {
    path: Buffer.from(path, 'latin1'),
    type: type as 'file',
    letter: '-',
    linked: false,
    bytes: 4100,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: '2026-01-01T00:00:00.000000001Z',
    mtime_s: new Date(2026, 0, 1, 9, 5).getTime() / 1000,
    storedInode: 1,
    sha256: null,
    target: null,
  },
  first: '2026-01-01_10-00-00',
  last: '2026-01-02_10-00-00',
  snapshots: 2,
  change,
})

const letter: PathHistory = {
  history: 'docs',
  path: Buffer.from('docs/letter'),
  versions: [version('docs/letter', 'renamed'), version('docs/old\n', 'new')],
  deleted: {after: 'X', before: 'Y'},
}

describe('the report of history', () => {
  it('has one line for each version, and the earlier name of a renamed file', () => {
    expect(historyText(letter)).to.equal(
      'docs/letter, deleted after X and before Y\n' +
        'First                Last                   Size  Modified          Change\n' +
        '2026-01-01_10-00-00  2026-01-02_10-00-00  4.1 kB  2026-01-01 09:05  renamed\n' +
        '2026-01-01_10-00-00  2026-01-02_10-00-00  4.1 kB  2026-01-01 09:05  new\n' +
        '  as docs/old\\x0a\n',
    )
    const missing = {...letter, versions: []}
    expect(historyText(missing)).to.equal('')
    expect(missingTexts([letter, missing])).to.deep.equal([
      "no snapshot has docs/letter; to search for it: find '*letter*'",
    ])
  })

  it('has the raw paths of the stored versions', () => {
    const day = '/store/2026-01-02_10-00-00/docs'
    expect(storedPaths('/store', letter).toString()).to.equal(`${day}/letter\0${day}/old\n\0`)
  })

  it('has versions and the deletion in JSON', () => {
    const json = historyJson(letter) as {versions: object[]}
    expect(json).to.deep.include({path: 'docs/letter', deleted: {after: 'X', before: 'Y'}})
    expect(json.versions[1]).to.deep.equal({
      first: '2026-01-01_10-00-00',
      last: '2026-01-02_10-00-00',
      snapshots: 2,
      path: 'docs/old\n',
      type: 'file',
      size: 4100,
      mtime: '2026-01-01T00:00:00.000000001Z',
      sha256: null,
      change: 'new',
    })
  })
})
