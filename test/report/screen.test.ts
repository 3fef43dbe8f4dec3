// What the output can show.
import {expect} from 'chai'
import {screenOf} from '../../src/report/screen.js'

describe('screen', () => {
  it('has the width of a terminal, and none in a pipe', () => {
    const widthOf = (output: Parameters<typeof screenOf>[0]) => screenOf(output, {}, 'linux').width
    expect(widthOf({isTTY: true, columns: 120})).to.equal(120)
    expect(widthOf({isTTY: true, columns: 0})).to.equal(80)
    expect(widthOf({isTTY: true})).to.equal(80)
    expect(widthOf({columns: 120})).to.equal(null)
    expect(widthOf({isTTY: false})).to.equal(null)
  })

  it('has signs in UTF-8 locales only', () => {
    const hasSigns = (environment: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux') =>
      screenOf({}, environment, platform).hasSigns
    for (const LANG of ['en_GB.UTF-8', 'C.utf8', 'de_DE.utf-8']) {
      expect(hasSigns({LANG}), LANG).to.equal(true)
    }
    for (const LANG of ['C', 'POSIX', 'en_GB', 'de_DE.ISO-8859-1']) {
      expect(hasSigns({LANG}), LANG).to.equal(false)
    }
    expect(hasSigns({LANG: 'C.UTF-8', LC_ALL: 'C'})).to.equal(false)
    expect(hasSigns({LANG: 'C', LC_CTYPE: 'C.UTF-8', LC_ALL: ''})).to.equal(true)
    expect(hasSigns({})).to.equal(false)
    expect(hasSigns({}, 'darwin')).to.equal(true)
  })
})
