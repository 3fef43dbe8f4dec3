// The errors that the user can act on, and the exit codes.
import {expect} from 'chai'
import {CuraError, exitCodes, exitMeanings} from '../../src/base/errors.js'

describe('errors', () => {
  it('carry the exit code to oclif, and their cause', () => {
    const cause = new Error('x')
    const error = new CuraError('noStore', 'no such store', {cause})
    expect(error).to.be.instanceOf(Error).and.to.include({code: 'noStore', cause})
    expect(error.oclif).to.deep.equal({exit: exitCodes.noStore})
  })

  it('have codes that differ, each with a meaning', () => {
    const codes = Object.values(exitCodes)
    expect(new Set(codes).size).to.equal(codes.length)
    const explained = Object.keys(exitMeanings).flatMap((some) => some.split(', '))
    expect(explained.map(Number)).to.have.members(codes)
  })
})
