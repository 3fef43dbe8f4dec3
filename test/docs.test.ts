// Everything that the documents refer to exists: files, scripts, and tests by their titles.
import {spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {expect} from 'chai'
import {documents, root, textOf} from './documents/files.js'
import {partsOf} from './documents/markdown.js'

/** The documents with a table of tests, and the minimum length of each table. */
const tables = {'docs/from-the-python-tool.md': 30, 'SECURITY.md': 25} as const

/** 'file: title' of every test in these files, as listed by mocha without running them. */
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
    it(`link to existing files: ${file}`, () => {
      expect(textOf(file), 'it says something').to.have.length.above(300)
      const links = [...textOf(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) => link)
      const local = links.filter((link) => link !== undefined && !/^\w+:/.test(link)) as string[]
      for (const link of local) {
        expect(existsSync(join(root, dirname(file), link)), link).to.be.true
      }
    })
  }

  it('name existing tests, by file and title', () => {
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

  const scripts = (): string[] =>
    Object.keys((JSON.parse(textOf('package.json')) as {scripts: object}).scripts)

  it('name existing npm scripts', () => {
    const named = documents.flatMap((file) =>
      [...textOf(file).matchAll(/\bnpm run ([a-z:]+)/g)].map(([, script]) => String(script)),
    )
    expect(named).to.include('test:faults')
    expect(named.filter((script) => !scripts().includes(script))).to.deep.equal([])
  })

  it('have a row for every npm script in the table of CONTRIBUTING.md', () => {
    const rows = [...textOf('CONTRIBUTING.md').matchAll(/^\| `npm (?:run )?([a-z:]+)` \|/gm)]
    // npm runs these scripts by itself.
    const wanted = scripts().filter((script) => !/^pre(pare|pack|publishOnly)$/.test(script))
    expect(rows.map(([, script]) => script)).to.have.members(wanted)
  })

  it('name existing files in CONTRIBUTING.md: what to edit and what to run', () => {
    const rows = [...textOf('CONTRIBUTING.md').matchAll(/^\| .* \| .* \| .* \|$/gm)].join('\n')
    const named = rows.match(/\b(?:src|native|test|docs|bench)\/[\w./-]*/g) ?? []
    expect(named).to.have.length.above(50)
    expect(named.filter((file) => !existsSync(join(root, file)))).to.deep.equal([])
    expect(existsSync(join(root, `${named[0]}x`))).to.equal(false) // the control
  })

  it('begin with a command that works in a fresh clone', () => {
    const first = partsOf(textOf('README.md')).blocks.find(({language}) => language === 'sh')
    expect(first?.text).to.match(/^npm ci && .*npm start -- backup -b \S+ \S+\n$/)
  })

  it('give every block a known language, and put each output after its command', () => {
    const known = ['', 'sh', 'text', 'ini', 'crontab', 'conf']
    const blocks = documents.flatMap((file) => {
      const parts = partsOf(textOf(file)).blocks
      return parts.map((block, index) => ({...block, file, before: parts[index - 1]}))
    })
    expect(blocks).to.have.length.above(30)
    const odd = blocks.filter(
      ({language, follows, before}) =>
        !known.includes(language) ||
        (language === 'text' && !(follows && before?.language === 'sh')),
    )
    expect(odd.map(({file, line}) => `${file}:${line}`)).to.deep.equal([])
  })

  it('hide no command from the test that runs them', () => {
    const hidden = (text: string): string[] => {
      const {prose} = partsOf(text)
      return prose.filter(
        (line, index) =>
          /^\s*(~~~|>\s*```|<pre)/.test(line) ||
          (/^( {4}|\t)/.test(line) && prose[index - 1] === ''),
      )
    }
    const found = documents.flatMap((file) =>
      hidden(textOf(file)).map((line) => `${file}: ${line}`),
    )
    expect(found).to.deep.equal([])
    for (const form of [
      '~~~sh\nls\n~~~',
      '> ```sh\n> ls\n> ```',
      'So:\n\n    ls\n',
      '<pre>ls</pre>',
    ]) {
      expect(hidden(form), form).to.not.be.empty // the control
    }
  })

  /** The times in docs/performance.md by heading and tool: 'first backup, ext4' and 'restic'. */
  function measured(): Map<string, string> {
    const times = new Map<string, string>()
    let heading = ''
    for (const line of textOf('docs/performance.md').split('\n')) {
      heading = /^\*\*(.*)\*\*$/.exec(line)?.[1] ?? heading
      const [, tool, time] = /^\| \**([^|*]+?)\**\s*\|\s*([\d.]+ s) \|/.exec(line) ?? []
      if (tool !== undefined) times.set(`${heading}: ${tool}`, String(time))
    }
    return times
  }

  for (const file of ['README.md', 'docs/comparison.md']) {
    it(`give the measured times: ${file}`, () => {
      const times = measured()
      const rows = textOf(file)
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.split('|').map((cell) => cell.trim()))
      const head = rows.findLast((cells) => cells.includes('rsync-insecure')) ?? []
      const figures = rows
        .filter(([, scenario]) => times.has(`${scenario}, ext4: cura-te-ipsum`))
        .flatMap(([, scenario, ...cells]) =>
          cells
            .slice(0, -1)
            .map((time, index) => ({key: `${scenario}, ext4: ${head[index + 2]}`, time})),
        )
      expect(figures).to.have.length.above(14)
      expect(figures.filter(({key, time}) => times.get(key) !== time)).to.deep.equal([])
    })
  }
})
