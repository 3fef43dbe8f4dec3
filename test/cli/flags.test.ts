// Flags from the command line and from the environment.
import {expect} from 'chai'
import {
  commonFlags,
  dryRunFlag,
  keepFlagsOf,
  refuseUnclearSwitches,
  textsFrom,
} from '../../src/cli/flags.js'

describe('flags', () => {
  it('takes tags apart and keeps each once', () => {
    expect(textsFrom(undefined)).to.deep.equal([])
    expect(textsFrom(['a', 'b,c', 'a'])).to.deep.equal(['a', 'b', 'c'])
    expect(textsFrom('a, b,')).to.deep.equal(['a', 'b'])
  })

  it('hands empty tags to keep on to the policy, which refuses them', () => {
    const tags = (value?: string | string[]): string[] =>
      keepFlagsOf({'keep-tag': value})['keep-tag']
    expect(tags()).to.deep.equal([])
    expect(tags('a, b')).to.deep.equal(['a', 'b'])
    expect(tags([''])).to.deep.equal([''])
    expect(tags(['a', ''])).to.deep.equal(['a', ''])
  })

  it('refuses a switch in the environment that is neither on nor off', () => {
    const flags = {...commonFlags, dry: dryRunFlag}
    const check = (CURA_DRY_RUN: string) => (): void => {
      refuseUnclearSwitches(flags, {CURA_DRY_RUN, CURA_OTHER: 'on'})
    }
    for (const clear of ['', '1', 'TRUE', 'y', 'Yes', '0', 'false', 'n', 'no']) check(clear)()
    for (const unclear of ['on', 't', 'off', ' 1', '2', '\u001b[2J']) {
      expect(check(unclear), unclear).to.throw(/^CURA_DRY_RUN is "[ -~]+": say 1 for yes/)
    }
  })
})
