// What a restore says about what it could not bring back.
import {expect} from 'chai'
import {restoreNoteLines} from '../../src/report/restore-notes.js'

const lineOf = (kind: string, verbose = false): string =>
  restoreNoteLines([{kind, count: 2, path: Buffer.from('docs/a\n')}], verbose).join('')

describe('the notes of a restore', () => {
  it('are sentences that name the first entry', () => {
    expect(lineOf('owner')).to.equal(
      '  The owners of 2 entries could not be set, first docs/a\\x0a.',
    )
    expect(lineOf('xattr:system')).to.match(/The ACLs of 2 entries could not be set/)
    expect(lineOf('xattr:lost')).to.match(/The store does not hold all extended attributes of 2/)
    expect(lineOf('xattr:trusted')).to.match(/attributes \(trusted\.\*\) of 2 entries could not/)
  })

  it('of other kinds are shown only with -v', () => {
    expect(lineOf('other')).to.equal('')
    expect(lineOf('other', true)).to.equal('  Note other: 2 entries.')
  })
})
