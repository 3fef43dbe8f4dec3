// What the program answers to words of other programs, and to typos.
import {expect} from 'chai'
import {
  noStoreGiven,
  orList,
  refuseLateCommand,
  unknownCommand,
  unknownFlag,
} from '../../src/cli/hints.js'

const flags = ['backups-dir', 'dry-run', 'keep-all', 'keep-daily', 'keep-last', 'quiet', 'tag']

describe('hints', () => {
  // The word, and what the answer names.
  const commands: ReadonlyArray<[string, RegExp]> = [
    ['check', /There is no command check: verify -b STORE .* --read all .* --heal /],
    ['scrub', /verify -b STORE/],
    ['forget', /prune .* delete /],
    ['stats', /status .* size /],
    ['mount', /a snapshot is a directory: open STORE\/SNAPSHOT/],
    ['init', /mkdir -m 700 STORE/],
    ['unlock', /--force/],
    ['list', /snapshots lists .* ls /],
    ['create', /backup makes/],
    ['extract', /restore brings/],
    ['key', /not encrypted/],
    ['daily', /--keep-daily 30d/],
    ['statsu', /"statsu": did you mean status\?$/],
    ['snap', /did you mean snapshots\?$/],
    ['hist', /did you mean history\?$/],
    ['frobnicate', /"frobnicate": cura-te-ipsum --help lists the commands\.$/],
    ['\u001b[2J', /^[ -~]+$/],
    ['test', /To back up that path, write: cura-te-ipsum backup -b STORE test$/],
  ]
  for (const [word, answer] of commands) {
    it(`answers ${JSON.stringify(word)}`, () => {
      expect(unknownCommand(word)).to.include({code: 'usage'})
      expect(unknownCommand(word).message).to.match(answer)
    })
  }

  // The flag, and what the answer names.
  const wrongFlags: ReadonlyArray<[string, RegExp]> = [
    ['-r', /backup has no flag -r: the store is given by -b STORE\.$/],
    ['--repo', /-b STORE/],
    ['--keep-within', /--keep-all 7d/],
    ['--compression', /without compression/],
    ['-a', /always kept/],
    ['--dry', /did you mean --dry-run\?$/],
    ['--keep', /did you mean --keep-all, --keep-daily or --keep-last\?$/],
    ['--qiuet', /did you mean --quiet\?$/],
    ['--bogus', /cura-te-ipsum backup --help lists its flags\.$/],
    ['-z\u001b', /^[ -~]+$/],
  ]
  for (const [flag, answer] of wrongFlags) {
    it(`answers ${JSON.stringify(flag)}`, () => {
      expect(unknownFlag(flag, 'backup', flags).message).to.match(answer)
    })
  }

  it('finds a command behind the flags, but no directory of that name', () => {
    expect(() => {
      refuseLateCommand(['docs', 'status'])
    }).to.throw(/no such source: status\. .*cura-te-ipsum status \.\.\.$/)
    refuseLateCommand(['docs', 'test', 'frob'])
  })

  it('says that a variable of another program is not read', () => {
    expect(noStoreGiven({}).message).to.equal(
      'No store given: add -b STORE, or set CURA_BACKUPS_DIR.',
    )
    expect(noStoreGiven({RESTIC_REPOSITORY: '/x'}).message).to.match(
      /CURA_BACKUPS_DIR\. RESTIC_REPOSITORY belongs to another program\.$/,
    )
  })

  it('joins words', () => {
    expect([['a'], ['a', 'b'], ['a', 'b', 'c']].map(orList)).to.deep.equal([
      'a',
      'a or b',
      'a, b or c',
    ])
  })
})
