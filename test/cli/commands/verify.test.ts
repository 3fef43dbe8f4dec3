// The command verify: its operands and flags reach the operation, and its output the right stream.
import {existsSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {inventory, type Item} from '../../native/inventory.js'
import {runProgram} from '../../native/programs.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command verify', () => {
  const temporary = temporaryDirectory()
  const store = (): string => join(temporary(), 'store')
  const verify = (...flags: string[]) => runProgram(['verify', '-b', store(), ...flags])

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    mkdirSync(join(temporary(), 'docs'))
    writeFileSync(join(temporary(), 'docs', 'letter'), 'Dear Ann')
    runProgram(['backup', '-b', store(), join(temporary(), 'docs')])
  })

  it('checks all snapshots, or those that are named', () => {
    for (const operands of [[], ['latest'], ['--read', 'all', 'oldest']]) {
      const {exit, out, err} = verify(...operands)
      expect({exit, err}).to.deep.equal({exit: 0, err: ''})
      expect(out).to.match(/^Checked 1 snapshot with \d entries\.$/m)
    }
    expect(verify('-q')).to.deep.include({exit: 0, out: '', err: ''})
  })

  it('reads with each flag that limits the reading', () => {
    for (const flags of [
      ['--for', '1m'],
      ['--older-than', '1d'],
      ['--bwlimit', '50M'],
    ]) {
      expect(verify(...flags).out).to.match(/^Read \d file/m)
    }
    expect(verify().out).not.to.match(/^Read /m)
  })

  it('prints one JSON object, the list last', () => {
    const object = JSON.parse(verify('--json', '--read', 'all').out) as object
    expect(object).to.deep.include({command: 'verify', format: 1, snapshots: 1, checked_inodes: 1})
    const keys = Object.keys(object)
    expect(keys.slice(0, 3)).to.deep.equal(['command', 'format', 'store'])
    expect(keys).to.include.members(['damaged_inodes', 'complete', 'recorded', 'damaged', 'exit'])
    expect(object).not.to.have.property('rotten')
    expect(JSON.parse(verify('--json', '--source').out)).to.have.property('rotten')
  })

  // The flags, and the beginning of the message.
  const mistakes: ReadonlyArray<[string[], RegExp]> = [
    [['--replica', '/mnt/usb'], /^cura-te-ipsum: --replica works only with --heal$/m],
    [['-n'], /^cura-te-ipsum: -n works only with --heal: without it, verify changes nothing$/m],
    [['--read', 'some'], /^cura-te-ipsum: --read "some" is not all, new, bad, /],
    [['--for', 'ever'], /^cura-te-ipsum: --for "ever" is not a period: /],
    [['--bwlimit', 'fast'], /^cura-te-ipsum: --bwlimit "fast" is not a size: /],
    [['latest:docs'], /only whole snapshots can be verified/],
    [['--host', 'web'], /^cura-te-ipsum: verify has no flag --host/],
  ]
  for (const [flags, message] of mistakes) {
    it(`refuses ${flags.join(' ')}`, () => {
      const {exit, out, err} = verify(...flags)
      expect({exit, out}).to.deep.equal({exit: 2, out: ''})
      expect(err).to.match(message)
    })
  }

  it('says that there is no such store or snapshot', () => {
    expect(runProgram(['verify', '-b', join(temporary(), 'none')])).to.include({exit: 10, out: ''})
    expect(verify('1999')).to.include({exit: 7, out: ''})
  })

  it('changes nothing but its own record', () => {
    const own = /^\.backup_(scrub|verify_lock)$/
    const inside = (): Item[] => inventory(store()).filter(({path}) => !own.test(path))
    const before = inside()
    expect(existsSync(join(store(), '.backup_scrub'))).to.equal(false)
    verify('--read', 'all', '--source')
    verify('--heal', '-n')
    expect(existsSync(join(store(), '.backup_scrub'))).to.equal(true)
    expect(inside()).to.deep.equal(before)
  })
})
