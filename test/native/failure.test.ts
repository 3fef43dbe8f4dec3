// Errors of the addon as sentences, and as the error that ends a run.
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {errorText, explain, isFull} from '../../src/native/failure.js'

const native = (code: string, rest: object = {}): Error =>
  Object.assign(new Error(`native ${code}`), {code, ...rest})

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

  it('passes on errors of other origin', () => {
    const bug = new TypeError('x')
    expect(explain(bug, idle, '')).to.equal(bug)
    const known = new CuraError('locked', 'x')
    expect(explain(known, stopped, '')).to.equal(known)
    expect((explain(stopped.reason, stopped, 'x') as CuraError).message).to.equal('stopped; x')
  })

  it('quotes any error in another message', () => {
    expect(errorText(native('ESTALE', {syscall: 'read', pathBytes: Buffer.from('d/a')}))).to.equal(
      'read d/a: stale file handle (ESTALE)',
    )
    expect(errorText(new CuraError('locked', 'held'))).to.equal('held')
    expect(errorText('text')).to.equal('text')
  })

  it('recognizes a full store by the error code', () => {
    expect(['ENOSPC', 'EDQUOT', 'EIO'].map((code) => isFull(native(code)))).to.deep.equal([
      true,
      true,
      false,
    ])
  })
})
