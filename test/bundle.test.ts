// The shipped bundle: it is self-contained, and reads no more than it needs at start.
import {spawnSync} from 'node:child_process'
import {chmodSync, chownSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {packageRoot} from '../src/base/package.js'
import {temporaryDirectory} from './support/temporary.js'

const hasRsync = spawnSync('rsync', ['--version']).status === 0

describe('bundle', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const program = (): string => path('package/dist/cli.cjs')
  const run = (...argv: string[]) => spawnSync(process.execPath, [program(), ...argv])

  beforeEach(() => {
    for (const part of ['package.json', 'dist', 'completions', 'build/Release/cura.node']) {
      cpSync(join(packageRoot, part), path('package', part), {recursive: true})
    }
    mkdirSync(path('store'), {mode: 0o700})
    mkdirSync(path('docs'))
    mkdirSync(path('more'))
    writeFileSync(path('docs/a.txt'), 'a')
  })

  it('needs no other package (slow)', () => {
    const failed = [
      ['backup', '-b', path('store'), path('docs')],
      ...(hasRsync ? [['backup', '--external-rsync', '-b', path('store'), path('more')]] : []),
      ['prune', '-b', path('store')],
      ['status', '-b', path('store'), '--json'],
      ['completion', 'bash'],
      ['--help'],
      ['backup', '--help'],
      ['--version'],
    ].filter((argv) => run(...argv).status !== 0)
    expect(failed).to.deep.equal([])
  })

  it('is strict, like the modules it is made from', () => {
    for (const file of ['cli.cjs', 'diff.cjs', 'execa.cjs', 'main.cjs']) {
      const text = readFileSync(path('package/dist', file), 'utf8')
      expect(text, file).to.match(/^(#!.*\n)?['"]use strict['"];\n/)
    }
  })

  it('reports in its own words that a file is missing', () => {
    rmSync(path('package/dist/main.cjs'))
    const {status, stdout, stderr} = run('status', '--json')
    expect({status, stderr: stderr.toString()}).to.deep.equal({status: 1, stderr: ''})
    expect(JSON.parse(stdout.toString())).to.include({code: 'bug', exit: 1})
  })

  it('works for a user without a home directory', function () {
    if (process.getuid?.() !== 0) this.skip()
    const unknown = 54_321
    chmodSync(temporary(), 0o755)
    chownSync(path('store'), unknown, unknown)
    const env = {PATH: process.env.PATH}
    const {status, stderr} = spawnSync(
      process.execPath,
      [program(), 'backup', '-b', path('store'), path('docs')],
      {env, uid: unknown, gid: unknown},
    )
    expect({status, stderr: stderr.toString()}).to.deep.equal({status: 0, stderr: ''})
  })

  it('lists the authors of the code in it', () => {
    const licences = readFileSync(path('package/dist/licences.txt'), 'utf8')
    expect(licences).to.match(/^@oclif\/core 4[^]*Permission is hereby granted/m)
    expect(licences).to.match(/^node-addon-api 8[^]*Permission is hereby granted/m)
    // All licences require no more than their own text.
    expect(licences).not.to.match(/general public license/i)
  })

  /** The files of the package that a start opens, in the order in which they are opened first. */
  function opened(...argv: string[]): string[] {
    const trace = path('trace')
    const strace = ['-f', '-qq', '-e', 'trace=open,openat', '-o', trace]
    expect(spawnSync('strace', [...strace, process.execPath, program(), ...argv]).status).to.equal(
      0,
    )
    const inPackage = new RegExp(`"${path('package')}/([^"]+)"[^=]*= \\d`, 'g')
    const files = [...readFileSync(trace, 'utf8').matchAll(inPackage)].map(([, file = '']) => file)
    return [...new Set(files)].sort()
  }

  it('reads only its entry and package.json for --version', () => {
    expect(opened('--version')).to.deep.equal(['dist/cli.cjs', 'package.json'])
  })

  it('reads one more file and the addon for a command', () => {
    const argv = ['backup', '-b', path('store'), path('docs')]
    const addon = 'build/Release/cura.node'
    const files = [addon, 'dist/cli.cjs', 'dist/main.cjs', 'package.json']
    expect(opened(...argv)).to.deep.equal(files)
  })
})
