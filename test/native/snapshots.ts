// Expects a snapshot to equal its source, according to two tools that are not ours.
import {expect} from 'chai'
import {contents, inventories, rsyncDifferences} from './inventory.js'

/** Fails unless `copy` has everything that `source` has, and nothing else. */
export function expectSame(source: string, copy: string): void {
  expect(rsyncDifferences(source, copy)).to.equal('')
  // rsync does not compare nanoseconds and link groups fully.
  const [found = [], wanted = []] = inventories(copy, source)
  expect(contents(found)).to.deep.equal(contents(wanted))
}
