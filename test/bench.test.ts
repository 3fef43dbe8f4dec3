// The benchmark's programs: they reject a wrong command line, and exclude.mjs still fits the addon.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {expect} from 'chai'
import {packageRoot} from '../src/base/package.js'
import {isRoot} from './native/workshop.js'

describe('bench', () => {
  for (const program of ['main', 'query', 'restore', 'scale']) {
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

  it('exclude measures a small corpus (slow)', () => {
    const script = join(packageRoot, 'bench/exclude.mjs')
    const small = ['--entries', '100', '--rounds', '1', '--runs', '1']
    const {status, stdout, stderr} = spawnSync(process.execPath, [script, ...small])
    expect(status, stderr.toString()).to.equal(0)
    expect(stdout.toString()).to.match(/^\| half excluded .*\d \|$/m)
  })

  it('restore measures a small tree, and compares it with the snapshot (needs root) (slow)', function () {
    if (!isRoot) this.skip()
    const script = join(packageRoot, 'bench/restore.mjs')
    const small = ['--entries', '300', '--runs', '1', '--peers', 'cp,rsync']
    const {status, stdout, stderr} = spawnSync(process.execPath, [script, ...small])
    expect(status, stderr.toString()).to.equal(0)
    for (const title of ['whole tree to an empty filesystem', 'in place, 1 % damaged']) {
      expect(stdout.toString()).to.include(`**${title}, ext4**`)
    }
    expect(stdout.toString()).to.match(/^\| rsync --checksum .* s \| .* MB \|/m)
  })

  it('query asks a small store, and its peers give the same answers (slow)', () => {
    const script = join(packageRoot, 'bench/query.mjs')
    const small = ['--snapshots', '3', '--entries', '300', '--runs', '1']
    const where = ['--fs', 'plain', '--peers', 'trees']
    const {status, stdout, stderr} = spawnSync(process.execPath, [script, ...small, ...where])
    expect(status, stderr.toString()).to.equal(0)
    for (const tool of ['history', 'ls', 'find', 'diff', 'size']) {
      expect(stdout.toString()).to.match(new RegExp(`^\\| cura-te-ipsum ${tool} .*1\\.00 `, 'm'))
    }
    expect(stdout.toString()).to.match(/^\| diff -rq .* s \| .* MB \|/m)
  })
})
