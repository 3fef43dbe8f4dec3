// How limits are reported, with -v and without.
import {expect} from 'chai'
import {noteLines} from '../../src/report/notes.js'

const note = (kind: string, count = 2) => ({kind, count, path: Buffer.from('docs/a\n')})

describe('notes', () => {
  // The line without -v, or null if it is reported only with -v.
  const table: ReadonlyArray<[string, RegExp | null]> = [
    ['store', /store lies inside a source/],
    ['link', /^ {2}2 entries could not be linked \(EPERM\) and were copied, first docs\/a\\x0a\.$/],
    ['clone', /could not be cloned/],
    ['mode', /Permissions of 2 entries/],
    ['symlink', /cannot hold symlinks/],
    ['fsync', /does not sync 2 entries/],
    ['damaged', /^ {2}Stored copies of 2 entries are damaged, so these were stored anew /],
    ['xattr:lost', /attributes of 2 entries could not be healed/],
    ['xattr:system', /ACLs of 2 entries/],
    ['xattr:security', /Capabilities/],
    ['xattr:user', /attributes \(user\.\*\) of 2 entries/],
    ['xattr:unlisted', /Without \/proc/],
    ['owner', null],
    ['socket', null],
    ['constructor', null],
  ]
  for (const [kind, line] of table) {
    it(`reports ${kind} ${line === null ? 'with -v' : 'always'}, in one line`, () => {
      const lines = noteLines([note(kind)], false)
      expect(noteLines([note(kind)], true)).to.have.lengthOf(1)
      if (line === null) expect(lines).to.deep.equal([])
      else expect(lines.join()).to.match(line)
    })
  }
})
