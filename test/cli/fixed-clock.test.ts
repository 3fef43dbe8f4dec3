// The built program with a fixed clock, on stores made by hand.
import {mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {withLock} from '../../src/store/lock.js'
import {openStore} from '../../src/store/store.js'
import {atTime, hasFaketime} from '../support/clock.js'
import {makeByHand} from '../support/handmade.js'
import {runProgram, type Run} from '../native/programs.js'
import {sh, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

interface VerdictJson {
  readonly name: string
  readonly instant: string
  readonly keep: boolean
  readonly reasons: readonly string[]
}

interface PruneJson {
  readonly snapshots: readonly VerdictJson[]
  readonly removed: {readonly names: readonly string[]}
  readonly exit: number
}

interface BackupJson {
  readonly made: boolean
  readonly differs: boolean
  readonly snapshot: string | null
  readonly previous: string | null
  readonly future: readonly string[]
  readonly pruned: {readonly names: readonly string[]} | null
  readonly exit: number
}

/** A title, the clock and its zone, the flags, then the snapshots newest first: '+' is kept. */
type Case = readonly [string, string, string, string, readonly string[]]

const noon = '2025-06-15 12:00:00' // a Sunday
const berlin = 'Europe/Berlin'

const cases: readonly Case[] = [
  [
    'the newest after 100 idle days, although no rule reaches it',
    noon,
    'UTC',
    '--keep-all 7d --keep-daily 30d',
    ['+2025-03-07_18-00-00', '-2025-03-07_09-00-00', '-20250306_090000'],
  ],
  [
    'the only one, years old',
    noon,
    'UTC',
    '--keep-last 1',
    ['+20150101_090000', '+20140101_090000 unfinished'],
  ],
  [
    'the last days of 2024 in the first week of 2025, not in the first week of 2024',
    '2025-01-15 12:00:00',
    'UTC',
    '--keep-weekly 60w',
    [
      '+2025-01-14_09-00-00',
      '+20250113_090000',
      '-2025-01-05_09-00-00',
      '-20250101_090000',
      '+2024-12-31_09-00-00',
      '-2024-12-29_09-00-00',
      '+20241223_090000',
      '-2024-01-03_09-00-00',
      '+2024-01-02_09-00-00',
    ],
  ],
  [
    'week 10 of two years apart',
    '2025-03-20 12:00:00',
    'UTC',
    '--keep-weekly 104w',
    [
      '+2025-03-20_09-00-00',
      '-2025-03-09_09-00-00',
      '+20250304_090000',
      '-2024-03-06_09-00-00',
      '+20240305_090000',
    ],
  ],
  [
    'the first of a period, wherever the next rule begins',
    noon,
    'UTC',
    '--keep-all 7d --keep-daily 30d --keep-weekly 52w',
    [
      '+2025-06-15_09-00-00',
      '+2025-06-08_18-00-00', // all begins with this day
      '+2025-06-08_09-00-00',
      '-2025-06-07_18-00-00',
      '+2025-06-07_09-00-00',
      '+20250516_090000', // daily begins with this day
      '-20250515_180000',
      '-20250515_090000',
      '+20250514_090000', // the first of its week, which has a daily one too
      '-20250511_090000',
      '+20250505_090000',
    ],
  ],
  [
    'both forms, pinned, tagged and unfinished ones by the same rules',
    noon,
    'UTC',
    '--keep-daily 2d --keep-tag gold',
    [
      '+2025-06-15_09-00-00 @2025-06-15T09:00:00Z',
      '-2025-06-14_18-00-00',
      '+20250614_090000',
      '+2025-06-13_18-00-00 unfinished',
      '+2025-06-13_09-00-00 @2025-06-13T09:00:00Z',
      '+2025-06-01_09-00-00 @2025-06-01T09:00:00Z #gold',
      '-2025-05-31_09-00-00 @2025-05-31T09:00:00Z #silver',
      '+2025-05-30_09-00-00 pinned',
      '+20250529_090000 unfinished',
      '-20250528_090000',
    ],
  ],
  [
    'snapshots dated in the future, which use no slot',
    noon,
    'UTC',
    '--keep-last 2',
    [
      '+2100-01-01_00-00-00',
      '+20991231_000000',
      '+2025-06-15_11-00-00 @2025-06-15T12:10:00Z',
      '+2025-06-15_12-00-00 @2025-06-15T12:00:00Z', // not after now
      '+2025-06-15_10-00-00 @2025-06-15T10:00:00Z',
      '-2025-06-15_09-00-00 @2025-06-15T09:00:00Z',
    ],
  ],
  [
    'days by UTC',
    '2025-01-20 12:00:00',
    'UTC',
    '--keep-daily 30d',
    [
      '+2025-01-20_00-00-00 @2025-01-20T00:00:00Z',
      '-2025-01-11_00-30-00 @2025-01-10T23:30:00Z',
      '+2025-01-10_23-30-00 @2025-01-10T22:30:00Z',
    ],
  ],
  [
    'the same by days in another zone',
    '2025-01-20 12:00:00',
    berlin,
    '--keep-daily 30d',
    [
      '+2025-01-20_00-00-00 @2025-01-20T00:00:00Z',
      '+2025-01-11_00-30-00 @2025-01-10T23:30:00Z',
      '+2025-01-10_23-30-00 @2025-01-10T22:30:00Z',
    ],
  ],
  [
    'a day of 23 hours as one',
    '2025-03-31 12:00:00',
    berlin,
    '--keep-daily 1d',
    [
      '+2025-03-31_00-00-00',
      '-2025-03-30_23-59-59',
      '-2025-03-30_03-00-00 @2025-03-30T01:00:00Z',
      '-2025-03-30_01-59-59 @2025-03-30T00:59:59Z',
      '+2025-03-30_00-00-00',
      '-2025-03-29_23-59-59',
    ],
  ],
  [
    'a day of 25 hours as one',
    '2025-10-27 12:00:00',
    berlin,
    '--keep-daily 1d',
    [
      '+2025-10-27_00-00-00',
      '-2025-10-26_23-59-59',
      '-2025-10-26_02-30-01 @2025-10-26T01:30:01Z',
      '-2025-10-26_02-30-00 @2025-10-26T00:30:00Z',
      '+2025-10-26_00-00-00',
      '-2025-10-25_23-59-59',
    ],
  ],
  [
    'an hour that occurs twice as two hours',
    '2025-10-26 12:00:00',
    berlin,
    '--keep-hourly 24h',
    [
      '+2025-10-26_02-30-01 @2025-10-26T01:30:01Z',
      '-2025-10-26_02-40-00 @2025-10-26T00:40:00Z',
      '+2025-10-26_02-30-00 @2025-10-26T00:30:00Z',
    ],
  ],
]

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '')
const nameIn = (line: string): string => line.slice(1).split(' ')[0] ?? ''
const stays = (line: string): boolean => line.startsWith('+')

describe('under a fixed clock (needs faketime)', () => {
  const {docs, store, path, storeInventory} = workshop()

  before(function () {
    if (!hasFaketime) this.skip()
  })

  const shown = (): string[] => storedIn(store()).sort()
  const run = (clock: string, zone: string, ...argv: string[]): Run =>
    runProgram(argv, {under: atTime(clock, zone)})

  function prune(clock: string, zone: string, ...argv: string[]): PruneJson {
    const {exit, out, err} = run(clock, zone, 'prune', '-b', store(), '--json', ...argv)
    expect(exit, err + out).to.equal(0)
    return JSON.parse(out) as PruneJson
  }

  function backUp(clock: string, ...argv: string[]): BackupJson {
    const {exit, out, err} = run(clock, 'UTC', 'backup', '-b', store(), '--json', ...argv)
    expect(exit, err + out).to.equal(0)
    return JSON.parse(out) as BackupJson
  }

  const keptBy = ({snapshots}: PruneJson): string[] =>
    snapshots
      .filter(({keep}) => keep)
      .map(({name}) => name)
      .sort()

  for (const [title, clock, zone, flags, lines] of cases) {
    it(`keeps ${title}`, () => {
      for (const line of lines) makeByHand(store(), line.slice(1))
      const {snapshots, removed} = prune(clock, zone, ...words(flags))
      const pictured = snapshots.map(({keep, name}) => (keep ? '+' : '-') + name)
      expect(pictured).to.deep.equal(lines.map((line) => line.slice(0, 1) + nameIn(line)))
      const gone = lines.filter((line) => !stays(line)).map(nameIn)
      expect(removed.names).to.have.members(gone)
      expect(shown()).to.deep.equal(lines.filter(stays).map(nameIn).sort())
    })
  }

  /** Names of all days between two days, in the form of their year. */
  function days(first: string, last: string, step = 1): string[] {
    const names: string[] = []
    for (let day = Date.parse(first); day <= Date.parse(last); day += step * 86_400_000) {
      const text = new Date(day).toISOString().slice(0, 10)
      const old = text < '2023'
      names.push(old ? `${text.replaceAll('-', '')}_030000` : `${text}_03-00-00`)
    }
    return names
  }

  it('keeps 96 of six years of daily snapshots by default, and removes no more in a second run', () => {
    for (const name of days('2019-06-16', '2025-06-15')) makeByHand(store(), name)
    const firsts = (...dates: string[]): string[] => dates.flatMap((date) => days(date, date))
    const wanted = [
      // all 7d, daily 30d: 31 days.
      ...days('2025-05-16', '2025-06-15'),
      // weekly 52w: the 49 Mondays before them; the 1st of July was one.
      ...days('2024-06-10', '2025-05-12', 7),
      // monthly 12m
      ...firsts('2024-06-01', '2024-08-01', '2024-09-01', '2024-10-01', '2024-11-01', '2024-12-01'),
      ...firsts('2025-01-01', '2025-02-01', '2025-03-01', '2025-04-01', '2025-05-01'),
      // yearly 5y
      ...firsts('2020-01-01', '2021-01-01', '2022-01-01', '2023-01-01', '2024-01-01'),
    ].sort()
    expect(wanted).to.have.lengthOf(96)
    const status = JSON.parse(run(noon, 'UTC', 'status', '-b', store(), '--json').out) as PruneJson
    expect(keptBy(status)).to.deep.equal(wanted)
    const first = prune(noon, 'UTC')
    expect(first.snapshots).to.have.lengthOf(2192)
    expect(keptBy(first)).to.deep.equal(wanted)
    expect(shown()).to.deep.equal(wanted)
    const reasons = new Map(first.snapshots.map(({name, reasons: texts}) => [name, texts]))
    expect(reasons.get('2025-06-15_03-00-00')).to.deep.equal([
      'newest',
      'last 10',
      'all 7d',
      'daily 30d',
    ])
    expect(reasons.get('2025-06-09_03-00-00')).to.deep.equal([
      'last 10',
      'all 7d',
      'daily 30d',
      'weekly 52w',
    ])
    expect(reasons.get('2025-01-01_03-00-00')).to.deep.equal(['monthly 12m', 'yearly 5y'])
    expect(reasons.get('20200101_030000')).to.deep.equal(['yearly 5y'])
    expect(reasons.get('20200102_030000')).to.deep.equal(['no rule keeps it'])
    expect(prune(noon, 'UTC').removed.names).to.deep.equal([])
    expect(shown()).to.deep.equal(wanted)
  }).timeout(120_000)

  it('gives the same verdicts at any time of day', () => {
    for (const name of days('2024-05-01', '2025-06-14')) makeByHand(store(), name)
    const verdicts = ['00:01:00', '12:00:00', '23:59:00'].map(
      (time) => prune(`2025-06-15 ${time}`, 'UTC', '-n').snapshots,
    )
    expect(verdicts[1]).to.deep.equal(verdicts[0])
    expect(verdicts[2]).to.deep.equal(verdicts[0])
    const next = prune('2025-06-16 00:01:00', 'UTC', '-n').snapshots
    expect(next, 'the control: a day later the verdict differs').not.to.deep.equal(verdicts[0])
  })

  it('judges winter snapshots in summer as in winter', () => {
    const made = [
      '2025-01-10_00-30-00 @2025-01-09T23:30:00Z',
      '2025-01-10_23-30-00 @2025-01-10T22:30:00Z',
      '2025-01-11_00-15-00 @2025-01-10T23:15:00Z',
      '2025-01-11_23-45-00 @2025-01-11T22:45:00Z',
      '20250112_001500',
      '20250112_234500',
      '2025-01-19_12-00-00',
    ]
    for (const line of made) makeByHand(store(), line)
    const kept = ['2025-01-20 12:00:00', '2025-06-15 12:00:00'].map((clock) =>
      keptBy(prune(clock, berlin, '-n', '--keep-daily', '400d')),
    )
    expect(kept[0]).to.deep.equal([
      '2025-01-10_00-30-00',
      '2025-01-11_00-15-00',
      '2025-01-19_12-00-00',
      '20250112_001500',
    ])
    expect(kept[1]).to.deep.equal(kept[0])
  })

  describe('backup', () => {
    const expired = '2025-01-02_09-00-00'
    const oldExpired = '20250103_090000'

    beforeEach(() => {
      for (const name of [expired, oldExpired]) makeByHand(store(), name)
      writeFileSync(docs('a.txt'), 'a')
    })

    it('publishes first and then removes, with and without the name of the command', () => {
      const calls = path('calls')
      const trace = ['strace', '-f', '-qq', '-o', calls, '-e', 'trace=renameat2']
      const argv = ['-b', store(), docs(), '--keep-last', '1']
      const {exit, out, err} = runProgram(argv, {under: [...trace, ...atTime(noon)]})
      expect({exit, err}, out).to.deep.equal({exit: 0, err: ''})
      expect(out).to.match(/^Snapshot 2025-06-15_12-00-00 is complete: .*\n/)
      expect(out).to.match(/Removed 2 snapshots: .* They are: 2025-01-02.*, 20250103_090000\.\n$/)
      const moved = sh(
        'sed',
        '-En',
        's/.*renameat2\\([^"]*"([^"]*)", [^"]*"([^"]*)".*/\\1 \\2/p',
        calls,
      )
      expect(moved.trim().split('\n')).to.deep.equal([
        '.partial-2025-06-15_12-00-00 2025-06-15_12-00-00',
        `${expired} .trash-${expired}`,
        `${oldExpired} .trash-${oldExpired}`,
      ])
      expect(shown()).to.deep.equal(['2025-06-15_12-00-00'])
      writeFileSync(docs('b.txt'), 'b')
      const later = backUp('2025-06-16 12:00:00', docs(), '--keep-last', '1')
      expect(later).to.deep.include({made: true, previous: '2025-06-15_12-00-00'})
      expect(later.pruned?.names).to.deep.equal(['2025-06-15_12-00-00'])
      expect(shown()).to.deep.equal(['2025-06-16_12-00-00'])
    })

    it('prunes even if nothing has changed', () => {
      const made = backUp(noon, docs(), '--no-prune')
      const again = backUp('2025-06-15 13:00:00', docs(), '--keep-all', '7d', '--keep-yearly', '5y')
      expect(again).to.include({made: false, differs: false, snapshot: null})
      // The first of 2025 is kept.
      expect(again.pruned?.names).to.deep.equal([oldExpired])
      expect(shown()).to.deep.equal([expired, made.snapshot])
    })

    it('keeps the last ten by the default policy, even if the clock is far ahead', () => {
      const days = Array.from(
        {length: 12},
        (_, day) => `2025-06-${String(day + 1).padStart(2, '0')}`,
      )
      for (const day of days) {
        writeFileSync(docs('b.txt'), day)
        backUp(`${day} 12:00:00`, docs(), '--no-prune')
      }
      writeFileSync(docs('b.txt'), 'ahead')
      const ahead = backUp('2036-06-15 12:00:00', docs())
      const kept = days.slice(3).map((day) => `${day}_12-00-00`)
      expect(shown()).to.deep.equal([...kept, '2036-06-15_12-00-00'])
      // When the clock is right again, that one is dated in the future and does not count.
      writeFileSync(docs('b.txt'), 'right')
      expect(backUp('2025-06-15 12:00:00', docs()).pruned?.names).to.deep.equal([])
      expect(ahead.pruned?.names).to.include.members(
        days.slice(0, 3).map((day) => `${day}_12-00-00`),
      )
    })

    it('removes nothing with --no-prune', () => {
      const result = backUp(noon, docs(), '--no-prune', '--keep-last', '1')
      expect(result).to.include({made: true, pruned: null})
      expect(shown()).to.deep.equal([expired, '2025-06-15_12-00-00', oldExpired])
    })

    it('shows both with -n, and changes nothing', () => {
      const before = storeInventory()
      const argv = ['-b', store(), docs(), '-n', '--keep-last', '1']
      const dry = JSON.parse(run(noon, 'UTC', ...argv, '--json').out) as BackupJson
      expect(dry).to.include({made: false, differs: true, snapshot: null})
      expect(dry.pruned?.names).to.deep.equal([expired, oldExpired])
      const {out} = run(noon, 'UTC', ...argv)
      expect(out)
        .to.match(/^Would make a snapshot of .*/m)
        .and.match(/^Would remove 2 snapshots: /m)
      expect(storeInventory()).to.deep.equal(before)
      expect(
        backUp(noon, docs(), '--keep-last', '1').pruned?.names,
        'as the dry run reported',
      ).to.deep.equal(dry.pruned?.names)
    })

    it('prunes nothing if it fails', async () => {
      backUp(noon, docs(), '--no-prune')
      rmSync(docs('a.txt'))
      const before = storeInventory()
      const fails = (source: string, exit: number, message: RegExp): void => {
        const argv = ['-b', store(), source, '--keep-last', '1']
        const result = run('2025-06-16 12:00:00', 'UTC', ...argv)
        expect(result.err).to.match(message)
        expect(result).to.include({exit, out: ''})
        expect(storeInventory(), message.source).to.deep.equal(before)
      }
      fails(path('none'), 1, /there is no such source/)
      fails(docs(), 1, /is empty now, but had 1 entry/)
      writeFileSync(docs('a.txt'), 'other')
      const opened = openStore(store())
      const options = {force: false, now: new Date(), signal: new AbortController().signal}
      await withLock(opened, options, () => {
        fails(docs(), 11, /Another run has been running since/)
        return Promise.resolve()
      })
      opened.close()
      const pruned = backUp('2025-06-16 12:00:00', docs(), '--keep-last', '1').pruned
      expect(pruned?.names, 'the control: they would have been').to.include(expired)
    })

    it('never links against a snapshot from the future, and reports it', () => {
      const real = String(backUp(noon, docs(), '--no-prune').snapshot)
      const ahead = '2025-06-15_13-50-00'
      const far = '2100-01-01_00-00-00'
      // Both have the contents of the source, so linking against them would be tempting.
      for (const name of [ahead, far]) {
        sh('cp', '-a', store(real), store(name))
        writeFileSync(store(name, '.backup_finished'), '')
      }
      // 13:50 is ten minutes ahead.
      const clock = '2025-06-15 13:40:00'
      writeFileSync(docs('b.txt'), 'b')
      const argv = ['-b', store(), docs(), '--keep-last', '1', '--json']
      const {exit, out} = run(clock, 'UTC', ...argv)
      expect(exit).to.equal(0)
      const result = JSON.parse(out) as BackupJson
      expect(result).to.deep.include({
        made: true,
        previous: real,
        future: [far, ahead],
      })
      expect(result.pruned?.names).to.deep.equal([expired, oldExpired, real])
      expect(shown()).to.deep.equal(['2025-06-15_13-40-00', ahead, far])
      const again = run(clock, 'UTC', '-b', store(), docs())
      expect(again.err).to.match(/^2100-01-01_00-00-00 is dated in the future and was ignored: /)
      const status = JSON.parse(run(clock, 'UTC', 'status', '-b', store(), '--json').out) as object
      expect(status).to.have.nested.property('last_success.name', '2025-06-15_13-40-00')
    })
  })

  describe('prune', () => {
    it('prints each snapshot with its verdict and reasons, as JSON and text; -n changes nothing', () => {
      const instants = ['2025-06-15_09-00-00', '2025-06-01_09-00-00 pinned', '20240101_090000']
      for (const line of instants) makeByHand(store(), line)
      const before = storeInventory()
      const result = prune(noon, 'UTC', '-n', '--keep-last', '1')
      const verdict = (name: string, instant: string, keep: boolean, ...reasons: string[]) => ({
        name,
        instant,
        keep,
        reasons,
      })
      expect(result.snapshots).to.deep.equal([
        verdict('2025-06-15_09-00-00', '2025-06-15T09:00:00.000Z', true, 'newest', 'last 1'),
        verdict('2025-06-01_09-00-00', '2025-06-01T09:00:00.000Z', true, 'pinned'),
        verdict('20240101_090000', '2024-01-01T09:00:00.000Z', false, 'no rule keeps it'),
      ])
      const {out} = run(noon, 'UTC', 'prune', '-n', '-b', store(), '--keep-last', '1')
      const [summary, ...table] = out.trimEnd().split('\n').reverse()
      expect(table.reverse().map((line) => line.split(/ {2,}/))).to.deep.equal([
        ['Snapshot', 'Verdict', 'Because'],
        ['20240101_090000', 'remove', 'no rule keeps it'],
        ['2025-06-01_09-00-00', 'keep', 'pinned'],
        ['2025-06-15_09-00-00', 'keep', 'newest, last 1'],
        [''],
      ])
      expect(summary).to.match(/^Would remove 1 snapshot: \d entries, .* would be freed\.$/)
      expect(storeInventory()).to.deep.equal(before)
    })

    // The flags, the exit code, the message.
    const refused: ReadonlyArray<[string, number, RegExp]> = [
      ['--keep-last 0 --keep-yearly 0y', 2, /these flags would remove everything/],
      ['--keep-daily 30x', 2, /--keep-daily "30x" is neither a count such as 7/],
      ['--keep-last 7d', 2, /--keep-last "7d" is not a count such as 7 .*--keep-all/],
      ['--keep-hourly', 2, /--keep-hourly needs a value/],
    ]
    for (const [flags, exit, message] of refused) {
      it(`refuses ${flags} with ${exit}`, () => {
        makeByHand(store(), '2025-01-02_09-00-00')
        makeByHand(store(), '2025-01-01_09-00-00')
        const result = runProgram(['prune', '-b', store(), ...words(flags)])
        expect(result.err).to.match(message)
        expect(result).to.include({exit, out: ''})
        expect(shown()).to.have.lengthOf(2)
      })
    }

    it('reports a missing store, or that another run holds the lock', async () => {
      expect(runProgram(['prune', '-b', path('none')])).to.include({exit: 10, out: ''})
      makeByHand(store(), '2025-01-02_09-00-00')
      makeByHand(store(), '2025-01-01_09-00-00')
      const opened = openStore(store())
      const options = {force: false, now: new Date(), signal: new AbortController().signal}
      await withLock(opened, options, () => {
        const argv = ['prune', '-b', store(), '--keep-last', '1']
        expect(runProgram(argv)).to.include({exit: 11, out: ''})
        expect(runProgram([...argv, '-n']), 'a dry run takes no lock').to.include({exit: 0})
        return Promise.resolve()
      })
      opened.close()
      expect(shown()).to.have.lengthOf(2)
    })
  })

  it('never touches anything that is not a snapshot', () => {
    makeByHand(store(), '2025-06-15_09-00-00')
    makeByHand(store(), '2025-06-14_09-00-00')
    for (const name of ['lost+found', '2025-13-01_00-00-00', '2025-06-14', 'notes']) {
      mkdirSync(store(name))
    }
    writeFileSync(store('2025-06-13_09-00-00'), '')
    symlinkSync('notes', store('2025-06-12_09-00-00'))
    prune(noon, 'UTC', '--keep-last', '1')
    expect(shown()).to.deep.equal([
      '2025-06-12_09-00-00',
      '2025-06-13_09-00-00',
      '2025-06-14',
      '2025-06-15_09-00-00',
      '2025-13-01_00-00-00',
      'lost+found',
      'notes',
    ])
  })
})
