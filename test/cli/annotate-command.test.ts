// What pin, unpin and tag share: operands, selectors, the lock, forms of output.
import {mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {native} from '../../src/native/native.js'
import {runProgram} from '../native/programs.js'
import {makeByHand} from '../support/handmade.js'
import {temporaryDirectory} from '../support/temporary.js'

describe('annotate-command', () => {
  const temporary = temporaryDirectory()
  const store = (...names: string[]): string => join(temporary(), 'store', ...names)
  const run = (command: string, ...argv: string[]) => runProgram([command, '-b', store(), ...argv])

  const [old, middle, young] = ['2025-01-01', '2025-01-02', '2025-01-03'].map(
    (day) => `${day}_10-00-00`,
  )

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    for (const day of ['01', '02', '03']) {
      makeByHand(store(), `2025-01-${day}_10-00-00 @2025-01-${day}T10:00:00Z #day${day}`)
    }
  })

  it('takes several selectors and filters', () => {
    expect(run('pin', 'oldest', 'latest')).to.include({
      exit: 0,
      out: `${old}: pinned\n${young}: pinned\n`,
      err: '',
    })
    expect(run('unpin', 'latest', '--tag', 'day01').out).to.equal(`${old}: no longer pinned\n`)
    expect(run('pin', 'latest', '--at', '2025-01-02').out).to.equal(`${middle}: pinned\n`)
    expect(run('tag', '--add', 'a,b', '--add=c', '2025-01-03').out).to.equal(
      `${young}: tags day03, a, b, c\n`,
    )
  })

  it('prints one object with --json, and nothing with -q', () => {
    expect(JSON.parse(run('pin', '--json', 'latest').out)).to.deep.equal({
      ...{command: 'pin', format: 1, dry_run: false, exit: 0},
      snapshots: [{name: young, pinned: true, tags: ['day03']}],
    })
    expect(run('unpin', '-q', 'latest')).to.include({exit: 0, out: '', err: ''})
  })

  it('needs an operand', () => {
    for (const command of ['pin', 'unpin', 'tag'])
      expect(run(command)).to.include({exit: 2, out: ''})
  })

  it('refuses an unfinished snapshot with exit 6, and a missing store with exit 10', () => {
    const crashed = makeByHand(store(), '2025-01-04_10-00-00 unfinished')
    expect(run('pin', crashed)).to.include({exit: 6, out: ''})
    expect(runProgram(['pin', '-b', store('nowhere'), 'latest'])).to.include({exit: 10})
  })

  it('takes the lock, except in a dry run', () => {
    const opened = native().openStore(store())
    try {
      const taken = opened.tryLock(`${process.pid}\n`, `.backups_lock-${process.pid}-1`)
      expect(taken).to.include({state: 'created'})
      expect(run('pin', 'latest')).to.include({exit: 11, out: ''})
      expect(run('pin', '-n', 'latest')).to.include({exit: 0})
    } finally {
      opened.unlock()
      opened.close()
    }
    expect(readdirSync(store(young ?? ''))).not.to.include('.backup_pinned')
    expect(run('pin', 'latest')).to.include({exit: 0}) // the control
  })
})
