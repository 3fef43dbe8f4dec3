// The values of flags, as commands read them.
import {expect} from 'chai'
import {
  backupFlags,
  hostFrom,
  keepFlagsOf,
  runFlags,
  tagsFrom,
  textsFrom,
} from '../../src/cli/flags.js'

describe('flags', () => {
  it('match the table of settings', () => {
    expect(runFlags['backups-dir']).to.include({
      type: 'option',
      char: 'b',
      env: 'CURA_BACKUPS_DIR',
      helpValue: 'STORE',
      required: true,
    })
    expect(runFlags['dry-run']).to.include({type: 'boolean', char: 'n', default: false})
    expect(backupFlags.tag).to.include({multiple: true, delimiter: ',', env: 'CURA_TAG'})
  })

  it('separate tags at commas and keep each tag once', () => {
    expect(textsFrom(undefined)).to.deep.equal([])
    expect(textsFrom(['a', 'b,c', 'a'])).to.deep.equal(['a', 'b', 'c'])
    expect(textsFrom('a, b,')).to.deep.equal(['a', 'b'])
  })

  it('refuse the tag that only the tool gives', () => {
    expect(tagsFrom('--tag', ['a', 'b,a'])).to.deep.equal(['a', 'b'])
    for (const value of ['before-restore', ['a', 'b, before-restore']]) {
      expect(() => tagsFrom('--tag', value)).to.throw(/^--tag before-restore: this tag is reserved/)
    }
  })

  it('pass empty tags to the policy, which refuses them', () => {
    const tags = (value?: string | string[]): string[] =>
      keepFlagsOf({'keep-tag': value})['keep-tag']
    expect(tags()).to.deep.equal([])
    expect(tags('a, b')).to.deep.equal(['a', 'b'])
    expect(tags([''])).to.deep.equal([''])
    expect(tags(['a', ''])).to.deep.equal(['a', ''])
  })

  it('refuse a host without a name', () => {
    expect(hostFrom(undefined)).to.equal(null)
    expect(hostFrom('web1')).to.equal('web1')
    expect(() => hostFrom('')).to.throw('--host "" is not a valid name: give a name')
  })
})
