// How the binary is found: which of them is for this system, and what is said where none is.
import {spawnSync} from 'node:child_process'
import {copyFileSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {loadAddon, target} from '../../src/native/addon.js'
import {CuraError} from '../../src/base/errors.js'
import {packageRoot} from '../../src/base/package.js'
import {temporaryDirectory} from '../support/temporary.js'

describe('addon', () => {
  const temporary = temporaryDirectory()
  const root = (): string => `${temporary()}/`
  const path = (...names: string[]): string => join(temporary(), ...names)

  function put(folder: string, file: string, content?: string): void {
    mkdirSync(path(folder), {recursive: true})
    if (content !== undefined) writeFileSync(path(folder, file), content)
    else copyFileSync(`${packageRoot}build/Release/cura.node`, path(folder, file))
  }

  function failure(): CuraError {
    try {
      loadAddon(root())
    } catch (error) {
      if (error instanceof CuraError) return error
    }
    throw new Error('it did not fail as it should')
  }

  it('is named after the system and its C library', () => {
    const system = `${process.platform}-${process.arch}`
    const {glibcVersionRuntime} = (
      process.report.getReport() as unknown as {header: {glibcVersionRuntime?: string}}
    ).header
    const libc = glibcVersionRuntime === undefined ? 'musl' : 'glibc'
    expect(target()).to.equal(process.platform === 'linux' ? `${system}-${libc}` : system)
  })

  it('is the one for musl where the executable of Node asks for that', function () {
    if (process.platform !== 'linux') this.skip()
    const linked = (loader: string): string => {
      const flags = ['-nostdlib', '-nostartfiles', `-Wl,--dynamic-linker=${loader}`, '-lc']
      const program = path(loader.replaceAll('/', '-'))
      const args = ['-x', 'c', '-', '-o', program, ...flags]
      expect(spawnSync('gcc', args, {input: 'void _start() {}'}).status).to.equal(0)
      return program
    }
    expect(target(linked('/lib/ld-musl-x86_64.so.1'))).to.match(/-musl$/)
    expect(target(linked('/lib64/ld-linux-x86-64.so.2'))).to.match(/-glibc$/)
    for (const [name, text] of Object.entries({short: '\x7fELF', script: '#!/lib/ld-musl-x'})) {
      writeFileSync(path(name), text)
      expect(target(path(name)), name).to.match(/-glibc$/)
    }
    expect(target(path('gone'))).to.match(/-glibc$/)
  })

  it('is the prebuilt one where nothing was built', () => {
    put('prebuilds', `${target()}.node`)
    expect(loadAddon(root())).to.have.property('openStore')
  })

  it('is what was built here, before a prebuilt one', () => {
    put('build/Release', 'cura.node')
    put('prebuilds', `${target()}.node`, 'no binary')
    expect(loadAddon(root())).to.have.property('openStore')
  })

  it('that is missing for a system is said in one sentence with the command that builds it', () => {
    put('prebuilds', 'plan9-mips.node')
    const {message, oclif} = failure()
    expect(message).to.equal(
      `There is no native engine for ${target()}: ` +
        'in a checkout of the sources run "npm ci && npm install --global .".',
    )
    expect(oclif.exit).to.equal(1)
  })

  it('that is not built yet in a checkout is built there', () => {
    put('.', 'binding.gyp', '{}')
    expect(failure().message).to.equal(
      `There is no native engine for ${target()}: run "npm run build" in ${root()}.`,
    )
  })

  it('that does not load says why, and the same command', () => {
    put('prebuilds', `${target()}.node`, 'no binary')
    const {message, cause} = failure()
    expect(message).to.match(/^The native engine does not load \(.*cura-.*\.node: .*\): in a check/)
    expect(cause).to.have.property('code', 'ERR_DLOPEN_FAILED')
  })
})
