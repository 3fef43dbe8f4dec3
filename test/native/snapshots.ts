// What every snapshot must be: equal to its source by the word of two tools that are not ours.
import {expect} from 'chai'
import {contents, inventories, rsyncDifferences} from './inventory.js'

/** Fails unless `copy` has all that `source` has, and nothing else. */
export function expectSame(source: string, copy: string): void {
  expect(rsyncDifferences(source, copy)).to.equal('')
  // Nanoseconds and link groups, of which rsync makes less.
  const [found = [], wanted = []] = inventories(copy, source)
  expect(contents(found)).to.deep.equal(contents(wanted))
}
