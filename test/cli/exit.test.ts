// How errors end the process.
import {expect} from 'chai'
import {CuraError, exitCodes} from '../../src/base/errors.js'
import {explain} from '../../src/native/failure.js'
import {formatOf, outcomeOf} from '../../src/cli/exit.js'

const native = (code: string, rest: object = {}): Error =>
  Object.assign(new Error(`native ${code}`), {code, ...rest})

/** An error as oclif's parser throws it. */
const parserError = (message: string): Error =>
  Object.assign(new Error(message), {oclif: {exit: 2}, parse: {argv: 'the whole configuration'}})

describe('outcome', () => {
  it('gives each kind of failure its own exit code', () => {
    const codes = Object.keys(exitCodes) as Array<keyof typeof exitCodes>
    const exits = codes.map((code) => outcomeOf(new CuraError(code, 'x'))?.exit)
    expect(exits).to.deep.equal([0, 1, 2, 3, 4, 10, 11, 129, 130, 143])
  })

  it('makes one sentence of what the parser says', () => {
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

  it('has nothing to say when oclif ends its help by throwing', () => {
    expect(outcomeOf(Object.assign(new Error('EEXIT'), {oclif: {exit: 0}}))).to.equal(null)
  })

  it('calls everything else a bug', () => {
    const outcome = outcomeOf(new TypeError('x is undefined'))
    expect(outcome).to.include({code: 'bug', exit: 1})
    expect(outcome?.message).to.match(/please report it: TypeError: x is undefined\n/)
    expect(outcomeOf('text')).to.deep.equal({code: 'bug', message: 'text', exit: 1})
  })

  it('knows which format is wanted; the command line counts more', () => {
    expect(formatOf(['status', '--json'], {})).to.equal('json')
    expect(formatOf(['status'], {CURA_JSON: '1'})).to.equal('json')
    expect(formatOf(['backup', '--', '--json'], {})).to.equal('text')
    expect(formatOf(['backup'], {CURA_JSON: 'no', CURA_JSON_LINES: 'no'})).to.equal('text')
    expect(formatOf(['backup', '--json-lines'], {CURA_JSON: '1'})).to.equal('lines')
    expect(formatOf(['backup'], {CURA_JSON: '1', CURA_JSON_LINES: '1'})).to.equal('lines')
    expect(formatOf(['backup', '--json'], {CURA_JSON_LINES: '1'})).to.equal('json')
  })
})

describe('failure', () => {
  const idle = new AbortController().signal
  const stopped = AbortSignal.abort(new CuraError('terminated', 'stopped'))

  // The error, whether the run was interrupted, and the exit code and message.
  const table: ReadonlyArray<[Error, AbortSignal, string, RegExp]> = [
    [
      native('ENOSPC', {syscall: 'linkat', pathBytes: Buffer.from('d/a\n')}),
      idle,
      'noSpace',
      /^linkat d\/a\\x0a: no space left on device \(ENOSPC\); no snapshot was made$/,
    ],
    [native('EDQUOT', {syscall: 'write'}), idle, 'noSpace', /^write: disk quota exceeded/],
    [native('EIO', {syscall: 'syncfs'}), idle, 'failed', /^syncfs: i\/o error \(EIO\)/],
    [native('EWEIRD'), idle, 'failed', /^native EWEIRD \(EWEIRD\)/],
    [native('ABORT_ERR'), stopped, 'terminated', /^stopped; no snapshot was made$/],
    [native('ENOSPC', {syscall: 'write'}), stopped, 'noSpace', /^write: no space left/],
    [native('ABORT_ERR'), idle, 'failed', /ABORT_ERR/],
  ]
  for (const [error, signal, code, message] of table) {
    it(`explains ${error.message}${signal.aborted ? ' in an interrupted run' : ''}`, () => {
      const explained = explain(error, signal, 'no snapshot was made') as CuraError
      expect(explained).to.be.instanceOf(CuraError).with.property('code', code)
      expect(explained.message).to.match(message)
    })
  }

  it('passes on what is no error of the addon', () => {
    const bug = new TypeError('x')
    expect(explain(bug, idle, '')).to.equal(bug)
    const known = new CuraError('locked', 'x')
    expect(explain(known, stopped, '')).to.equal(known)
    expect((explain(stopped.reason, stopped, 'x') as CuraError).message).to.equal('stopped; x')
  })
})
