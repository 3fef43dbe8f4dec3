// The lines of digests, as sha256sum reads them.
import {expect} from 'chai'
import {checkLines, digestJson, withoutText} from '../../src/report/digests.js'

const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const file = (name: string, digest: string | null = sha256) => ({
  path: Buffer.from(name, 'latin1'),
  sha256: digest,
})

describe('report-digests', () => {
  it('escapes a name as sha256sum does, and keeps its bytes', () => {
    const page = [file('docs/a'), file('docs/\xff'), file('docs/a\nb\\c\r'), file('docs/no', null)]
    expect(checkLines(page).toString('latin1')).to.equal(
      `${sha256}  docs/a\n${sha256}  docs/\xff\n\\${sha256}  docs/a\\nb\\\\c\\r\n`,
    )
  })

  it('gives programs every file, and the bytes of a name that is not UTF-8', () => {
    expect(digestJson(file('docs/no', null))).to.deep.equal({path: 'docs/no', sha256: null})
    expect(digestJson(file('\xff'))).to.deep.equal({path: '\ufffd', path_b64: '/w==', sha256})
  })

  it('counts the files without a digest', () => {
    const result = {snapshot: 'A', path: null, files: 1200, warnings: [], exit: 3}
    expect(withoutText({...result, without: 0})).to.equal('')
    expect(withoutText({...result, without: 1})).to.equal('1 of 1,200 files in A has no digest.\n')
    expect(withoutText({...result, without: 1100})).to.equal(
      '1,100 of 1,200 files in A have no digest.\n',
    )
  })
})
