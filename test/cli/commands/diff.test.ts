// The command diff: its forms of output, and its exit codes.
import {spawnSync} from 'node:child_process'
import {mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {program, runProgram} from '../../native/programs.js'
import {python} from '../../native/workshop.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command diff', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const backUp = () => runProgram(['backup', '-b', path('store'), path('docs')])
  const diff = (...argv: string[]) => runProgram(['diff', '-b', path('store'), ...argv])

  beforeEach(() => {
    mkdirSync(path('store'), {mode: 0o700})
    mkdirSync(path('docs/old'), {recursive: true})
    for (const name of ['a', 'b', 'old/c', 'old/d']) writeFileSync(path('docs', name), name)
    backUp()
    writeFileSync(path('docs/a'), 'other')
    rmSync(path('docs/b'))
    renameSync(path('docs/old'), path('docs/new'))
    writeFileSync(path('docs/new/e'), 'e')
    backUp()
  })

  const lines = ['M docs/a', '- docs/b', 'R docs/old/ -> docs/new/', '+ docs/new/e']
  const counts =
    'files: 1 new, 1 changed, 1 deleted;\n' +
    'directories: 1 with changed permissions or dates, 1 renamed; 6 B new or changed\n'

  it('prints a line for each change, and the counts', () => {
    const {from, to} = JSON.parse(diff('--json').out) as {from: string; to: string}
    const first = `${from} -> ${to}\n`
    const out = `${lines.join('\n')}\n${counts}`
    expect(diff()).to.deep.include({exit: 0, out: first + out, err: ''})
    expect(diff('--metadata').out).to.equal(`${first}m docs/\n${out}`)
    expect(diff('--stat')).to.include({exit: 0, out: first + counts})
    expect(diff('--live').out).to.equal(`${to} -> the sources as they are now\nno differences\n`)
    expect(diff('--name-only').out).to.equal('docs/a\ndocs/b\ndocs/new\ndocs/new/e\n')
    expect(diff('latest', 'latest').out).to.equal(`${to} -> ${to}\nno differences\n`)
  })

  it('has an exit code for differences', () => {
    expect(diff('--exit-code').exit).to.equal(7)
    expect(diff('--exit-code', '--stat').exit).to.equal(7)
    expect(diff('--exit-code', 'latest', 'latest').exit).to.equal(0)
    expect(diff('--exit-code', '--json').exit).to.equal(7)
  })

  it('prints one object with --json, or one for each change', () => {
    const wanted = [
      {kind: 'changed', type: 'file', path: 'docs/a', from_path: null, bytes: 5},
      {kind: 'deleted', type: 'file', path: 'docs/b', from_path: null, bytes: 1},
      {kind: 'renamed', type: 'directory', path: 'docs/new', from_path: 'docs/old', bytes: 0},
      {kind: 'new', type: 'file', path: 'docs/new/e', from_path: null, bytes: 1},
    ]
    const none = {new: 0, changed: 0, metadata: 0, renamed: 0, deleted: 0}
    const summary = {
      ...{command: 'diff', format: 1, bytes: 6, warnings: [], exit: 0},
      counts: {
        files: {...none, new: 1, changed: 1, deleted: 1},
        directories: {...none, metadata: 1, renamed: 1},
      },
    }
    const {from, to, ...rest} = JSON.parse(diff('--json').out) as Record<string, unknown>
    expect([from, to].join(' ')).to.match(/^20\d\d-\S+ 20\d\d-\S+$/)
    expect(rest).to.deep.equal({...summary, changes: wanted})
    const objects = diff('--json-lines').out.split('\n').slice(0, -1).map((line) => JSON.parse(line) as object) // prettier-ignore
    expect(objects.slice(0, -1)).to.deep.equal(
      wanted.map((change) => ({event: 'change', ...change})),
    )
    expect(objects.at(-1)).to.deep.equal({event: 'summary', from, to, ...summary})
    const {changes} = JSON.parse(diff('--json', '--stat').out) as {changes: unknown}
    expect(changes).to.deep.equal([])
  })

  it('ends quietly if the reader closes the pipe (slow)', () => {
    python(path('docs'), "for n in range(20000): open('%05d' % n, 'w').close()")
    backUp()
    for (const flag of ['--metadata', '--name-only', '--json-lines']) {
      const line = `node ${program} diff -b ${path('store')} ${flag} | head -n 1`
      const {status, stdout, stderr} = spawnSync('sh', ['-c', line], {encoding: 'utf8'})
      expect({status, stderr}).to.deep.equal({status: 0, stderr: ''})
      expect(stdout.split('\n')).to.have.length(2)
    }
  })
})
