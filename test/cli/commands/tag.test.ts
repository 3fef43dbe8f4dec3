// The command tag: its flags.
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {makeByHand} from '../../support/handmade.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command tag', () => {
  const temporary = temporaryDirectory()
  const store = (): string => join(temporary(), 'store')
  const tag = (...argv: string[]) => runProgram(['tag', '-b', store(), ...argv])

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    makeByHand(store(), '2025-01-01_10-00-00 @2025-01-01T10:00:00Z #old')
  })

  it('adds and removes, with the rules of backup --tag', () => {
    expect(tag('--add', ' a ,,b', '--remove=old', 'latest')).to.include({
      exit: 0,
      out: '2025-01-01_10-00-00: tags a, b\n',
    })
    expect(tag('--remove', 'a', '--remove', 'b,c', 'latest').out).to.match(
      /: no tags \(it did not have c\)\n$/,
    )
  })

  it('refuses to do nothing, or to add and remove the same tag', () => {
    for (const argv of [[], ['--add', ','], ['--add', 'x', '--remove', 'y,x']]) {
      expect(tag(...argv, 'latest'), argv.join(' ')).to.include({exit: 2, out: ''})
    }
  })

  it('neither gives nor takes the tag of snapshots before a restore', () => {
    for (const flag of ['--add', '--remove']) {
      const {exit, out, err} = tag(flag, 'x, before-restore', 'latest')
      expect({exit, out}).to.deep.equal({exit: 2, out: ''})
      expect(err).to.match(new RegExp(`^cura-te-ipsum: ${flag} before-restore: .* reserved\\.`))
    }
    expect(tag('--add', 'before-restored', 'latest').exit).to.equal(0)
  })
})
