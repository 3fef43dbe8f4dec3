// The words of a command line, before oclif reads them.
import fc from 'fast-check'
import * as Args from '@oclif/core/args'
import {parse} from '@oclif/core/parser'
import {expect} from 'chai'
import {readArguments, type CommandFacts} from '../../src/cli/arguments.js'
import {backupFlags, outputFlags, runFlags} from '../../src/cli/flags.js'

const flags = {...runFlags, ...backupFlags, ...outputFlags}
const command: CommandFacts = {
  name: 'backup',
  usage: 'backup -b STORE [FLAGS] SOURCE...',
  flags,
  args: {source: {multiple: true}},
}

const read = (line: string) => readArguments(line.split(' '), command)

describe('arguments', () => {
  // The words, the flags with their values, and the operands.
  const right: ReadonlyArray<[string, Record<string, string[]>, string]> = [
    ['-b s a b', {'backups-dir': ['s']}, 'a b'],
    ['-bs a', {'backups-dir': ['s']}, 'a'],
    ['-b=s a', {'backups-dir': ['s']}, 'a'],
    ['-nvb s a', {'dry-run': [], verbose: [], 'backups-dir': ['s']}, 'a'],
    ['--backups-dir=s=t a', {'backups-dir': ['s=t']}, 'a'],
    ['--tag x --tag y,z a', {tag: ['x', 'y,z']}, 'a'],
    ['a -n -- -v --b', {'dry-run': []}, 'a -v --b'],
    ['- -5 a', {}, '- -5 a'],
    ['--host -x a', {host: ['-x']}, 'a'],
  ]
  for (const [line, values, operands] of right) {
    it(`reads ${line}`, () => {
      const given = read(line)
      expect(Object.fromEntries(given.values)).to.deep.equal(values)
      expect(given.operands.join(' ')).to.equal(operands)
    })
  }

  // The words, and the message.
  const wrong: ReadonlyArray<[string, string | RegExp]> = [
    ['--dry-run=yes home', '--dry-run takes no value: leave out "=yes"'],
    ['-n=1 home', '-n takes no value: leave out "=1"'],
    ['--bogus', 'backup has no flag --bogus: cura-te-ipsum backup --help lists its flags.'],
    ['--bogus=1', /^backup has no flag --bogus: /],
    ['-nZ', /^backup has no flag -Z: /],
    ['-b', '-b needs a value: write -b STORE'],
    ['a --host', '--host needs a value: write --host NAME'],
    ['-b -n', '-b needs a value (STORE), and "-n" is a flag'],
    ['-b --dry-run', '-b needs a value (STORE), and "--dry-run" is a flag'],
    ['-b s -b t', '-b is given twice: give it once'],
    ['--tag= a', '--tag "" is empty: give it a value, or leave it out'],
    ['-b= a', '-b "" is empty: give it a value, or leave it out'],
  ]
  for (const [line, message] of wrong) {
    it(`refuses ${line}`, () => {
      expect(() => read(line)).to.throw(message)
    })
  }

  it('reads what oclif reads, or refuses it', async () => {
    const words = ['-b', 's', '--tag', 'a', '-n', '-nv', '-nb', '--', '-', '-5', '--host=x', '-bx']
    const parts = fc.array(fc.constantFrom(...words, '-f', '-e', '--json', 'x=y'), {maxLength: 7})
    let compared = 0
    await fc.assert(
      fc.asyncProperty(parts, async (argv) => {
        let given
        try {
          given = readArguments(argv, command)
        } catch {
          return
        }
        compared += 1
        const store = {...flags['backups-dir'], required: false} // this is checked elsewhere
        const source = Args.string({multiple: true, ignoreStdin: true})
        const input = {
          flags: {...flags, 'backups-dir': store as never},
          args: {source},
          strict: true,
        }
        const {raw} = await parse(given.argv, input)
        const heard = raw.flatMap((token) => (token.type === 'arg' ? [token.input] : []))
        expect(heard, argv.join(' ')).to.deep.equal(given.operands)
        const names = raw.flatMap((token) => (token.type === 'flag' ? [token.flag] : []))
        expect([...new Set(names)].sort()).to.deep.equal([...given.values.keys()].sort())
      }),
    )
    expect(compared, 'the control').to.be.above(10)
  })
})
