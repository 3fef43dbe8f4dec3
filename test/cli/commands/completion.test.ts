// The completion scripts: up to date, and tried in the shells.
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {commands} from '../../../src/cli/main.js'
import {formatTags} from '../../../src/store/tags.js'
import {runProgram} from '../../native/programs.js'
import {temporaryDirectory} from '../../support/temporary.js'

const pathOf = (file: string): string => fileURLToPath(new URL(`../../../${file}`, import.meta.url))
const folder = pathOf('completions')

const files = {bash: 'cura-te-ipsum.bash', fish: 'cura-te-ipsum.fish', zsh: '_cura-te-ipsum'}
type Shell = keyof typeof files
const shells = Object.keys(files) as Shell[]

const scriptOf = (shell: Shell): string => join(folder, files[shell])
const isThere = (shell: Shell): boolean => spawnSync(shell, ['-c', ':']).status === 0

/** Runs a shell in `directory` and returns its output. */
function run(directory: string, shell: Shell, ...args: string[]): string {
  const {HOME = '/', PATH = '/usr/bin:/bin'} = process.env
  const {status, stdout, stderr} = spawnSync(shell, args, {
    cwd: directory,
    encoding: 'utf8',
    env: {HOME, PATH, TERM: 'xterm', CURA_BACKUPS_DIR: 'one'},
    input: '',
    timeout: 60_000,
  })
  if (status !== 0) throw new Error(`${shell} ended with ${status}: ${stderr}${stdout}`)
  return stdout
}

const bashDriver = `
source "$1"; shift
complete -p cura-te-ipsum >/dev/null || exit 1
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_cura_te_ipsum
printf '%s\\n' "\${COMPREPLY[@]}"
`

// eslint-disable-next-line no-control-regex -- control characters move the cursor
const terminalCodes = /\u001b\[[\d;?]*[A-Za-z]|[\u0007\r]/g

/** The completions of each line, as the shell displays them. */
const listings: Readonly<Record<Shell, (directory: string, lines: string[]) => string[][]>> = {
  bash: (directory, lines) =>
    lines.map((line) => {
      // COMP_WORDBREAKS divides words in this way.
      const typed = line.replaceAll(/[:=]/g, ' $& ').split(/ +/)
      const args = ['--norc', '-c', bashDriver, 'bash', scriptOf('bash'), ...typed]
      return run(directory, 'bash', ...args).split('\n')
    }),
  fish: (directory, lines) =>
    lines.map((line) => {
      const code = `source ${scriptOf('fish')}; complete -C '${line}'`
      return run(directory, 'fish', '--no-config', '-c', code).split('\n')
    }),
  zsh: (directory, lines) => {
    const driver = pathOf('test/fixtures/complete.zsh')
    const screens = run(directory, 'zsh', '-f', driver, folder, ...lines).split('<end>')
    return lines.map((line, at) => {
      const screen = (screens[at] ?? '').trimStart().replace(terminalCodes, '')
      const [, ...listed] = screen.split('\n')
      // The line is shown again below the list.
      const text = listed.join('\n').slice(0, -line.trimEnd().length)
      return text.split('\n').flatMap((row) => (row.includes(' -- ') ? [row] : row.split(/ {2,}/)))
    })
  },
}

/** The completed words, without descriptions, slashes and typed prefixes. */
const words = (listing: readonly string[]): string[] =>
  listing
    .map((row) => (row.split(/\t| +-- /)[0] ?? '').replace(/^.*[:=]/, '').trim())
    .map((word) => word.replace(/\/$/, '').replace(/^.*\//, '').replaceAll('\\ ', ' '))
    .filter((word) => word !== '')
    .sort()

const keeps = ['all', 'daily', 'hourly', 'last', 'monthly', 'tag', 'weekly', 'yearly']
const directories = ['one', 'two words']
const names = Object.keys(commands)
const snapshots = ['2025-01-01_10-00-00', '20250115_103000']

// The words after the program's name, and their completions.
const offers: ReadonlyArray<readonly [string, readonly string[]]> = [
  ['', [...names, ...directories]],
  ['sta', ['status']],
  ['prune --ke', keeps.map((name) => `--keep-${name}`)],
  ['--keep-d', ['--keep-daily']],
  ['prune --dr', ['--dry-run']],
  ['status --dr', []],
  ['--no', ['--no-digest', '--no-prune']],
  ['-b ', directories],
  ['status --backups-dir ', directories],
  ['backup --backups-dir=o', ['one']],
  ['backup -n ', directories],
  ['docs=/nowhere -n ', directories],
  ['backup docs=o', ['one']],
  ['prune --keep-last ', ['1', '10', '30']],
  ['backup --exclude-file ', [...directories, 'file']],
  ['completion ', shells],
  ['ls ', ['latest', 'oldest', ...snapshots]], // of the store in CURA_BACKUPS_DIR
  ['ls 2025', snapshots],
  ['ls 2025-01-01_10-00-00:', ['docs']],
  ['ls latest:docs/le', ['letter']],
  ['ls 20250115_103000:', []],
  ['restore 2025-', ['2025-01-01_10-00-00']],
  ['restore tw', ['two words']],
  ['restore --from 20250', ['20250115_103000']],
  ['restore -b one --to ', directories],
  ['restore latest --at yes', ['yesterday']],
  ['restore --overwrite if', ['if-changed', 'if-newer']],
  ['restore --max-delete ', ['100', '20%', 'all']],
  ['restore latest:do', ['docs']],
  ['status -b one --max-age ', ['26h', '2h', '5w', '8d']],
  ['status --max-age=2', ['26h', '2h']],
  ['status -b t', ['two words']],
  ['prune --keep-daily 3', ['30d']],
  ['prune --keep-tag ', ['keep', 'old', 'weekly']],
  ['backup --tag w', ['weekly']],
  ['tag -b /nowhere --remove ', []],
  ['ls -b /nowhere ', ['latest', 'oldest']],
  ['pin --backups-dir=one 2025-', ['2025-01-01_10-00-00']],
  ['digests -b one ol', ['oldest']],
  ['tag --add x -b one latest 20250', ['20250115_103000']],
  ['prune -nb /nowhere 2025', []],
  ['unpin -bone 20250', ['20250115_103000']],
]

describe('completion', () => {
  const temporary = temporaryDirectory()
  beforeEach(() => {
    for (const name of directories) mkdirSync(join(temporary(), name))
    writeFileSync(join(temporary(), 'file'), '')
    for (const name of [
      ...snapshots,
      '.partial-2025-01-02_10-00-00',
      'lost+found',
      '1_$(touch run)2',
    ]) {
      mkdirSync(join(temporary(), 'one', name))
    }
    writeFileSync(join(temporary(), 'one', '2025-01-03_10-00-00'), 'no directory')
    const [first = '', second = ''] = snapshots.map((name) => join(temporary(), 'one', name))
    mkdirSync(join(first, 'docs'))
    writeFileSync(join(first, 'docs', 'letter'), '')
    // As a marker and .backup_tags are written.
    const marker = {sources: ['x'], tags: ['old', 'a b', '$(touch run)'], errors: {list: ['y']}}
    writeFileSync(join(first, '.backup_finished'), `${JSON.stringify(marker, null, 1)}\n`)
    writeFileSync(join(second, '.backup_finished'), `${JSON.stringify({tags: []}, null, 1)}\n`)
    writeFileSync(join(second, '.backup_tags'), formatTags(['keep', 'weekly', '`touch run`']))
  })

  it('is up to date with the commands', async () => {
    const script = new URL('../../../scripts/completions.mjs', import.meta.url).href
    const {completions} = (await import(script)) as {
      completions: () => Promise<Readonly<Record<string, string>>>
    }
    const there = readdirSync(folder).map((file) => [
      file,
      readFileSync(join(folder, file), 'utf8'),
    ])
    expect(Object.fromEntries(there), 'renew them with: npm run generate').to.deep.equal(
      await completions(),
    )
  })

  for (const shell of shells) {
    it(`prints its script for ${shell}, without a store`, () => {
      const {exit, out, err} = runProgram(['completion', shell])
      expect({exit, err}).to.deep.equal({exit: 0, err: ''})
      expect(out).to.equal(readFileSync(scriptOf(shell), 'utf8'))
    })

    it(`works in ${shell} (needs ${shell})`, function () {
      if (!isThere(shell)) this.skip()
      const lines = offers.map(([typed]) => `cura-te-ipsum ${typed}`)
      const offered = listings[shell](temporary(), lines)
      for (const [at, [typed, wanted]] of offers.entries()) {
        expect(words(offered[at] ?? []), typed).to.deep.equal([...wanted].sort())
      }
      expect(existsSync(join(temporary(), 'run')), 'a name is not run').to.equal(false)
    })
  }

  for (const shell of ['fish', 'zsh'] as const) {
    it(`shows descriptions in ${shell} (needs ${shell})`, function () {
      if (!isThere(shell)) this.skip()
      const lines = ['cura-te-ipsum prune --keep-', 'cura-te-ipsum ']
      const [flags = [], first = []] = listings[shell](temporary(), lines)
      expect(flags.join('\n')).to.match(/--keep-last\W+Keep the newest N snapshots/)
      expect(first.join('\n')).to.match(/status\W+List the snapshots of a store/)
    })
  }

  it('ends with 2 for an unknown shell, and without one', () => {
    const other = runProgram(['completion', 'tcsh'])
    expect(other.err).to.match(/^cura-te-ipsum: the shell "tcsh" is unknown: use bash, fish or zsh/)
    expect(other).to.include({exit: 2, out: ''})
    expect(runProgram(['completion'])).to.include({exit: 2, out: ''})
  })
})
