// The text and JSON of verify.
import {expect} from 'chai'
import type {Checked, Damage} from '../../src/native/native.js'
import type {VerifyResult} from '../../src/operations/verify.js'
import type {Rotten} from '../../src/operations/verify-sources.js'
import {damageJson, verifyJson, verifyReport} from '../../src/report/verify.js'
import {plainScreen} from '../../src/report/screen.js'

const checked: Checked = {
  entries: 1_204_332,
  inodes: 100_000,
  bytes: 400_000_000_000,
  checkedInodes: 8412,
  checkedBytes: 12_400_000_000,
  unreadInodes: 0,
  undigestedInodes: 0,
  oldest_s: 1_795_219_200,
  damagedInodes: 0,
  isPartial: false,
  gone: [],
  unrecorded: null,
  damages: 0,
  failures: {list: [], errors: 0, warnings: 0},
  notes: [],
}

const result: VerifyResult = {
  storeDir: '/mnt/backups',
  snapshots: 12,
  checked,
  damages: [],
  sources: null,
  heals: false,
  dryRun: false,
  reads: true,
  warnings: [],
  exit: 0,
}

const days = (many: number): string[] =>
  Array.from({length: many}, (_, at) => `2026-11-${String(at + 1).padStart(2, '0')}_10-00-00`)

const named = (snapshots: readonly string[], ...paths: string[]): Damage['paths'] =>
  paths.flatMap((path) => snapshots.map((snapshot) => ({snapshot, path: Buffer.from(path)})))

const photo: Damage = {
  kind: 'content',
  detail: '',
  sha256: 'a'.repeat(64),
  actualSha256: 'b'.repeat(64),
  bytes: 3_200_000,
  paths: named(days(12).reverse(), 'ann/photo.jpg'),
  healed: false,
  donor: null,
}

const healed: Damage = {
  ...photo,
  healed: true,
  donor: {kind: 'source', path: Buffer.from('/home/ann/photo.jpg')},
}

const rotten: Rotten = {
  path: Buffer.from('ann/photo.jpg'),
  live: Buffer.from('/home/ann/photo.jpg'),
  ...{bytes: 3, sha256: 'a'.repeat(64), actualSha256: 'b'.repeat(64), isStoredGood: true},
  snapshot: '2026-11-12_10-00-00',
  command: 'cura-te-ipsum restore …',
}
const sources = {files: 3, bytes: 9000, unknown: 0, rotten: [rotten], warnings: []}

const report = (changes: Partial<VerifyResult>, verbose = false, hasSigns = true) =>
  verifyReport({...result, ...changes}, {screen: {...plainScreen, hasSigns}, verbose})
const withChecked = (changes: Partial<Checked>): Partial<VerifyResult> => ({
  checked: {...checked, ...changes},
})

describe('report-verify', () => {
  it('says in three lines that all is well', () => {
    expect(report({})).to.deep.equal({
      summary:
        'Checked 12 snapshots with 1,204,332 entries.\n' +
        'Read 8,412 files (12.4 GB).\n' +
        '✓ nothing damaged\n',
      problems: '',
    })
    expect(report({}, false, false).summary).to.match(/\nnothing damaged\n$/)
  })

  it('speaks of reading only if something was to be read', () => {
    const none = {...withChecked({checkedInodes: 0, checkedBytes: 0}), reads: false}
    expect(report(none).summary).not.to.match(/Read/)
    expect(report({...none, reads: true}).summary).to.match(/^Read 0 files/m)
  })

  it('says how much is left', () => {
    const {summary} = report(withChecked({unreadInodes: 12_000, isPartial: true}))
    expect(summary).to.match(/^12,000 files were never read yet\.$/m)
    expect(summary).to.match(/^✓ nothing damaged in this slice$/m)
    expect(report(withChecked({unreadInodes: 1})).summary).to.match(
      /^1 file was never read yet\.$/m,
    )
    const {summary: other} = report(withChecked({undigestedInodes: 2}))
    expect(other).to.match(/^2 files had no recorded digest/m)
  })

  it('names damage with its first and last snapshot, and what to do', () => {
    const {summary, problems} = report({damages: [photo]})
    expect(summary).to.match(/\n✗ 1 damage found and not healed\n$/)
    expect(problems).to.equal(
      '✗ ann/photo.jpg: its content is damaged, 3.2 MB\n' +
        '    in 12 snapshots, 2026-11-01_10-00-00 to 2026-11-12_10-00-00\n' +
        '\nTo repair what can be repaired:\n' +
        '  cura-te-ipsum verify -b /mnt/backups --heal\n',
    )
    expect(report({damages: [photo]}, false, false).problems).to.match(/^damaged: ann\/photo\.jpg/)
  })

  it('names every snapshot and path with -v, and a few without', () => {
    const paths = named(days(3), 'ann/a', 'ann/b', 'ann/c', 'ann/d', 'ann/e\u001b')
    const few = report({damages: [{...photo, paths}]}).problems
    expect(few).to.match(/^ {4}also ann\/b in 3 snapshots, /m)
    expect(few).to.match(/^ {4}and 1 more path$/m)
    const all = report({damages: [{...photo, paths}]}, true).problems
    expect(all).to.include(`    also ann/e\\x1b in ${days(3).join(', ')}\n`)
    expect(all).not.to.match(/more path/)
  })

  it('shows 100 damages without -v', () => {
    const damages = Array.from({length: 130}, () => photo)
    expect(report({damages}).problems).to.match(/^and 30 more damages; -v lists all$/m)
    expect(report({damages}, true).problems.match(/^✗ ann/gm)).to.have.length(130)
  })

  // The kind, the detail, and the line.
  const kinds: ReadonlyArray<[Damage['kind'] | 'marker', string, RegExp]> = [
    ['unreadable', '', /^✗ ann\/a: the disk cannot read it/],
    [
      'replaced',
      'size 3 instead of 5',
      /^✗ ann\/a: it was replaced or cut \(size 3 instead of 5\)/,
    ],
    ['metadata', 'mode 644 instead of 600', /metadata changed \(mode 644 instead of 600\)/],
    ['missing', '', /: it is missing/],
    ['extra', '', /: the record does not have it/],
    ['links', '', /: its hardlinks are broken/],
    ['record', 'it is too short', /record of the snapshot is damaged \(it is too short\)/],
    ['marker', 'it cannot be read', /marker of the snapshot is damaged/],
  ]
  for (const [kind, detail, line] of kinds) {
    it(`describes damage of the kind ${kind}`, () => {
      const damage = {...photo, kind, detail, paths: named(days(1), 'ann/a')} as Damage
      expect(report({damages: [damage]}).problems).to.match(line)
    })
  }

  it('names a snapshot that is damaged as a whole', () => {
    const damage: Damage = {...photo, kind: 'record', bytes: 0, paths: named(days(1), '')}
    expect(report({damages: [damage]}).problems).to.match(
      /^✗ 2026-11-01_10-00-00: the record of the snapshot is damaged\n\n/,
    )
  })

  it('says what was healed, and from where', () => {
    const {summary, problems} = report({damages: [healed], heals: true})
    expect(problems).to.equal('')
    expect(summary).to.match(/^✓ ann\/photo\.jpg: its content is damaged, 3\.2 MB$/m)
    expect(summary).to.match(/^ {4}healed with the content of \/home\/ann\/photo\.jpg$/m)
    expect(summary).to.match(/\n✓ 1 damage healed\n$/)
    const some = report({damages: [healed, photo], heals: true})
    expect(some.summary).to.match(/\n✗ 1 damage found and not healed, 1 healed\n$/)
    expect(some.problems).to.match(/\nNo good copy was found for 1 damage\. .*--replica STORE/)
    const added = {...photo, kind: 'extra'} as const
    const other = report({damages: [added], heals: true})
    expect(other.problems).to.match(/\nNo copy can heal 1 damage: remove added names/)
    expect(other.problems).not.to.match(/--replica/)
    expect(report({damages: [photo], heals: true, dryRun: true}).problems).to.match(/--heal\n$/)
  })

  it('names a rotten source and the command that restores it', () => {
    const {summary, problems} = report({sources})
    expect(summary).to.match(/^Compared 3 live files \(9\.0 kB\) with the store\.$/m)
    expect(summary).to.match(/\n✗ 1 damage found and not healed\n$/)
    expect(problems).to.equal(
      '✗ /home/ann/photo.jpg: the source itself is damaged\n' +
        '    Its content changed, but size, date, ctime and inode did not.\n' +
        '    2026-11-12_10-00-00 still has the good content:\n' +
        '    cura-te-ipsum restore …\n',
    )
  })

  it('does not promise good content that the store does not have, or a command that cannot be', () => {
    const lost = {...rotten, isStoredGood: false, command: null}
    expect(report({sources: {...sources, rotten: [lost]}}).problems).to.match(
      /The stored copy in 2026-11-12_10-00-00 is damaged, too\.\n$/,
    )
    const nameless = {...rotten, command: null}
    expect(report({sources: {...sources, rotten: [nameless]}}).problems).to.match(
      /still has the good content, but no command can name this file/,
    )
  })

  it('prints warnings as problems, and what a healing could not keep', () => {
    expect(report({warnings: ['a was removed.']}).problems).to.equal(
      'cura-te-ipsum: a was removed.\n',
    )
    const notes = [{kind: 'xattr:lost', count: 2, path: Buffer.from('ann/a')}]
    expect(report(withChecked({notes})).summary).to.match(
      /^Extended attributes of 2 entries could not be healed, first ann\/a\.$/m,
    )
  })

  it('keeps lines short, apart from commands', () => {
    const undigested = withChecked({unreadInodes: 120_000, undigestedInodes: 120_000})
    const texts = [report({...undigested, damages: [photo], sources}), report({heals: true, damages: [photo]})] // prettier-ignore
    const lines = texts.flatMap(({summary, problems}) => `${summary}${problems}`.split('\n'))
    expect(lines.filter((line) => line.length > 80)).to.deep.equal([])
  })

  it('gives programs all keys', () => {
    expect(verifyJson({...result, sources})).to.deep.equal({
      store: '/mnt/backups',
      snapshots: 12,
      entries: 1_204_332,
      inodes: 100_000,
      bytes: 400_000_000_000,
      checked_inodes: 8412,
      checked_bytes: 12_400_000_000,
      unread_inodes: 0,
      undigested_inodes: 0,
      oldest_verification: '2026-11-21T00:00:00Z',
      damaged_inodes: 0,
      complete: true,
      recorded: true,
      healed: 0,
      compared_files: 3,
      compared_bytes: 9000,
      rotten: [
        {
          path: '/home/ann/photo.jpg',
          bytes: 3,
          sha256: 'a'.repeat(64),
          actual_sha256: 'b'.repeat(64),
          snapshot: '2026-11-12_10-00-00',
          command: 'cura-te-ipsum restore …',
        },
      ],
      warnings: [],
      errors: {count: 0, warnings: 0, list: []},
      notes: [],
    })
    const other = {
      ...result,
      ...withChecked({oldest_s: null, isPartial: true, unrecorded: 'EROFS'}),
    }
    expect(verifyJson(other)).to.deep.include({
      ...{oldest_verification: null, complete: false, recorded: false},
    })
    expect(verifyJson(result)).not.to.have.property('rotten')
  })

  it('gives programs each damage', () => {
    expect(damageJson({...healed, paths: named(days(1), 'ann/photo.jpg')})).to.deep.equal({
      kind: 'content',
      detail: '',
      sha256: 'a'.repeat(64),
      actual_sha256: 'b'.repeat(64),
      bytes: 3_200_000,
      paths: [{snapshot: '2026-11-01_10-00-00', path: 'ann/photo.jpg'}],
      healed: true,
      donor: {kind: 'source', path: '/home/ann/photo.jpg'},
    })
    const paths = [{snapshot: 'a', path: Buffer.from('\xff', 'latin1')}]
    expect(damageJson({...photo, paths})).to.deep.include({
      paths: [{snapshot: 'a', path: '\ufffd', path_b64: '/w=='}],
      donor: null,
    })
  })
})
