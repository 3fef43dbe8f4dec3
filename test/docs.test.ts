// What the documents refer to: files, and tests by their titles.
import {spawnSync} from 'node:child_process'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Those with a table of tests, and how many of them at the least. */
const tables = {'docs/from-the-python-tool.md': 30, 'SECURITY.md': 25} as const

const documents = [...readdirSync(root), ...readdirSync(join(root, 'docs')).map((f) => `docs/${f}`)]
  .filter((file) => file.endsWith('.md'))
  .sort()

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** 'file: title' of every test in these files. Mocha itself says so, without running them. */
function testsIn(files: readonly string[]): string[] {
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
  const flags = ['--no-config', '--node-option', 'import=tsx', '--dry-run', '--reporter', 'json']
  const {stdout, stderr} = spawnSync(process.execPath, [mocha, ...flags, ...files], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (!stdout.startsWith('{')) throw new Error(`mocha lists no tests: ${stderr}${stdout}`)
  const {tests} = JSON.parse(stdout) as {tests: Array<{file: string; title: string}>}
  return tests.map(({file, title}) => `${relative(root, file)}: ${title}`)
}

describe('documents', () => {
  for (const file of documents) {
    it(`lead to files that are there: ${file}`, () => {
      expect(textOf(file), 'it says something').to.have.length.above(300)
      const links = [...textOf(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) => link)
      const local = links.filter((link) => link !== undefined && !/^\w+:/.test(link)) as string[]
      for (const link of local) {
        expect(existsSync(join(root, dirname(file), link)), link).to.be.true
      }
    })
  }

  it('name tests that are there, by file and title', () => {
    const row = /^\|.*\| \[[^\]]*\]\((?:\.\.\/)?(test\/[^)]*\.test\.ts)\) \| (.*) \|$/gm
    const named = Object.entries(tables).flatMap(([table, least]) => {
      const rows = [...textOf(table).matchAll(row)]
      expect(rows).to.have.length.above(least)
      return rows.map(([, file = '', title = '']) => ({file, title}))
    })
    const files = [...new Set(named.map(({file}) => file))]
    const there = testsIn(files)
    const missing = named.filter(({file, title}) => !there.includes(`${file}: ${title}`))
    expect(missing).to.deep.equal([])
  })

  it('name npm scripts that are there', () => {
    const {scripts} = JSON.parse(textOf('package.json')) as {scripts: Record<string, string>}
    const named = documents.flatMap((file) =>
      [...textOf(file).matchAll(/\bnpm run ([a-z:]+)/g)].map(([, script]) => String(script)),
    )
    expect(named).to.include('test:faults')
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).to.deep.equal([])
  })
})
