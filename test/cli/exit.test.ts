// How errors end the process.
import {expect} from 'chai'
import {CuraError, exitCodes} from '../../src/base/errors.js'
import {colourOf, formatOf, outcomeOf} from '../../src/cli/exit.js'

/** An error of oclif's parser. */
const parserError = (message: string): Error =>
  Object.assign(new Error(message), {oclif: {exit: 2}, parse: {argv: 'the whole configuration'}})

describe('outcome', () => {
  it('gives each kind of failure its own exit code', () => {
    const codes = Object.keys(exitCodes) as Array<keyof typeof exitCodes>
    const exits = codes.map((code) => outcomeOf(new CuraError(code, 'x'))?.exit)
    expect(exits).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 129, 130, 143])
  })

  it('joins the lines of the parser into one sentence', () => {
    const message =
      'The following error occurred:\n  \u001b[2mMissing required flag backups-dir\u001b[22m\n' +
      'See more help with --help'
    expect(outcomeOf(parserError(message))).to.deep.equal({
      code: 'usage',
      message: 'Missing required flag backups-dir (see --help)',
      exit: 2,
    })
    const hostile = outcomeOf(parserError('Nonexistent flag: --\u001b]0;x'))
    expect(hostile?.message).to.equal('Nonexistent flag: --\\x1b]0;x (see --help)')
  })

  it('reports nothing when oclif ends its help by throwing', () => {
    expect(outcomeOf(Object.assign(new Error('EEXIT'), {oclif: {exit: 0}}))).to.equal(null)
  })

  it('reports any other error as a bug', () => {
    const outcome = outcomeOf(new TypeError('x is undefined'))
    expect(outcome).to.include({code: 'bug', exit: 1})
    expect(outcome?.message).to.match(/please report it: TypeError: x is undefined\n/)
    expect(outcomeOf('text')).to.deep.equal({code: 'bug', message: 'text', exit: 1})
  })

  it('finds the wanted format; flags override variables', () => {
    expect(formatOf(['status', '--json'], {})).to.equal('json')
    expect(formatOf(['status'], {CURA_JSON: '1'})).to.equal('json')
    expect(formatOf(['backup', '--', '--json'], {})).to.equal('text')
    expect(formatOf(['backup'], {CURA_JSON: 'no', CURA_JSON_LINES: 'no'})).to.equal('text')
    expect(formatOf(['backup', '--json-lines'], {CURA_JSON: '1'})).to.equal('lines')
    expect(formatOf(['backup'], {CURA_JSON: '1', CURA_JSON_LINES: '1'})).to.equal('lines')
    expect(formatOf(['backup', '--json'], {CURA_JSON_LINES: '1'})).to.equal('json')
  })
})

describe('the choice of colours', () => {
  // The words, CURA_COLOR, and the choice.
  const table: ReadonlyArray<[string[], string, string]> = [
    [[], '', 'auto'],
    [['--color', 'never'], '', 'never'],
    [['--color=always', 'x'], 'never', 'always'],
    [['--color=always', '--color=never'], '', 'never'],
    [['x'], 'always', 'always'],
    [['--', '--color=always'], '', 'auto'],
    [['--color'], '', 'auto'],
    [['--color=red'], 'blue', 'auto'],
    [['--colors=always'], '', 'auto'],
  ]
  for (const [argv, CURA_COLOR, expected] of table) {
    it(`is ${expected} for ${argv.join(' ')} and CURA_COLOR=${CURA_COLOR}`, () => {
      expect(colourOf(argv, {CURA_COLOR})).to.equal(expected)
    })
  }
})
