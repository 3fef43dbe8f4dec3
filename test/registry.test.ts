// The cache of programs that scripts download once, with an npm that serves the test's own archive.
import {spawn, spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {temporaryDirectory} from './support/temporary.js'

const script = new URL('../scripts/registry.mjs', import.meta.url).href

describe('Called as: npm pack tool@1.0.0 --pack-destination FOLDER. It waits for the others.', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)

  beforeEach(() => {
    mkdirSync(path('made/package'), {recursive: true})
    writeFileSync(path('made/package/package.json'), '{}')
    spawnSync('tar', ['-czf', path('tool-1.0.0.tgz'), '-C', path('made'), 'package'])
    mkdirSync(path('bin'))
    // Asks for the package in a separate process, and resolves to its output.
    const npm = `#!/bin/sh\necho >> '${path('calls')}'
n=0; while [ "$(wc -l < '${path('calls')}')" -lt "$STARTERS" ] && [ $((n += 1)) -lt 300 ]; do sleep 0.1; done
cp '${path('tool-1.0.0.tgz')}' "$4/"\n`
    writeFileSync(path('bin/npm'), npm, {mode: 0o755})
  })

  /** Asks for the package in a separate process, and resolves to its output. */
  async function load(sha512: string, starters: number): Promise<string> {
    const tool = JSON.stringify({name: 'tool', version: '1.0.0', sha512})
    const program = `const {registryPackage} = await import('${script}')
      console.log(await registryPackage(${tool}))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: {
        PATH: `${path('bin')}:${process.env.PATH}`,
        XDG_CACHE_HOME: path('cache'),
        STARTERS: String(starters),
      },
    })
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    }
    await new Promise((resolve) => child.on('close', resolve))
    return Buffer.concat(chunks).toString().trim()
  }

  const digest = (): string =>
    createHash('sha512')
      .update(readFileSync(path('tool-1.0.0.tgz')))
      .digest('base64')
  const folder = (): string => path('cache/cura-te-ipsum/tool-1.0.0')

  it('allows two processes to load the same package at once', async () => {
    const both = await Promise.all([load(digest(), 2), load(digest(), 2)])
    expect(both).to.deep.equal([folder(), folder()])
    expect(readdirSync(path('cache/cura-te-ipsum'))).to.deep.equal(['tool-1.0.0'])
    expect(readdirSync(folder())).to.deep.equal(['package.json'])
  })

  it('refuses a package with another digest', async () => {
    expect(await load('0000', 1)).to.match(/is not the package that was chosen[^]*\nundefined$/)
    expect(readdirSync(path('cache/cura-te-ipsum'))).to.deep.equal([])
  })
})
