// The sources that two records share, and the sum of their differences.
import {expect} from 'chai'
import {joined, sharedSources} from '../../src/operations/diff-sources.js'
import type {Change, TreeDifference} from '../../src/native/native.js'
import {withRecords} from '../native/records.js'
import {workshop} from '../native/workshop.js'
import {mkdirSync} from 'node:fs'

const none = {new: 0, changed: 0, metadata: 0, renamed: 0, deleted: 0}

function difference(paths: readonly string[]): TreeDifference {
  const changes = paths.map((path): Change => ({kind: 'new', type: 'file', path: Buffer.from(path), bytes: 1})) // prettier-ignore
  return {
    files: {...none, new: paths.length},
    directories: {...none, metadata: 1},
    bytes: paths.length,
    changes: (limit) => changes.splice(0, limit),
  }
}

describe('diff-sources', () => {
  const {path, store, snapshot} = workshop()

  it('finds the sources of both records, and those of one', async () => {
    for (const name of ['a', 'b', 'c']) mkdirSync(path(name))
    const first = await snapshot({operands: [path('a'), path('b')]})
    const second = await snapshot({operands: [path('b'), path('c')]})
    await withRecords(store(), [first, second], (records) => {
      const {both, only} = sharedSources(records)
      expect(both.map(String)).to.deep.equal(['b'])
      expect(only.map(({source, record}) => `${String(source)} ${record}`)).to.deep.equal([
        'a 0',
        'c 1',
      ])
    })
  })

  it('joins counts and lists', () => {
    const sum = joined([difference(['a', 'b']), difference([]), difference(['c'])])
    expect(sum).to.deep.include({files: {...none, new: 3}, bytes: 3})
    expect(sum.directories).to.deep.equal({...none, metadata: 3})
    const pages = [1, 2, 2, 2].map((limit) => sum.changes(limit).map(({path}) => String(path)))
    expect(pages).to.deep.equal([['a'], ['b'], ['c'], []])
  })
})
