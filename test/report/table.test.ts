// Tables of text.
import {expect} from 'chai'
import {table} from '../../src/report/table.js'

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

  it('has no lines without rows', () => {
    expect(table([], ['left'])).to.deep.equal([])
  })
})
