// The command status: a table for people, an object for programs, and no change to the store.
import {stripVTControlCharacters} from 'node:util'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import stringWidth from 'string-width'
import {dialogue} from '../../support/dialogue.js'
import {runProgram} from '../../native/programs.js'
import {makeByHand} from '../../support/handmade.js'
import {temporaryDirectory} from '../../support/temporary.js'
import {storedIn} from '../../support/stored.js'

describe('command status', () => {
  const temporary = temporaryDirectory()
  const store = (): string => join(temporary(), 'store')
  const status = (...flags: string[]) => runProgram(['status', '-b', store(), ...flags])
  const name = '2025-01-15_10-30-00'

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    makeByHand(store(), `${name} @2025-01-15T10:30:00Z`)
  })

  it('prints each snapshot, and nothing with -q', () => {
    const {exit, out, err} = status()
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    expect(out)
      .to.match(/^Store .* free/)
      .and.match(new RegExp(`^${name} `, 'm'))
    expect(status('-q')).to.include({exit: 0, out: '', err: ''})
    expect(storedIn(store())).to.deep.equal([name])
  })

  it('prints the same as one object with --json', () => {
    const {out} = status('--json', '--keep-last', '1')
    const {snapshots} = JSON.parse(out) as {snapshots: Array<{name: string; keep: boolean}>}
    expect(snapshots).to.have.lengthOf(1)
    expect(snapshots[0]).to.include({name, keep: true})
  })

  it('exits with 3 if the last good run is too old, and says so with -q', () => {
    expect(status('--max-age', '26h').exit).to.equal(3)
    const quiet = status('-q', '--max-age', '2s')
    expect(quiet).to.include({exit: 3, out: ''})
    expect(quiet.err).to.match(
      /^cura-te-ipsum: docs: no good run for .* \(--max-age allows 2 s\)\n$/,
    )
    expect(status('--max-age', '99999d').exit).to.equal(0)
    const {healthy, exit} = JSON.parse(status('--json', '--max-age', '1h').out) as {
      healthy: boolean
      exit: number
    }
    expect({healthy, exit}).to.deep.equal({healthy: false, exit: 3})
    expect(status('--max-age', '1y').exit).to.equal(2)
    expect(status('--source', 'none').exit).to.equal(7)
  })

  it('tells of the last run, which made no snapshot', () => {
    const docs = join(temporary(), 'docs')
    mkdirSync(docs)
    writeFileSync(join(docs, 'a'), 'a')
    for (let times = 0; times < 2; times += 1) {
      expect(runProgram(['backup', '-q', '-b', store(), docs]).exit).to.equal(0)
    }
    const {out} = status('--source', docs, '--max-age', '1h')
    expect(out).to.match(/^Last run \d\d:\d\d (today|yesterday), \d+ (s|min) ago: no changes$/m)
  })

  for (const [locale, last] of [
    ['C.UTF-8', /^✓ healthy · last snapshot \d/],
    ['C', /^healthy, last snapshot \d/],
  ] as const) {
    for (const columns of [40, 80, 120]) {
      it(`fits a terminal of ${columns} columns in the locale ${locale}`, () => {
        const tags = `#${'写真のバックアップ'.repeat(20)}`
        makeByHand(store(), `2025-01-16_10-30-00 @2025-01-16T10:30:00Z ${tags}`)
        const {out} = dialogue(['status', '-b', store()], [], {columns, locale})
        const lines = out.split('\n')
        const table = lines.slice(
          lines.findIndex((line) => line.startsWith('SNAPSHOT ')),
          -4,
        )
        expect(Math.max(...table.map((line) => stringWidth(line)))).to.be.at.most(columns)
        expect(table.join()).to.include(locale === 'C' ? '...' : '…')
        expect(table).to.have.length(3)
        expect(stripVTControlCharacters(lines.at(-2) ?? '')).to.match(last)
      })
    }
  }

  it('fails with 10 if there is no store', () => {
    const {exit, err} = runProgram(['status', '-b', join(temporary(), 'none')])
    expect(exit).to.equal(10)
    expect(err).to.match(/^cura-te-ipsum: .*none.*\n$/)
    const other = runProgram(['status', '-b', '/etc'])
    if (process.getuid?.() === 0) expect(other.exit).to.equal(10)
  })
})
