// Prebuilt binaries are checked before they are packed. The compiler makes the samples.
import {spawnSync, type SpawnSyncReturns} from 'node:child_process'
import {copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {packageRoot} from '../src/base/package.js'
import {temporaryDirectory} from './support/temporary.js'

interface Target {
  readonly name: string
  readonly zig?: string
  readonly machine: number
}

const script = (name: string): string =>
  new URL(`../scripts/prebuilds/${name}`, import.meta.url).href
const {targets} = (await import(script('targets.mjs'))) as {targets: readonly Target[]}
const {faultsOf} = (await import(script('check.mjs'))) as {
  faultsOf: (target: Target, checkout: string) => Promise<string[]>
}

const entry = 'extern "C" __attribute__((visibility("default"))) int napi_register_module_v1()'

describe('prebuilt binaries', () => {
  const temporary = temporaryDirectory()
  const file = (name: string): string => join(temporary(), 'prebuilds', `${name}.node`)
  const faults = (name: string): Promise<string[]> => {
    const target = targets.find((one) => one.name === name)
    if (target === undefined) throw new Error(`no target ${name}`)
    return faultsOf(target, temporary())
  }

  /** Compiles a library for this machine. */
  function compile(name: string, text: string, ...flags: readonly string[]): void {
    const args = ['-x', 'c++', '-', '-shared', '-fPIC', '-nostdlib', '-o', file(name), ...flags]
    const {status, stderr} = spawnSync('g++', args, {input: text, encoding: 'utf8'})
    if (status !== 0) throw new Error(stderr)
  }

  const own = `linux-${process.arch}-glibc`

  before(function () {
    if (process.platform !== 'linux') this.skip() // Mach-O needs other tools
  })
  beforeEach(() => {
    mkdirSync(join(temporary(), 'prebuilds'))
  })

  it('exist for the six systems', () => {
    expect(targets.map(({name}) => name)).to.have.members([
      ...['linux-x64-glibc', 'linux-x64-musl', 'linux-arm64-glibc', 'linux-arm64-musl'],
      ...['darwin-x64', 'darwin-arm64'],
    ])
  })

  it('are accepted if they need only an old C library', async () => {
    compile(own, `#include <stdlib.h>\n${entry} { return atoi("1"); }`, '-lc')
    expect(await faults(own)).to.deep.equal([])
  })

  it('must not be missing', async () => {
    expect(await faults('darwin-arm64')).to.deep.equal(['it is missing'])
  })

  it('must not need a newer C library, or the C++ library', async () => {
    // The binary that the tests use is built for this machine only.
    copyFileSync(join(packageRoot, 'build/Release/cura.node'), file(own))
    const found = await faults(own)
    expect(found).to.include('it needs libstdc++.so.6, which not every such system has')
    expect(found.join('\n')).to.match(/it needs glibc 2\.3\d, and 2\.28 is promised/)
  })

  it('must not need a newer loader', async () => {
    const packed = ['-Wl,-z,pack-relative-relocs', '-lc']
    compile(own, `#include <stdlib.h>\nint x, *p = &x; ${entry} { return atoi("1"); }`, ...packed)
    expect(await faults(own)).to.deep.equal([
      'it needs glibc with GLIBC_ABI_DT_RELR, and 2.28 is promised',
    ])
  })

  it('must not be for the other C library', async () => {
    compile(own, `#include <stdlib.h>\n${entry} { return atoi("1"); }`, '-lc')
    const musl = own.replace('glibc', 'musl')
    copyFileSync(file(own), file(musl))
    expect(await faults(musl)).to.deep.equal([
      'it needs libc.so.6, which not every such system has',
    ])
  })

  it('must not be for another machine', async () => {
    compile(own, `${entry} { return 0; }`, '-lc')
    const {machine} = targets.find(({name}) => name === own) ?? {}
    const other = own === 'linux-x64-glibc' ? 'linux-arm64-glibc' : 'linux-x64-glibc'
    copyFileSync(file(own), file(other))
    expect((await faults(other)).join()).to.match(new RegExp(`^its machine is ${machine}, and`))
    writeFileSync(file('darwin-x64'), readFileSync(file(own)))
    expect((await faults('darwin-x64')).join()).to.match(/^its machine is/)
    writeFileSync(file('darwin-x64'), 'text')
    expect((await faults('darwin-x64')).join()).to.match(/^its machine is unknown/)
  })

  it('must be addons that can be loaded late', async () => {
    const held = '__attribute__((tls_model("initial-exec"))) __thread int held = 1;'
    compile(own, `${held} int get() { return held; }`, '-Wl,--no-as-needed', '-lc')
    expect(await faults(own)).to.deep.equal([
      'it only loads at the start of a program',
      'it is no addon for Node',
    ])
  })

  it('must be addons, and not only contain the name of their entry point', async () => {
    const named = 'extern "C" int napi_register_module_v1(); int get()'
    compile(own, `${named} { return napi_register_module_v1(); }`, '-Wl,--no-as-needed', '-lc')
    expect(await faults(own)).to.deep.equal(['it is no addon for Node'])
  })

  it('are checked before they are packed, and all must exist before they are published', () => {
    // A separate checkout, with one valid binary and five missing ones.
    cpSync(join(packageRoot, 'scripts'), join(temporary(), 'scripts'), {recursive: true})
    const check = (...flags: readonly string[]): SpawnSyncReturns<string> => {
      const program = join(temporary(), 'scripts/prebuilds/check.mjs')
      return spawnSync(process.execPath, [program, ...flags], {encoding: 'utf8'})
    }
    compile(own, `#include <stdlib.h>\n${entry} { return atoi("1"); }`, '-lc')
    expect(check()).to.include({status: 0, stderr: ''})
    const all = check('--all')
    expect(all.status).to.equal(1)
    expect(all.stderr.trim().split('\n')).to.have.members(
      targets
        .filter(({name}) => name !== own)
        .map(({name}) => `prebuilds/${name}.node: it is missing.`),
    )
    // By a symlink, too.
    symlinkSync('.', join(temporary(), 'link'))
    const byLink = join(temporary(), 'link/scripts/prebuilds/check.mjs')
    expect(spawnSync(process.execPath, [byLink, '--all']).status).to.equal(1)
    writeFileSync(file(own), 'text')
    expect(check().status).to.equal(1)
  })

  it('must be complete', async () => {
    compile(own, `${entry} { return 0; }`, '-lc')
    writeFileSync(file(own), readFileSync(file(own)).subarray(0, 64))
    expect((await faults(own)).join('\n')).to.match(/no library at all|readelf cannot read it/)
  })
})
