// The help: complete, aligned in 80 columns, with working examples.
import {spawnSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {commands} from '../../src/cli/main.js'
import {program, runProgram} from '../native/programs.js'
import {temporaryDirectory} from '../support/temporary.js'

const bin = 'cura-te-ipsum'
const names = Object.keys(commands) as Array<keyof typeof commands>

const helpOf = (...command: string[]): string => {
  const {exit, out, err} = runProgram([...command, '--help'])
  expect({exit, err}).to.deep.equal({exit: 0, err: ''})
  return out
}

const headings = (text: string): string[] => text.match(/^[A-Z][A-Z ]+$/gm) ?? []

/** The lines below a heading. */
const partOf = (text: string, heading: string): string =>
  new RegExp(`^${heading}\\n((?: .*\\n|\\n(?= ))*)`, 'm').exec(text)?.[1] ?? ''

interface Example {
  readonly description: string
  readonly command: string
}

const examplesOf = (name: keyof typeof commands): readonly Example[] =>
  commands[name].examples.map(({description, command}) => ({
    description,
    command: command.replaceAll('<%= config.bin %>', bin),
  }))

describe('help', () => {
  const temporary = temporaryDirectory()

  it('fits into 80 columns (slow)', () => {
    for (const command of [[], ...names.map((name) => [name])]) {
      const tooLong = helpOf(...command)
        .split('\n')
        .filter((line) => line.length > 80)
      expect(tooLong, command.join()).to.deep.equal([])
    }
  })

  it('lists all commands, and the form without a command', () => {
    const text = helpOf()
    expect(headings(text)).to.deep.equal(['USAGE', 'COMMANDS', 'EXAMPLES', 'MORE'])
    expect(partOf(text, 'USAGE')).to.include(`$ ${bin} -b STORE [FLAGS] SOURCE...`)
    const rows = partOf(text, 'COMMANDS').trimEnd().split('\n')
    const listed = rows.map((row) => row.trim().split(/ {2,}/))
    expect(listed).to.deep.equal(names.map((name) => [name, commands[name].summary]))
  })

  it('is also what help prints', () => {
    expect(runProgram(['help'])).to.deep.include({exit: 0, out: helpOf(), err: ''})
    expect(runProgram(['help', 'find'])).to.deep.include({exit: 0, out: helpOf('find'), err: ''})
  })

  it('shows that a value is optional', () => {
    expect(helpOf('backup')).to.match(/^ +--wait\[=TIME\] +Wait for another run /m)
  })

  it('has the same brackets in ARGUMENTS as in USAGE', () => {
    const optional = ['diff', 'digests', 'find', 'ls', 'prune', 'size', 'verify']
    for (const name of names.filter((one) => Object.keys(commands[one].args).length > 0)) {
      const text = helpOf(name)
      const first = partOf(text, 'ARGUMENTS').trim().split(/ {2,}/)[0] ?? ''
      expect(first.startsWith('['), name).to.equal(optional.includes(name))
      if (name !== 'completion') expect(partOf(text, 'USAGE')).to.include(first.replace(/\]$/, ''))
    }
  })

  it('says which flags have variables', () => {
    const said = (name: string) => partOf(helpOf(name), 'ENVIRONMENT').replace(/\s+/g, ' ')
    expect(said('backup')).to.match(/^ Every flag also has an environment variable: /)
    expect(said('find')).to.match(
      /^ Only --.* and --json-lines also have an environment variable: /,
    )
    expect(said('find')).to.not.contain('--newer')
  })

  for (const name of names) {
    it(`of ${name} has each flag once, in a group and in its column`, () => {
      const text = helpOf(name)
      const {
        summary,
        description,
        baseFlags,
        flags = {},
      } = commands[name] as {
        summary: string
        description: string
        baseFlags: object
        flags?: object
      }
      expect(text.startsWith(`${summary}\n\nUSAGE\n  $ ${bin} ${name} `), text).to.be.true
      expect(description).to.have.length.above(50)
      const said = partOf(text, 'DESCRIPTION').replace(/\s+/g, ' ')
      expect(said.trim()).to.equal(description.replace(/\s+/g, ' '))

      const groups = headings(text).filter((heading) => heading.endsWith('FLAGS'))
      expect(groups.at(-1)).to.equal('OUTPUT FLAGS')
      const rows = groups.flatMap((group) => partOf(text, group).match(/^ +-.*$/gm) ?? [])
      const found = rows.map((row) => /--([a-z0-9-]+)/.exec(row)?.[1])
      expect(found.sort()).to.deep.equal(Object.keys({...baseFlags, ...flags}).sort())
      for (const group of groups) {
        const part = partOf(text, group)
        // The texts of a group are aligned, and so are the long names.
        const columns = part.match(/^ +-.*?(?= {2}[A-Z(])/gm)?.map((left) => left.length) ?? []
        const texts = part.match(/^.*? {2}(?=[A-Z(])/gm)?.map((left) => left.length) ?? []
        expect(columns, group).to.have.length.above(0)
        expect(new Set(texts).size, `${group}\n${part}`).to.equal(1)
        expect(
          new Set(part.match(/^ +(?:-., )?(?=--)/gm)?.map((left) => left.length)).size,
        ).to.equal(1)
      }
    })

    it(`of ${name} shows examples that the command accepts`, () => {
      const examples = examplesOf(name)
      expect(examples).not.to.be.empty
      const shown = partOf(helpOf(name), 'EXAMPLES')
      mkdirSync(join(temporary(), '.config/fish/completions'), {recursive: true})
      for (const {description, command} of examples) {
        expect(shown).to.include(
          `  ${description}\n    $ ${command.replaceAll('\n', '\n    $ ')}\n`,
        )
        // The store does not exist; a wrong command line would end with 2 before that is noticed.
        const line = command.replaceAll('/mnt/backups', join(temporary(), 'none'))
        const script = `${bin}() { "$NODE" "$PROGRAM" "$@" 2>/dev/null; echo "$1 $?" >&3; }\n${line}\nwait`
        const {output} = spawnSync('bash', ['-c', script], {
          cwd: temporary(),
          env: {
            PATH: process.env.PATH,
            HOME: temporary(),
            NODE: process.execPath,
            PROGRAM: program,
          },
          stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
          encoding: 'utf8',
        })
        expect(output[3], command).to.equal(`${name} ${name === 'completion' ? 0 : 10}\n`)
      }
    })
  }
})
