// How wide texts are on a terminal.
import {expect} from 'chai'
import {asciiWidth, cut, measureFor} from '../../src/report/width.js'

describe('width', () => {
  it('loads the library only for texts that need it', async () => {
    expect(await measureFor(['plain', ''])).to.equal(asciiWidth)
    expect(await measureFor(['plain', 'é'])).not.to.equal(asciiWidth)
  })

  it('counts wide characters and emoji as two columns, and combining ones as none', async () => {
    const measure = await measureFor(['é'])
    const texts = ['ann', '写真', '😀', '👨‍👩‍👧', 'é', 'e\u0301', '…']
    expect(texts.map(measure)).to.deep.equal([3, 4, 2, 2, 1, 1, 1])
  })

  it('cuts between characters, never wider than asked for', async () => {
    const measure = await measureFor(['é'])
    expect(cut('photos', 6, measure, '…')).to.equal('photos')
    expect(cut('photos', 5, measure, '…')).to.equal('phot…')
    expect(cut('写真写真', 6, measure, '…')).to.equal('写真…')
    expect(cut('👨‍👩‍👧👨‍👩‍👧', 3, measure, '…')).to.equal('👨‍👩‍👧…')
    expect(cut('photos', 5, asciiWidth, '...')).to.equal('ph...')
    expect(cut('photos', 2, asciiWidth, '...')).to.equal('..')
  })
})
