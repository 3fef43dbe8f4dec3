// The GitHub workflows: the scripts they call, the checks of a release, and the contents of the
// package.
import {spawnSync} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {expect} from 'chai'
import {packageRoot} from '../src/base/package.js'
import {temporaryDirectory} from './support/temporary.js'

const read = (file: string): string => readFileSync(`${packageRoot}${file}`, 'utf8')
const workflows = readdirSync(`${packageRoot}.github/workflows`).map(
  (file) => `.github/workflows/${file}`,
)
const {notesOf} = (await import(new URL('../scripts/release-notes.mjs', import.meta.url).href)) as {
  notesOf: (tag: string, version: string, changelog: string) => string
}

interface PackageJson {
  readonly scripts: Readonly<Record<string, string>>
  readonly engines: {readonly node: string}
}
const packageJson = JSON.parse(read('package.json')) as PackageJson

/** The job of that name in a workflow, as text. */
function job(file: string, name: string): string {
  const found = new RegExp(`^  ${name}:\\n((?:    .*\\n|\\n)+)`, 'm').exec(read(file))
  if (found?.[1] === undefined) throw new Error(`no job ${name} in ${file}`)
  return found[1]
}

describe('workflows', () => {
  const release = '.github/workflows/release.yml'

  it('call existing scripts', () => {
    const calls = workflows.flatMap((file) => [...read(file).matchAll(/npm run ([\w:]+)/g)])
    const names = calls.map(([, name = '']) => name)
    expect(names).to.include.members(['prebuilds', 'smoke'])
    expect(names.filter((name) => !Object.hasOwn(packageJson.scripts, name))).to.deep.equal([])
    const files = workflows.flatMap((file) => [
      ...read(file).matchAll(/(?:node|bash) ((?:scripts|\.ci)[\w./-]+)/g),
    ])
    for (const [, file = ''] of files) expect(read(file), file).not.to.be.empty
  })

  it('check with the versions of Node that the package supports', () => {
    const lines = [...read('.github/workflows/ci.yml').matchAll(/^ +node: \[(.*)\]$/gm)]
    expect(lines.map(([, list]) => list)).to.deep.equal(['20, 22, 24', '20, 22, 24'])
    expect(packageJson.engines.node).to.match(/^>=20\./)
    const nodes = read('scripts/smoke/nodes.mjs')
    for (const line of ['20', '22', '24']) expect(nodes).to.match(new RegExp(`'${line}\\.\\d+`))
    const floor = packageJson.engines.node.replace('>=', '')
    expect(nodes, 'the oldest is tried').to.include(`'${floor}'`)
  })

  it('give the suites memory for their images, and devices to mount them', () => {
    const linux = job('.github/workflows/ci.yml', 'linux')
    expect(linux).to.match(/options: --privileged .*--shm-size=[1-9]\d*g/)
    expect(linux).to.match(/mknod -m 660 \/dev\/loop[^]*\.ci\/run/)
  })

  it('publish only what every system has built and tested', () => {
    const publish = job(release, 'publish')
    expect(publish).to.match(/needs: \[checks, linux, musl, macos\]/)
    expect(publish).to.match(/release-notes[^]*npm publish/)
    expect(job(release, 'checks')).to.include('uses: ./.github/workflows/ci.yml')
    for (const name of ['linux', 'musl', 'macos']) {
      expect(job(release, name), name).to.include('npm run smoke')
    }
    expect(job(release, 'musl'), 'both processors').to.match(/runner: \[[\w.-]+, [\w.-]+-arm\]/)
    expect(packageJson.scripts).to.include({
      prepublishOnly: 'node scripts/prebuilds/check.mjs --all',
      prepack: 'node scripts/prebuilds/check.mjs',
    })
    // npm 12 does not run these scripts of a dependency, so nothing may need them.
    expect(packageJson.scripts).not.to.have.any.keys('install', 'preinstall', 'postinstall')
  })
})

describe('the package', () => {
  const temporary = temporaryDirectory()

  it('has the files that belong to it, whatever else is in the checkout', () => {
    const own = [
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', 'man/cura-te-ipsum.1'],
      ...['dist/cli.cjs', 'dist/licences.txt', 'dist/main.cjs', 'prebuilds/linux-x64-musl.node'],
      ...['_cura-te-ipsum', 'cura-te-ipsum.bash', 'cura-te-ipsum.fish'].map(
        (file) => `completions/${file}`,
      ),
    ]
    const junk = [
      ...['.env', '.npmrc', 'notes.md', 'src/cli/main.ts', 'test/release.test.ts'],
      ...['dist/main.cjs.map', 'man/key.pem', 'prebuilds/.env', 'prebuilds/notes.txt'],
      ...['completions/cura-te-ipsum.bash~', 'build/Release/cura.node', 'coverage/a.json'],
    ]
    for (const file of [...own, ...junk]) {
      mkdirSync(join(temporary(), dirname(file)), {recursive: true})
      writeFileSync(join(temporary(), file), '{}')
    }
    writeFileSync(join(temporary(), 'package.json'), read('package.json'))
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline']
    const {stdout} = spawnSync('npm', args, {cwd: temporary(), encoding: 'utf8'})
    const [packed] = JSON.parse(stdout) as [{files: Array<{path: string}>}]
    expect(packed.files.map(({path}) => path)).to.have.members(own)
  })
})

describe('release notes', () => {
  const changelog =
    '# Changelog\n\n## Unreleased\n\n- new\n\n## 1.2.0, 2026-12-01\n\n- old\n\n## 1.1.0\n'

  it('are the section of the version', () => {
    expect(notesOf('v1.2.0', '1.2.0', changelog)).to.equal('- old')
  })

  it('are refused for another tag, or without a section that says something', () => {
    expect(() => notesOf('v1.2.1', '1.2.0', changelog)).to.throw(
      /not that of version 1\.2\.0: v1\.2\.0/,
    )
    expect(() => notesOf('v1.3.0', '1.3.0', changelog)).to.throw('nothing on 1.3.0')
    expect(() => notesOf('v1.1.0', '1.1.0', changelog)).to.throw('nothing on 1.1.0')
  })
})
