// Tables of text.
import {expect} from 'chai'
import {table} from '../../src/report/table.js'
import {measureFor} from '../../src/report/width.js'

describe('table', () => {
  it('aligns columns, and ends no line in spaces', () => {
    const rows = [
      ['Name', 'Size', 'Tags'],
      ['a', '1,234', ''],
      ['longer', '5', 'x'],
    ]
    expect(table(rows, ['left', 'right', 'left'])).to.deep.equal([
      'Name     Size  Tags',
      'a       1,234',
      'longer      5  x',
    ])
  })

  it('aligns wide characters by their width', async () => {
    const rows = [['ann', '1'], ['写真', '22'], ['😀 x', '3']] // prettier-ignore
    expect(table(rows, ['left', 'right'], await measureFor(rows.flat()))).to.deep.equal([
      'ann    1',
      '写真  22',
      '😀 x   3',
    ])
  })

  it('has no lines without rows', () => {
    expect(table([], ['left'])).to.deep.equal([])
  })
})
