// The man page: up to date, complete, and readable by groff and mandoc.
import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {exitCodes, exitMeanings} from '../src/base/errors.js'
import {commands} from '../src/cli/main.js'

const page = fileURLToPath(new URL('../man/cura-te-ipsum.1', import.meta.url))

const isThere = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

/** The arguments of each program to show a page, and to check it. */
const readers = {
  groff: {show: ['-man', '-Tutf8', '-P-cbou', '-rLL=78n'], check: ['-man', '-Tutf8', '-ww', '-z']},
  // A date would have to change with every text, so there is none.
  mandoc: {show: ['-T', 'utf8', '-O', 'width=78'], check: ['-T', 'lint', '-W', 'error']},
} as const
type Reader = keyof typeof readers

function read(reader: Reader, how: 'show' | 'check', input: string): string {
  const {stdout, stderr} = spawnSync(reader, readers[reader][how], {input, encoding: 'utf8'})
  return (how === 'check' ? `${stderr}${stdout}` : stdout).replace(/.[\b]/g, '')
}

/** The bold words at the start of each item, without escapes. */
const tags = (text: string): string[] =>
  [...text.matchAll(/^\.TP\n(.*)$/gm)].map(([, tag = '']) =>
    tag.replace(/\\f[BIR]/g, '').replaceAll('\\-', '-'),
  )

interface Described {
  readonly baseFlags: object
  readonly flags?: Readonly<Record<string, {readonly char?: string; readonly env?: string}>>
}

describe('man page', () => {
  const text = readFileSync(page, 'utf8')
  const partOf = (heading: string): string =>
    new RegExp(`^\\.S[HS] ${heading}\\n[^]*?(?=\\n\\.S[HS] |$(?![^]))`, 'm').exec(text)?.[0] ?? ''

  it('is up to date with the commands', async () => {
    const script = new URL('../scripts/man.mjs', import.meta.url).href
    const {manPage} = (await import(script)) as {manPage: () => Promise<string>}
    expect(text, 'renew it with: npm run generate').to.equal(await manPage())
  })

  it('has every command with its flags and their variables', () => {
    for (const [name, command] of Object.entries(commands)) {
      const {baseFlags, flags = {}} = command as unknown as Described
      const part = partOf(name)
      expect(part, name).to.include(`\\fB${name}\\fR`)
      for (const [flag, {char, env}] of Object.entries(flags)) {
        const names = `${char === undefined ? '' : `-${char}, `}--${flag}`
        expect(tags(part).map((tag) => tag.replace(/\[?=.*$/, ''))).to.include(names)
        if (env !== undefined) expect(part).to.include(`Environment: \\fB${env}\\fR`)
      }
      const common = tags(partOf('Flags of all commands')).join('\n')
      for (const flag of Object.keys(baseFlags)) expect(common).to.include(`--${flag}`)
    }
  })

  it('has every exit code with its meaning', () => {
    const codes = tags(partOf('EXIT STATUS')).flatMap((tag) => tag.split(', '))
    expect(codes.map(Number)).to.deep.equal(Object.values(exitCodes))
    expect(Object.keys(exitMeanings)).to.deep.equal(tags(partOf('EXIT STATUS')))
  })

  it('is listed in package.json', () => {
    const file = fileURLToPath(new URL('../package.json', import.meta.url))
    const {man, files} = JSON.parse(readFileSync(file, 'utf8')) as {man: string[]; files: string[]}
    expect(man).to.deep.equal(['./man/cura-te-ipsum.1']) // npm links no page that is a plain string
    expect(files).to.include('man/*.1')
  })

  const found = (Object.keys(readers) as Reader[]).filter(isThere)

  it('renders without a warning (needs groff or mandoc)', function () {
    if (found.length === 0 && process.env.CI === undefined) this.skip()
    expect(found, 'apt-get install groff-base').not.to.be.empty
    for (const reader of found) {
      expect(read(reader, 'check', text), reader).to.equal('')
      expect(read(reader, 'check', `${text}.frob\n`), 'the control').not.to.equal('')
    }
  })

  it('is shown correctly (needs groff or mandoc)', function () {
    if (found.length === 0) this.skip()
    for (const reader of found) {
      const shown = read(reader, 'show', text)
      for (const line of [
        /^ +-b, --backups-dir=STORE$/m,
        /^ +-e, --exclude=PATTERN \.\.\.$/m,
        /^ +cura-te-ipsum backup -b \/mnt\/backups -nv -e '\*\.tmp' \/etc docs=\/srv\/doc$/m,
        /^ +\.backups_lock$/m,
        /contains "=" as \.\/a=b\./,
        /~\/\.bashrc/,
      ]) {
        expect(shown, reader).to.match(line)
      }
      // Wrong escapes, and lines that were read as requests.
      expect(shown).not.to.match(/\\|`/)
    }
  })
})
