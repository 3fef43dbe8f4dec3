// Holds the code to ARCHITECTURE.md: which files may include, call and read what.
import {expect} from 'chai'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const filesIn = (dir: string, ending: RegExp): string[] =>
  readdirSync(join(root, dir), {recursive: true, encoding: 'utf8'})
    .filter((file) => ending.test(file))
    .map((file) => join(dir, file))
    .sort()

/** The text without comments and strings, whose words do not count. */
const codeOf = (file: string): string =>
  readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/'[^'\n]*'/g, "''")

const using = (files: readonly string[], pattern: RegExp): string[] =>
  files.filter((file) => pattern.test(codeOf(file)))

const native = filesIn('native', /\.(cc|h)$/)
const source = filesIn('src', /\.ts$/)

describe('architecture', () => {
  it('builds every native source with both build files', () => {
    const listed = readFileSync(join(root, 'native/sources.txt'), 'utf8').trim().split('\n').sort()
    const systems = [
      'darwin',
      'darwin_metadata',
      'linux',
      'linux_filesystems',
      'linux_metadata',
    ].map((f) => `native/platform/${f}.cc`)
    expect([...listed, ...systems].sort()).to.deep.equal(
      native.filter((file) => file.endsWith('.cc')),
    )
    for (const file of ['binding.gyp', 'CMakeLists.txt']) {
      expect(readFileSync(join(root, file), 'utf8')).to.include('native/sources.txt')
    }
  })

  it('uses N-API only at the border', () => {
    const users = using(native, /\bnapi\.h|\bNapi::|\bnapi_/)
    expect(users.filter((file) => !file.startsWith('native/addon/'))).to.deep.equal([])
    expect(users).to.include('native/addon/binding.cc') // the control
  })

  it('makes system calls only through the seam', () => {
    const direct =
      /(?<![\w:>])::[a-z]\w*\(|\bsyscall\(|\bstd::filesystem\b|\b(f?open|popen|system)\(/
    const outside = native.filter((file) => !file.startsWith('native/platform/'))
    expect(using(outside, direct)).to.deep.equal([])
    expect(using(native, direct)).to.include('native/platform/linux.cc') // the control
  })

  it('reads the clock and ends the process in few places', () => {
    const timed = using(source, /new Date\(\)|Date\.now\(/)
    expect(
      timed.filter((file) => !/^src\/cli\/(commands\/|query-command)/.test(file)),
    ).to.deep.equal([])
    expect(timed).not.to.be.empty // the control
    expect(using(source, /process\.exit\(/)).to.deep.equal([])
  })

  it('writes to the terminal in few places', () => {
    expect(using(source, /process\.std(out|err)|console\./)).to.deep.equal([
      'src/cli/base-command.ts',
      'src/cli/cli.ts',
      'src/cli/exit.ts',
      'src/cli/main.ts',
      'src/cli/output.ts',
    ])
  })

  it('loads the addon in one place', () => {
    expect(using(source, /createRequire|\brequire\(/)).to.deep.equal(['src/native/addon.ts'])
  })
})
