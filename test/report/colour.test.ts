// The colours, and when there are any.
import {expect} from 'chai'
import {paletteFor, plainPalette, type ColourChoice} from '../../src/report/colour.js'

const colourful = paletteFor('always', {}, {})

describe('colour', () => {
  // The choice, whether it is a terminal, the environment, and whether there are colours.
  const table: ReadonlyArray<[ColourChoice, boolean, NodeJS.ProcessEnv, boolean]> = [
    ['auto', true, {}, true],
    ['auto', true, {NO_COLOR: ''}, true],
    ['auto', true, {NO_COLOR: '1'}, false],
    ['auto', true, {TERM: 'dumb'}, false],
    ['auto', false, {}, false],
    ['auto', false, {FORCE_COLOR: '1'}, false],
    ['always', false, {NO_COLOR: '1', TERM: 'dumb'}, true],
    ['never', true, {}, false],
  ]
  for (const [choice, isTTY, environment, expected] of table) {
    const where = isTTY ? 'a terminal' : 'a pipe'
    it(`is ${expected ? 'on' : 'off'}: ${choice}, ${where}, ${JSON.stringify(environment)}`, () => {
      const palette = paletteFor(choice, {isTTY}, environment)
      expect(palette === plainPalette).to.equal(!expected)
    })
  }

  it('marks each line of a problem, its details as dim', () => {
    expect(colourful.warning('two\n  detail\n')).to.equal(
      '\u001b[33mtwo\u001b[39m\n\u001b[2m  detail\u001b[22m\n',
    )
    expect(colourful.error('bad\n')).to.equal('\u001b[31mbad\u001b[39m\n')
    expect(colourful.error('')).to.equal('')
  })

  it('marks signs at the start of a line only', () => {
    expect(colourful.signs('✓ healthy ✓\n✗ damaged\n')).to.equal(
      '\u001b[32m✓\u001b[39m healthy ✓\n\u001b[31m✗\u001b[39m damaged\n',
    )
  })
})
