// Flags, variables and exit codes stay as they are, because scripts and crontabs depend on them.
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {exitCodes, exitMeanings} from '../../src/base/errors.js'

interface Flag {
  readonly type: 'boolean' | 'option'
  readonly char: string | null
  readonly env: string | null
  readonly default: unknown
  readonly multiple: boolean
  readonly options: readonly string[] | null
  readonly required: boolean
}

type Contract = Readonly<
  Record<string, {readonly flags: Readonly<Record<string, Flag>>; readonly args: object}>
>

const textOf = (file: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8')

describe('commands', () => {
  let found: Contract
  before(async () => {
    const script = new URL('../../scripts/commands.mjs', import.meta.url).href
    const {contract} = (await import(script)) as {contract: () => Promise<Contract>}
    found = await contract()
  })

  const flags = (): Array<[string, Flag]> =>
    Object.values(found).flatMap((command) => Object.entries(command.flags))

  it('have the flags and arguments in test/fixtures/commands.json', () => {
    const held = JSON.parse(textOf('test/fixtures/commands.json')) as unknown
    expect(
      found,
      'Flags or arguments have changed, and scripts of users may depend on them. If this is intended' +
        ', run npm run generate and mention it in CHANGELOG.md',
    ).to.deep.equal(held)
    expect(Object.keys(found)).to.include.members(['backup', 'prune', 'status']) // the control
  })

  it('have no environment variable but one with the name of the flag', () => {
    const variables = flags().filter(([, {env}]) => env !== null)
    expect(variables).to.have.length.above(50)
    const wanted = variables.map(([name]) => `CURA_${name.toUpperCase().replaceAll('-', '_')}`)
    expect(variables.map(([, {env}]) => env)).to.deep.equal(wanted)
  })

  it('mean the same by a name or a letter in every command', () => {
    const byName = new Map<string, Flag>()
    const byLetter = new Map<string, string>()
    for (const [name, flag] of flags()) {
      // --tag of backup gives a tag, elsewhere it chooses; --size of find has a value.
      const meaning = flag.env === null ? `${name} (${flag.type})` : name
      expect(flag, name).to.deep.equal(byName.get(meaning) ?? flag)
      byName.set(meaning, flag)
      if (flag.char === null) continue
      expect(name).to.equal(byLetter.get(flag.char) ?? name)
      byLetter.set(flag.char, name)
    }
  })

  const rows = (): string[] =>
    textOf('docs/flags.md')
      .split('\n')
      .filter((line) => line.startsWith('|'))

  it('have each flag with its letter and variable in a table of docs/flags.md', () => {
    for (const [name, {char, env, type}] of flags()) {
      const endings = type === 'boolean' ? ['`'] : [' ', '[=']
      const row = rows().find(
        (line) =>
          endings.some((ending) => line.includes(`\`--${name}${ending}`)) &&
          (env === null ? !line.includes('`CURA_') : line.includes(`\`${env}\``)),
      )
      expect(row, `--${name}`).not.to.equal(undefined)
      if (char !== null) expect(row).to.include(`\`-${char}\``)
    }
  })

  it('have each exit code in the table of docs/flags.md', () => {
    const listed = rows().flatMap((line) => /^\| ([\d, ]+) \|/.exec(line)?.[1]?.split(', ') ?? [])
    expect(listed.map(Number)).to.deep.equal(Object.values(exitCodes))
  })

  it('have a meaning of each exit code, and docs/flags.md has the same words', () => {
    const codes = Object.keys(exitMeanings).flatMap((some) => some.split(', '))
    expect(codes.map(Number)).to.deep.equal(Object.values(exitCodes))
    const cells = rows().map((line) => /^\| ([\d, ]+) \| (.*) \|$/.exec(line) ?? [])
    const listed = cells.filter(([, some]) => some !== undefined)
    const texts = listed.map(([, some, text]) => [some, text?.replaceAll('`', '')])
    expect(Object.fromEntries(texts)).to.deep.equal(exitMeanings)
  })
})
