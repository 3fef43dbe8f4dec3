// The most common mistakes of new users, and the whole answer to each.
import {chmodSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {asNobody, runProgram} from '../native/programs.js'
import {storeAndDocs} from '../support/temporary.js'

describe('mistakes', () => {
  const {temporary, store, docs} = storeAndDocs()

  // Where a path is needed: STORE and DOCS exist, NONE does not.
  const table: ReadonlyArray<[line: string, exit: number, answer: string]> = [
    ['status', 2, 'No store given: add -b STORE, or set CURA_BACKUPS_DIR.'],
    ['statsu -b STORE', 2, 'There is no command "statsu": did you mean status?'],
    [
      'check -b STORE',
      2,
      'There is no command check: verify -b STORE compares the snapshots with their records, with ' +
        '--read all also the contents of files, and --heal repairs them.',
    ],
    ['-r STORE backup DOCS', 2, 'backup has no flag -r: the store is given by -b STORE.'],
    ['backup -b STORE --exlude x DOCS', 2, 'backup has no flag --exlude: did you mean --exclude?'],
    ['backup -b STORE --dry-run=yes DOCS', 2, '--dry-run takes no value: leave out "=yes"'],
    ['backup -b STORE', 2, 'no source given: name the directories to back up'],
    [
      '-b STORE status',
      2,
      'there is no such source: status. If you mean the command, write it first: cura-te-ipsum ' +
        'status ...',
    ],
    [
      'backup -b STORE NONE',
      1,
      'there is no such source: NONE (check its spelling, or mount its disk)',
    ],
    [
      'backup -b NONE DOCS',
      10,
      'there is no directory NONE: make it with mkdir, or mount the disk that holds it',
    ],
    [
      'backup -b nas:/backups DOCS',
      10,
      'there is no directory nas:/backups, and a store is a directory of this machine: mount the ' +
        'disk of the other one here (by NFS), or run the backup there, which fetches from here ' +
        'with --external-rsync',
    ],
    ['backup -b STORE -q -v DOCS', 2, '--quiet and --verbose contradict each other: give only one of them'], // prettier-ignore
    ['backup -b STORE --tag= DOCS', 2, '--tag "" is empty: give it a value, or leave it out'],
    ['completion', 2, 'completion needs a shell: write cura-te-ipsum completion bash|fish|zsh'],
    ['backup DOCS -b', 2, '-b needs a value: write -b STORE'],
    [
      'prune -b STORE --keep-daily all',
      2,
      '--keep-daily "all" is neither a count such as 7 nor a window such as 30d (at most 5 ' +
        'digits, then h, d, w, m or y)',
    ],
    [
      'backup -b STORE --exclude-larger-than big DOCS',
      2,
      '--exclude-larger-than "big" is not a size: write it as 500k, 20M, 4GiB or 4GB',
    ],
    ['status -b STORE more', 2, '"more" is one word too many: write cura-te-ipsum status -b STORE [FLAGS]'], // prettier-ignore
  ]

  const filled = (text: string): string =>
    text
      .replace(/(?<= )STORE(?= |$)/g, store())
      .replaceAll('DOCS', docs())
      .replaceAll('NONE', join(temporary(), 'none'))

  for (const [line, exit, answer] of table) {
    it(`answers ${line}`, () => {
      const words = line.split(' ').map((word) => filled(` ${word}`).slice(1))
      const isText = answer.includes('NONE') || answer.includes('DOCS')
      expect(runProgram(words)).to.deep.include({
        exit,
        out: '',
        err: `cura-te-ipsum: ${isText ? filled(answer) : answer}\n`,
      })
    })
  }

  it('answers a variable with a typo, and a wrong value in one', () => {
    const run = (variable: string) =>
      runProgram(['backup', '-b', store(), docs()], {under: ['env', variable]})
    expect(run('CURA_KEEP_DALY=30d').err).to.match(/KEEP_DALY, did you mean CURA_KEEP_DAILY\?\n$/)
    expect(run('CURA_KEEP_DAILY=abc').err).to.match(/^cura-te-ipsum: CURA_KEEP_DAILY="abc" is /)
  })

  it('answers a source that the user may not read', function () {
    if (process.getuid?.() !== 0) this.skip()
    chmodSync(temporary(), 0o755)
    chmodSync(docs(), 0o700)
    const own = join(temporary(), 'own')
    mkdirSync(own)
    const under = ['sh', '-c', `chown 65534 ${own} && exec "$@"`, 'sh', ...asNobody]
    const {exit, err} = runProgram(['backup', '-b', own, join(docs(), 'a.txt')], {under})
    expect(exit).to.equal(1)
    expect(err).to.match(/cannot be read: permission denied \(EACCES\) \(run as a user who can read it, such as root\)\n$/) // prettier-ignore
  })
})
