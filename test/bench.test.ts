// The benchmark's programs reject a wrong command line.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {expect} from 'chai'
import {packageRoot} from '../src/base/package.js'

describe('bench', () => {
  for (const program of ['main', 'scale']) {
    it(`${program} refuses in one sentence, before it makes anything`, () => {
      const script = join(packageRoot, `bench/${program}.mjs`)
      const wrong = [['--bogus'], ['--entries', '1e3'], ['--fs', 'nofs']]
      for (const argv of wrong) {
        const {status, stdout, stderr} = spawnSync(process.execPath, [script, ...argv])
        expect({status, stdout: stdout.toString()}).to.deep.equal({status: 1, stdout: ''})
        expect(stderr.toString()).to.match(/^[^\n]*--(bogus|entries|fs)[^\n]*\n$/)
      }
    })
  }
})
