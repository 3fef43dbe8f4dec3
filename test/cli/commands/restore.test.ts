// The command restore: its flags, and its questions on a terminal.
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {dialogue, type Step} from '../../support/dialogue.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command restore', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const restore = (...argv: string[]) => runProgram(['restore', '-b', path('store'), ...argv])
  const onTerminal = (argv: readonly string[], ...steps: Step[]) =>
    dialogue(['restore', '-b', path('store'), ...argv], steps)

  beforeEach(() => {
    mkdirSync(path('store'), {mode: 0o700})
    mkdirSync(path('docs'))
    writeFileSync(path('docs/a'), 'first')
    runProgram(['backup', '-b', path('store'), path('docs')])
    writeFileSync(path('docs/a'), 'the second')
    runProgram(['backup', '-b', path('store'), path('docs')])
  })

  it('says both ways as whole commands if there is neither --to nor --in-place', () => {
    const {exit, out, err} = restore('--at', '2099-01-01 01:00', 'latest:docs/a b')
    expect({exit, out}).to.deep.equal({exit: 2, out: ''})
    const command = `cura-te-ipsum restore -b ${path('store')} --at '2099-01-01 01:00' 'latest:docs/a b'`
    expect(err.split('\n').slice(1)).to.deep.equal([
      `  ${command} --in-place`,
      `  ${command} --to DIR`,
      '',
    ])
  })

  // The flags and the message.
  const wrong: ReadonlyArray<[string[], RegExp]> = [
    [['--in-place', '--to', 'x', 'latest'], /either --to DIR or --in-place/],
    [['--in-place', '--max-delete', '5', 'latest'], /--max-delete works only with --delete/],
    [['--in-place', '--delete-excluded', 'latest'], /--delete-excluded works only with --delete/],
    [['--in-place', '--delete', '--max-delete', 'x', 'latest'], /"x" is not an amount/],
    [['--in-place', '--include', 'x', 'latest'], /--include makes exceptions/],
    [['--in-place', '--overwrite', 'maybe', 'latest'], /--overwrite "maybe"/],
    [['--in-place'], /name what to restore/],
    [[], /name what to restore/],
    [['--in-place', '--from', 'latest', '--at', '3d', '/x'], /either --from SNAPSHOT or --at/],
    [['--in-place', '-e', '[', 'latest'], /--exclude: the pattern "\[" is bad/],
  ]
  for (const [argv, message] of wrong) {
    it(`refuses ${argv.join(' ')}`, () => {
      const {exit, out, err} = restore(...argv)
      expect({exit, out}, err).to.deep.equal({exit: 2, out: ''})
      expect(err).to.match(message)
    })
  }

  it('restores nothing that no snapshot has', () => {
    expect(restore('--in-place', path('docs/none'))).to.include({exit: 7, out: ''})
    expect(restore('--to', path('new'), '/nowhere')).to.include({exit: 7, out: ''})
    expect(readdirSync(path())).not.to.include('new')
  })

  it('never asks with --json, --json-lines or -q, or about a snapshot', () => {
    for (const argv of [
      ['--json', path('docs/a')],
      ['--json-lines', path('docs/a')],
      ['-q', path('docs/a')],
      ['latest:docs/a'],
      [path('docs/a'), path('docs')],
    ]) {
      // prettier-ignore
      const {exit, out} = onTerminal(argv)
      expect(exit, out).to.equal(2)
      expect(out).to.include('say where to restore to').and.not.to.include('Which one?')
    }
    const {exit, out} = onTerminal([path('docs/a')], ['Which one?', 'q'])
    expect(exit, out).to.equal(0) // the control
  })

  it('lists the versions, and does nothing if the user leaves', () => {
    const leaving: ReadonlyArray<[Step[], number]> = [
      [[['Which one?', 'q']], 0],
      [[['Which one?', '\u001b']], 0],
      [[['Which one?', '\u0004']], 0],
      [[['Which one?', '\u0003']], 130],
      [[['Which one?', '9x2'], ['Where?', 'q']], 0],
      [[['Which one?', '1'], ['Where?', '\u0003']], 130],
      [[['Which one?', '1'], ['Where?', 't'], ['Directory:', '\r']], 0],
      [[['Which one?', '1'], ['Where?', 't'], ['Directory:', '/x\u001b']], 0],
    ] // prettier-ignore
    for (const [steps, exit] of leaving) {
      const result = onTerminal([path('docs/a')], ...steps)
      expect(result.exit, result.out).to.equal(exit)
      expect(result.out).to.match(/^docs\/a: 2 versions\n[^]* 1 {2}2[^]* 10 B [^]* 2 {2}2[^]* 5 B /)
      expect(result.out).to.include('othing was restored')
      expect(readdirSync(path('docs'))).to.deep.equal(['a'])
    }
  })

  const chosen = (...steps: Step[]): string => {
    const {exit, out} = onTerminal([path('docs/a')], ['Which one?', '2'], ...steps)
    expect(exit, out).to.equal(0)
    return out
  }
  const textOf = (...names: string[]): string => readFileSync(path(...names), 'utf8')

  it('restores the chosen version in place, and says how to undo it', () => {
    const out = chosen(['Where?', 'i'])
    expect(textOf('docs/a')).to.equal('first')
    expect(out).to.match(
      /1 to update; 5 B\n[^]*To undo this restore [^\n]*:\n {2}cura-te-ipsum restore -b /,
    )
  })

  it('restores it beside the file under a new name, each time another one', () => {
    chosen(['Where?', 'b'])
    chosen(['Where?', 'b'])
    expect(textOf('docs/a')).to.equal('the second')
    const others = readdirSync(path('docs')).filter((name) => name !== 'a')
    expect(others.map((name) => name.replace(/^[\d_-]{19}/, 'NAME')).sort()).to.deep.equal([
      'NAME_a',
      'NAME_a-2',
    ])
    for (const name of others) expect(textOf('docs', name)).to.equal('first')
  })

  it('restores it into a directory that the user types', () => {
    chosen(['Where?', 't'], ['Directory:', `${path('nex')}\u007fw\r`])
    expect(textOf('new/a')).to.equal('first')
    expect(textOf('docs/a')).to.equal('the second')
  })

  it('restores a version of a directory', () => {
    const {exit, out} = onTerminal([path('docs')], ['Which one?', '2'], ['Where?', 'b'])
    expect(exit, out).to.equal(0)
    const [name = ''] = readdirSync(path()).filter((one) => one.endsWith('_docs'))
    expect(textOf(name, 'a')).to.equal('first')
  })

  it('lists the newest versions that fit, and lets choose an older one by its number', () => {
    const lines = Array.from({length: 20}, (_, at) => [`a${at}`])
    for (const [text = ''] of lines) {
      writeFileSync(path('docs/a'), text)
      runProgram(['backup', '-b', path('store'), path('docs')])
    }
    const {exit, out} = onTerminal([path('docs/a')], ['Which one?', '22\r'], ['Where?', 'i'])
    expect(exit, out).to.equal(0)
    expect(out).to.include('and 4 older ones: --at TIME').and.to.include('(1 to 22 and Enter')
    expect(textOf('docs/a')).to.equal('first')
  }).timeout(120_000)

  it('opens for the name of a source', () => {
    const {exit, out} = onTerminal(['docs'], ['Which one?', 'q'])
    expect(exit, out).to.equal(0)
  })

  it('changes nothing with -n', () => {
    const {exit, out} = onTerminal(['-n', path('docs/a')], ['Which one?', '2'], ['Where?', 'i'])
    expect(exit, out).to.equal(0)
    expect(out).to.include('1 to update')
    expect(textOf('docs/a')).to.equal('the second')
  })

  it('names the snapshot taken before a restore if only that has a path', () => {
    writeFileSync(path('docs/new'), 'new')
    writeFileSync(path('docs/a'), 'third')
    expect(restore('--in-place', '--delete', path('docs')).exit).to.equal(0)
    const {exit, out} = onTerminal([path('docs/new')])
    expect(exit).to.equal(7)
    const [, guard = ''] = /; but (\S+), which was taken before a restore, has it/.exec(out) ?? []
    expect(restore('--in-place', '--from', guard, path('docs/new')).exit, out).to.equal(0)
    expect(textOf('docs/new')).to.equal('new')
  })

  it('lists nothing for a path that no snapshot has', () => {
    const {exit, out} = onTerminal([path('docs/none')])
    expect(exit).to.equal(7)
    expect(out).to.match(/no snapshot has .*none; to search for it/)
  })
})
