// The command digests: lines for sha256sum on stdout, and its failures by exit code.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {storedIn} from '../../support/stored.js'
import {temporaryDirectory} from '../../support/temporary.js'

const digestOfA = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'

describe('command digests', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const digests = (...argv: string[]) => runProgram(['digests', '-b', path('store'), ...argv])

  beforeEach(() => {
    mkdirSync(path('store'), {mode: 0o700})
    mkdirSync(path('docs'))
    writeFileSync(path('docs/a'), 'a')
    runProgram(['backup', '-b', path('store'), path('docs')])
  })

  it('prints a line for each file of the newest or of a named snapshot', () => {
    const [name = ''] = storedIn(path('store'))
    const wanted = {exit: 0, out: `${digestOfA}  docs/a\n`, err: ''}
    expect(digests()).to.include(wanted)
    expect(digests(name)).to.include(wanted)
  })

  it('prints one object with --json', () => {
    const {out} = digests('--json')
    expect(JSON.parse(out)).to.deep.include({
      files: 1,
      without: 0,
      digests: [{path: 'docs/a', sha256: digestOfA}],
      exit: 0,
    })
  })

  it('fails for a snapshot that does not exist', () => {
    const {exit, out, err} = digests('2001-01-01_00-00-00')
    expect(exit).not.to.equal(0)
    expect(out).to.equal('')
    expect(err).to.match(/^cura-te-ipsum: .*2001-01-01_00-00-00.*\n$/)
  })
})
