// What ARCHITECTURE.md promises of the code: who may include, call and read what.
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

/** The text without comments and strings, in which a word would be no use of it. */
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

  it('knows N-API only at the border', () => {
    const border = [
      'binding.cc',
      'convert.cc',
      'convert.h',
      'job.h',
      'objects.h',
      'options.cc',
      'options.h',
    ]
    expect(using(native, /\bnapi\.h|\bNapi::|\bnapi_/)).to.deep.equal(
      border.map((file) => `native/${file}`),
    )
  })

  it('makes system calls only through the seam', () => {
    const direct =
      /(?<![\w:>])::[a-z]\w*\(|\bsyscall\(|\bstd::filesystem\b|\b(f?open|popen|system)\(/
    const outside = native.filter((file) => !file.startsWith('native/platform/'))
    expect(using(outside, direct)).to.deep.equal([])
    expect(using(native, direct)).to.include('native/platform/linux.cc') // the control
  })

  it('keeps the rooms that make one thing apart from each other', () => {
    const rooms = 'scan copy links relink metadata remove codec glob compare sources store lock'
      .split(' ')
      .sort()
    const mayKnow: Readonly<Record<string, readonly string[]>> = {
      lock: ['store'],
      relink: ['metadata'], // of the directories, which no snapshots share
    }
    for (const room of rooms) {
      const text = ['h', 'cc'].map((end) => codeOf(`native/${room}.${end}`)).join('\n')
      const known = rooms.filter((other) => other !== room && text.includes(`"${other}.h"`))
      expect(known, room).to.deep.equal(mayKnow[room] ?? [])
    }
  })

  it('reads the clock and ends the process in few places', () => {
    const timed = using(source, /new Date\(\)|Date\.now\(/)
    expect(timed.filter((file) => !file.startsWith('src/commands/'))).to.deep.equal([])
    expect(timed).not.to.be.empty // the control
    expect(using(source, /process\.exit\(/)).to.deep.equal([])
  })

  it('writes to the terminal in few places', () => {
    expect(using(source, /process\.std(out|err)|console\./)).to.deep.equal([
      'src/base-command.ts',
      'src/cli.ts',
      'src/ending.ts',
      'src/output.ts',
    ])
  })

  it('opens the door to the addon in one place', () => {
    expect(using(source, /createRequire|\brequire\(/)).to.deep.equal(['src/addon.ts'])
  })
})
