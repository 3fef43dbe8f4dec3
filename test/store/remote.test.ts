// Sources on other hosts, as rsync writes them.
import {expect} from 'chai'
import {
  parseRemote,
  remoteBase,
  remoteDirectory,
  remoteName,
  remoteProblem,
} from '../../src/store/remote.js'
import {parseSources} from '../../src/engine/sources.js'

describe('remote', () => {
  // The operand, its name in the snapshot, the operand for rsync.
  const table: ReadonlyArray<[string, string, string]> = [
    ['nas:/srv/data', 'data', 'nas:/srv/data/'],
    ['ann@nas:docs/', 'docs', 'ann@nas:docs/'],
    ['[fe80::1]:/srv', 'srv', '[fe80::1]:/srv/'],
    ['nas::mod', 'mod', 'nas::mod/'],
    ['nas::mod/a/b', 'b', 'nas::mod/a/b/'],
    ['rsync://nas/mod/a', 'a', 'rsync://nas/mod/a/'],
    ['rsync://ann@nas:8730/mod', 'mod', 'rsync://ann@nas:8730/mod/'],
    ['nas:', '', 'nas:./'],
    ['nas:/', '', 'nas:/'],
  ]
  for (const [operand, name, given] of table) {
    it(`are parsed: ${operand}`, () => {
      const remote = parseRemote(operand)
      if (remote === null) throw new Error('taken for a local one')
      expect([remoteName(remote), remoteDirectory(operand, remote)]).to.deep.equal([name, given])
      if (name === '') expect(() => parseSources([operand], true)).to.throw(/has no name/)
      else
        expect(parseSources([operand], true)).to.deep.equal([{name, path: operand, remote: true}])
      expect(parseSources([`own=${operand}`], true)[0]).to.include({name: 'own', path: operand})
    })
  }

  it('are copied by name from below their module', () => {
    for (const [operand, base, prefix] of [
      ['nas::mod/a/b/', 'nas::mod/', 'a/b/./'],
      ['rsync://nas/mod/a', 'rsync://nas/mod/', 'a/./'],
      ['nas::mod', 'nas::mod/', ''],
      ['nas:/srv/a', 'nas:/srv/a/', ''],
    ] as const) {
      const remote = parseRemote(operand)
      expect(remote && remoteBase(operand, remote)).to.deep.equal({operand: base, prefix})
    }
  })

  it('are distinguished from local paths as in rsync', () => {
    for (const path of ['./a:b', '/a:b', 'a/b:c', 'a', ':a', '/srv/x@y:z']) {
      expect(parseRemote(path), path).to.equal(null)
    }
  })

  it('are refused if ssh would read an option, or if a part is missing', () => {
    const problem = (operand: string): string | null => {
      const remote = parseRemote(operand)
      return remote && remoteProblem(remote)
    }
    expect(problem('-oProxyCommand=x:/y')).to.match(/begins with "-"/)
    expect(problem('ann@-oProxyCommand=x:/y')).to.match(/begins with "-"/)
    expect(problem('rsync:///mod')).to.match(/names no host/)
    expect(problem('nas::')).to.match(/names no module/)
    expect(problem('rsync://nas/')).to.match(/names no module/)
    expect(problem('nas:')).to.equal(null)
  })
})
