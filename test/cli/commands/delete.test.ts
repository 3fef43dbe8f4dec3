// The command delete: its operands and flags reach the operation, and its exit codes tell what happened.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {makeByHand} from '../../support/handmade.js'
import {temporaryDirectory} from '../../support/temporary.js'
import {storedIn} from '../../support/stored.js'

describe('command delete', () => {
  const temporary = temporaryDirectory()
  const store = (...below: string[]): string => join(temporary(), 'store', ...below)
  const run = (...flags: string[]) => runProgram(['delete', '-b', store(), ...flags])
  const names = ['2025-01-15_10-30-00', '2025-01-16_10-30-00', '2025-01-17_10-30-00']
  const [first = '', second = '', third = ''] = names
  const shown = (): string[] => storedIn(store()).sort()

  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    for (const name of names) makeByHand(store(), `${name} @${name.slice(0, 10)}T10:30:00Z`)
  })

  it('shows with -n what it deletes without', () => {
    const dry = run('-n', 'oldest', 'latest')
    expect(dry).to.include({exit: 0, err: ''})
    expect(dry.out).to.match(/^2025-01-15_10-30-00 +remove +chosen\n/m)
    expect(dry.out).to.match(/\nWould remove 2 snapshots: 6 entries, .* would be freed\.\n$/)
    expect(shown()).to.deep.equal(names)
    const {removed, ...rest} = JSON.parse(run('oldest', 'latest', '--json').out) as {
      removed: Record<string, unknown>
    }
    expect(removed)
      .to.include({entries: 6, inodes: 8})
      .and.deep.include({names: [first, third]})
    expect(rest).to.deep.include({command: 'delete', dry_run: false, kept: [], exit: 0})
    expect(shown()).to.deep.equal([second])
  })

  it('ends with 6 if a rule refuses it, and with 0 if --allow-last allows it', () => {
    writeFileSync(store(first, '.backup_pinned'), '')
    expect(run(first, second)).to.include({exit: 6, out: ''})
    expect(run(second, third)).to.include({exit: 0})
    expect(shown()).to.deep.equal([first])
    makeByHand(store(), `${second} @2025-01-16T10:30:00Z`)
    writeFileSync(store(third), 'no snapshot')
    expect(run(second)).to.include({exit: 0}) // the pinned one is left
    expect(shown()).to.deep.equal([first, third])
  })

  it('deletes the last snapshot only with --allow-last', () => {
    expect(run(first, second)).to.include({exit: 0})
    expect(run(third).err).to.match(/^cura-te-ipsum: this would delete the last snapshot of docs: /)
    expect(run(third)).to.include({exit: 6, out: ''})
    expect(run('--allow-last', third)).to.include({exit: 0, err: ''})
    expect(shown()).to.deep.equal([])
  })

  it('retires a source with --all --source', () => {
    mkdirSync(store(second, 'other'))
    const {exit, out} = run('--all', '--source', 'docs')
    expect(exit).to.equal(3)
    expect(out).to.match(/\nKept because it holds other sources as well: 2025-01-16_10-30-00\.\n$/)
    expect(shown()).to.deep.equal([second])
    expect(run('--all')).to.include({exit: 2, out: ''})
    expect(run()).to.include({exit: 2, out: ''})
  })
})
