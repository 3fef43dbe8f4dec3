// Finding the binary for this system, and the message if there is none.
import {spawnSync} from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
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
  const undos: Array<() => void> = []
  const later = (undo: () => void): void => void undos.push(undo)
  afterEach(() => {
    for (const undo of undos.splice(0)) undo()
  })

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

  it("is the one for musl if Node's executable needs musl (slow)", function () {
    if (process.platform !== 'linux') this.skip()
    const node = readFileSync(process.execPath)
    const at = node.indexOf('/lib64/ld-linux-x86-64.so.2\0')
    if (at === -1) this.skip() // another processor, or musl itself
    // This Node with the loader of glibc under a name as musl's has it.
    const directory = mkdtempSync('/tmp/l')
    later(() => {
      rmSync(directory, {recursive: true})
    })
    const loader = `${directory}/ld-musl-x\0`
    expect(loader.length).to.be.at.most('/lib64/ld-linux-x86-64.so.2\0'.length)
    symlinkSync('/lib64/ld-linux-x86-64.so.2', loader.slice(0, -1))
    node.write(loader, at, 'latin1')
    writeFileSync(path('node'), node, {mode: 0o755})
    const file = new URL('../../src/native/addon.ts', import.meta.url).href
    const script = `import {target} from ${JSON.stringify(file)}; process.stdout.write(target())`
    const printed = (program: string): string =>
      spawnSync(program, ['--import=tsx', '--input-type=module', '-e', script]).stdout.toString()
    expect(printed(path('node'))).to.match(/-musl$/)
    expect(printed(process.execPath)).to.match(/-glibc$/) // the control
  })

  it('is the prebuilt one if nothing was built', () => {
    put('prebuilds', `${target()}.node`)
    expect(loadAddon(root())).to.have.property('openStore')
  })

  it('is the local build rather than a prebuilt one', () => {
    put('build/Release', 'cura.node')
    put('prebuilds', `${target()}.node`, 'no binary')
    expect(loadAddon(root())).to.have.property('openStore')
  })

  it('is reported in one sentence with the build command if there is none for the system', () => {
    put('prebuilds', 'plan9-mips.node')
    const {message, oclif} = failure()
    expect(message).to.equal(
      `There is no native engine for ${target()}: ` +
        'in a checkout of the sources run "npm ci && npm install --global .".',
    )
    expect(oclif.exit).to.equal(1)
  })

  it('is built in a checkout that has none yet', () => {
    put('.', 'binding.gyp', '{}')
    expect(failure().message).to.equal(
      `There is no native engine for ${target()}: run "npm run build" in ${root()}.`,
    )
  })

  it('is reported with the reason and the build command if it does not load', () => {
    put('prebuilds', `${target()}.node`, 'no binary')
    const {message, cause} = failure()
    expect(message).to.match(/^The native engine does not load \(.*cura-.*\.node: .*\): in a check/)
    expect(cause).to.have.property('code', 'ERR_DLOPEN_FAILED')
  })
})
