// Adds up rsync's items into the numbers of a comparison.
import {expect} from 'chai'
import {parseItem} from '../../../src/engine/external/rsync-items.js'
import {block_bytes, pathIn, RsyncTally} from '../../../src/engine/external/rsync-tally.js'

function tallyOf(...lines: string[]): RsyncTally {
  const tally = new RsyncTally()
  for (const line of lines) {
    const item = parseItem(line)
    if (item !== null) tally.add('docs', item, true)
  }
  return tally
}
const texts = (paths: readonly Buffer[]): string[] => paths.map((path) => path.toString('latin1'))

describe('external/rsync-tally', () => {
  it('counts all entries and the space they need', () => {
    const tally = tallyOf(
      '.d          40 .///',
      '.f          10 same//',
      '>f+++++++++ 5000 new//',
      '>f.st...... 7 changed//',
      '.f...p..... 8 mode//',
      'hf+++++++++ 5000 second// => new',
      'cd+++++++++ 40 d///',
      'cL+++++++++ 3 d/l// -> t',
      '*deleting   0 gone//',
    )
    const {totals, changes, need, sources} = tally.result()
    expect(totals).to.deep.equal({
      files: 5,
      directories: 2,
      symlinks: 1,
      specials: 0,
      bytes: 10_025,
    })
    expect(changes).to.deep.equal({new: 4, changed: 1, metadata: 1, renamed: 0, deleted: 1})
    expect(need).to.deep.equal({bytes: 5015, allocatedBytes: 4 * block_bytes, inodes: 5})
    expect(sources).to.deep.equal([{name: 'docs', now: 6, before: 4}])
    expect(tally.differs).to.be.true
  })

  it('lists the entries that must not stay linked, with the leader of a new link', () => {
    const tally = tallyOf('hf          7 a// => b', '.d..t...... 40 d///', '*deleting   0 e///')
    expect(texts(tally.differing)).to.deep.equal(['docs/a', 'docs/b', 'docs/d'])
    expect(texts(tally.outdated)).to.deep.equal(['docs/a', 'docs/e'])
  })

  it('differs only if an item justifies a snapshot', () => {
    const tally = new RsyncTally()
    const item = parseItem('cS+++++++++ 0 socket//')
    if (item !== null) tally.add('docs', item, false)
    expect(tally.differs).to.be.false
    tally.carry('other')
    expect([
      tally.entriesIn('docs'),
      tally.entriesIn('other'),
      tally.entriesIn('none'),
    ]).to.deep.equal([1, 1, 0])
  })

  it('builds paths from bytes', () => {
    expect(pathIn('döcs', '')).to.deep.equal(Buffer.from('döcs'))
    expect(pathIn('d', 'a\xff')).to.deep.equal(Buffer.from('d/a\xff', 'latin1'))
  })
})
