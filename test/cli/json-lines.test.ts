// --json-lines as programs read it: valid, complete, with the summary last, and quiet without a reader.
import {spawnSync} from 'node:child_process'
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {program, runProgram} from '../native/programs.js'
import {python} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'
import {temporaryDirectory} from '../support/temporary.js'

interface Line {
  readonly event: string
  readonly [key: string]: unknown
}

const linesOf = (text: string): Line[] => {
  expect(text).to.match(/\n$/)
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

const of = (lines: readonly Line[], event: string): Line[] =>
  lines.filter((line) => line.event === event)

describe('--json-lines', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const backupArgv = (...rest: string[]): string[] => [
    ...['backup', '-b', path('store')],
    ...['--json-lines', ...rest, path('docs')],
  ]

  beforeEach(() => {
    mkdirSync(path('store'), {mode: 0o700})
    mkdirSync(path('docs'))
  })

  it('prints 20,000 new files of a dry run as a line each, and the summary last (slow)', () => {
    python(path('docs'), 'for n in range(20000): open("f%d" % n, "w")')
    const {exit, out, err} = runProgram(backupArgv('-n'))
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    const lines = linesOf(out)
    const names = of(lines, 'change').map((line) => line.path as string)
    const wanted = readdirSync(path('docs')).map((name) => `docs/${name}`)
    expect(names.sort()).to.deep.equal(['docs', ...wanted].sort())
    const summary = lines.at(-1)
    expect(summary).to.include({event: 'summary', dry_run: true, differs: true, exit: 0})
    expect(summary).not.to.have.any.keys('changes', 'excluded')
    expect(of(lines, 'summary')).to.have.lengthOf(1)
  })

  it('has the same facts as --json', () => {
    writeFileSync(path('docs/a.o'), 'a')
    writeFileSync(path('docs/b'), 'b')
    const argv = backupArgv('-nv', '-e', '*.o')
    const lines = linesOf(runProgram(argv).out)
    const json = JSON.parse(
      runProgram(argv.map((word) => (word === '--json-lines' ? '--json' : word))).out,
    ) as Record<string, unknown>
    const items = (event: string): object[] =>
      of(lines, event).map(({event: name, ...item}) => {
        expect(name).to.equal(event)
        return item
      })
    expect(items('change')).to.deep.equal(json.changes)
    expect(items('omission')).to.deep.equal(json.excluded)
    expect(json.excluded).to.have.lengthOf(1) // the control
    const lists = new Set(['event', 'start', 'end', 'changes', 'excluded', 'errors'])
    const plain = (object: object): unknown =>
      Object.fromEntries(Object.entries(object).filter(([key]) => !lists.has(key)))
    expect(plain(lines.at(-1) ?? {})).to.deep.equal(plain(json))
  })

  it('lists the snapshots that prune judges', () => {
    writeFileSync(path('docs/a'), 'a')
    expect(runProgram(backupArgv()).exit).to.equal(0)
    const lines = linesOf(runProgram(['prune', '-n', '-b', path('store'), '--json-lines']).out)
    const [name] = storedIn(path('store'))
    expect(of(lines, 'entry')).to.have.lengthOf(1)
    expect(of(lines, 'entry')[0]).to.include({name, keep: true})
    expect(lines.at(-1)).to.include({event: 'summary', dry_run: true, exit: 0})
    expect(lines.at(-1)).not.to.have.property('snapshots')
  })

  it('names a failure, and ends an error with a summary of it', () => {
    const argv = ['backup', '-b', path('store'), '--json-lines']
    const carried = runProgram([...argv, path('docs'), path('none')])
    const lines = linesOf(carried.out)
    expect(of(lines, 'failure')).to.deep.equal([
      {event: 'failure', path: 'none', code: 'ENOENT', syscall: 'open', warning: false},
    ])
    expect(lines.at(-1)).to.deep.include({event: 'summary', exit: 3})
    const failed = linesOf(runProgram(['backup', '-b', path('none'), '--json-lines', '/etc']).out)
    expect(failed).to.have.lengthOf(1)
    expect(failed[0]).to.include({event: 'summary', code: 'noStore', exit: 10})
    const unknown = linesOf(runProgram(['backup', '--json-lines', '--frob']).out)
    expect(unknown[0]).to.include({event: 'summary', code: 'usage', exit: 2})
  })

  it('ends quietly when its reader has seen enough (slow)', () => {
    python(path('docs'), 'for n in range(20000): open("f%d" % n, "w")')
    const command = `"$@" | head -n 1; echo "\${PIPESTATUS[0]}"`
    const args = ['-c', command, 'bash', process.execPath, program, ...backupArgv('-n')]
    const {stdout, stderr} = spawnSync('bash', args, {encoding: 'utf8'})
    expect(stderr).to.equal('')
    expect(stdout).to.match(/^\{"event":"\w+".*\}\n0\n$/)
  })

  it('is asked for by CURA_JSON_LINES, which only some commands have', () => {
    const under = ['env', 'CURA_JSON_LINES=1']
    expect(linesOf(runProgram(['prune', '-n', '-b', path('store')], {under}).out)).not.to.be.empty
    expect(runProgram(['status', '-b', path('store')], {under}).out).to.match(/^Store /)
  })
})
