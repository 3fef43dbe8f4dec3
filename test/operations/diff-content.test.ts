// Unified diffs of the files in two snapshots.
import {spawnSync} from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {asNobody, runProgram} from '../native/programs.js'
import {isRoot, sh, workshop} from '../native/workshop.js'

describe('diff-content', () => {
  const {docs, path, store, snapshot} = workshop()
  const content = (...args: string[]) => runProgram(['diff', '-b', store(), '--content', ...args])

  it('makes a patch that turns one file into the other', async () => {
    const lines = Array.from({length: 200}, (_, at) => `line ${at}`)
    const before = `${lines.join('\n')}\n`
    const after = lines.toSpliced(150, 2, 'other', 'tab\there').toSpliced(3, 1).join('\n')
    writeFileSync(docs('a'), before)
    const first = await snapshot()
    writeFileSync(docs('a'), after)
    const second = await snapshot()
    const {exit, out} = content()
    expect(exit).to.equal(0)
    expect(
      out.startsWith(
        `${first} -> ${second}\nM docs/a\n--- ${first}/docs/a\n+++ ${second}/docs/a\n@@ -1,7 `,
      ),
    ).to.be.true
    writeFileSync(path('patch'), out)
    writeFileSync(path('copy'), before)
    sh('patch', path('copy'), path('patch'))
    sh('cmp', path('copy'), store(second, 'docs/a'))
  })

  it('finds the old file of a renamed directory', async () => {
    mkdirSync(docs('old'))
    writeFileSync(docs('old/a'), 'one\n')
    for (const name of ['b', 'c']) writeFileSync(docs('old', name), name)
    const first = await snapshot()
    renameSync(docs('old'), docs('new'))
    writeFileSync(docs('new/a'), 'two\n')
    const second = await snapshot()
    expect(content().out).to.include(
      `M docs/new/a\n--- ${first}/docs/old/a\n+++ ${second}/docs/new/a\n@@ -1,1 +1,1 @@\n` +
        '-one\n+two\n',
    )
    const {out} = content('--json')
    const {changes} = JSON.parse(out) as {changes: Array<{path: string; content: string | null}>}
    const found = Object.fromEntries(changes.map((change) => [change.path, change.content]))
    expect(found['docs/new/a']).to.match(/\n-one\n\+two\n$/)
    expect(found['docs/new']).to.equal(null)
  })

  it('has one line for what is no text, too large, or of another type', async () => {
    const large = 'x\n'.repeat(600_000)
    writeFileSync(docs('binary'), 'a\0')
    writeFileSync(docs('bytes'), Buffer.from([0xff]))
    writeFileSync(docs('large'), large)
    writeFileSync(docs('escapes'), 'a\n')
    symlinkSync('/etc/passwd', docs('link'))
    const first = await snapshot()
    for (const name of ['binary', 'bytes', 'large']) writeFileSync(docs(name), `${large}b`)
    writeFileSync(docs('escapes'), 'a\u001b[2J\\\n')
    unlinkSync(docs('link'))
    writeFileSync(docs('link'), 'a file now')
    const second = await snapshot()
    const line = (name: string): string =>
      `M docs/${name}\nBinary files ${first}/docs/${name} and ${second}/docs/${name} differ\n`
    const {out} = content()
    for (const name of ['binary', 'bytes', 'large']) expect(out).to.include(line(name))
    expect(out).to.include(' a\n+a\\x1b[2J\\\n'.slice(3))
    expect(out).to.include('M docs/link\nfiles: ')
    expect(out).not.to.include('root:')
  })

  it('follows no symlink that took the place of a stored directory', async () => {
    mkdirSync(docs('in'))
    writeFileSync(docs('in/a'), 'one\n')
    const first = await snapshot()
    writeFileSync(docs('in/a'), 'two\n')
    await snapshot()
    mkdirSync(path('secret'))
    writeFileSync(path('secret/a'), 'secret\n')
    expect(content().out).to.include('-one\n+two\n') // the control
    rmSync(store(first, 'docs/in'), {recursive: true})
    symlinkSync(path('secret'), store(first, 'docs/in'))
    const {exit, out, err} = content()
    expect(exit).to.equal(3)
    expect(out).not.to.include('secret')
    expect(err).to.match(/docs\/in\/a could not be compared: ENOTDIR\.\n$/)
  })

  it('names a file that it may not read (needs root)', async function () {
    if (!isRoot) this.skip()
    writeFileSync(docs('a'), 'one\n')
    await snapshot()
    writeFileSync(docs('a'), 'two\n')
    const second = await snapshot()
    chmodSync(store(second, 'docs/a'), 0o000)
    sh('chown', '-R', '65534', store())
    sh('chown', '0', store(second, 'docs/a'))
    chmodSync(path(), 0o755)
    const [command = '', ...args] = [...asNobody, process.execPath, 'dist/cli.cjs']
    const {status, stderr} = spawnSync(command, [...args, 'diff', '-b', store(), '--content'], {
      encoding: 'utf8',
    })
    expect(status).to.equal(3)
    expect(stderr).to.match(/docs\/a could not be compared: EACCES\.\n$/)
  })
})
