// The conditions of find, from the texts of its flags.
import {expect} from 'chai'
import {conditionsFrom} from '../../src/operations/find-conditions.js'
import {localZone} from '../../src/retention/retention.js'

const now = new Date(2026, 10, 21, 12, 0, 0)
const none = {patterns: [], ignoreCase: false, types: [], deleted: false}
const read = (texts: object) => conditionsFrom({...none, ...texts}, now, localZone)

describe('the conditions of find', () => {
  it('are empty without flags', async () => {
    expect(await read({})).to.deep.equal({
      patterns: [],
      ignoreCase: false,
      types: {file: true, directory: true, symlink: true, special: true},
      size: null,
      after_s: null,
      until_s: null,
      digest: null,
      deleted: false,
    })
  })

  it('are read from texts', async () => {
    expect((await read({size: '+10M'})).size).to.deep.equal({is: 'above', bytes: 10 * 1024 ** 2})
    expect((await read({size: '-1kB'})).size).to.deep.equal({is: 'below', bytes: 1000})
    expect((await read({size: '0'})).size).to.deep.equal({is: 'equal', bytes: 0})
    const {types} = await read({types: ['f', 'l']})
    expect(types).to.deep.equal({file: true, directory: false, symlink: true, special: false})
    const time_s = new Date(2026, 10, 20, 12, 0, 0).getTime() / 1000
    expect(await read({newer: '1d', older: '24h'})).to.include({after_s: time_s, until_s: time_s})
    expect((await read({digest: 'AB'.repeat(32)})).digest).to.equal('ab'.repeat(32))
  })

  it('compare with the beginning of a day', async () => {
    const begin_s = new Date(2026, 10, 21).getTime() / 1000
    // From its first second on, and before it.
    const day = {after_s: begin_s - 1, until_s: begin_s - 1}
    expect(await read({newer: '2026-11-21', older: 'today'})).to.include(day)
    const time = {after_s: begin_s, until_s: begin_s}
    expect(await read({newer: '2026-11-21 00:00', older: 'today 0:00'})).to.include(time)
  })

  it('are refused by name if they cannot be read', async () => {
    const message = (texts: object): Promise<string> => read(texts).then(() => 'read', String)
    expect(await message({size: '+x'})).to.match(
      /--size "\+x" is not a size: write \+10M for larger, -10M/,
    )
    expect(await message({older: 'x'})).to.match(/--older "x" is not a time/)
    expect(await message({digest: 'x'})).to.match(/--digest "x" is not 64 hexadecimal digits/)
    expect(await message({digest: 'x', sameAs: 'y'})).to.match(/either --digest or --same-as/)
    expect(await message({sameAs: '/nowhere'})).to.match(/--same-as: cannot read \/nowhere/)
  })
})
