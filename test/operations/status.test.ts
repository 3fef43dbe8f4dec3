// The operation `status`: the last success, the lock, leftovers and hints. It writes nothing.
import {mkdirSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {status} from '../../src/operations/status.js'
import {policyFrom} from '../../src/retention/policy.js'
import {localZone} from '../../src/retention/retention.js'
import {inventory} from '../native/inventory.js'
import {workshop} from '../native/workshop.js'

const now = new Date(2025, 0, 20, 12, 0, 0)
const policy = policyFrom({'keep-last': '1'})

describe('status', () => {
  const {store, path} = workshop()
  const look = (storeDir = store(), rest: Partial<Parameters<typeof status>[0]> = {}) =>
    status({storeDir, now, policy, zone: localZone, ...rest})

  /** A snapshot of `docs` by the machine with that id, or an unfinished one. */
  function make(name: string, hostId: string | null): void {
    mkdirSync(store(name, 'docs'), {recursive: true})
    if (hostId === null) return
    const start = new Date(`${name.slice(0, 10)}T${name.slice(11).replaceAll('-', ':')}`)
    const time = start.toISOString()
    const sources = [{name: 'docs', path: '/docs'}]
    const marker = {format: 1, start: time, end: time, host: 'pod', host_id: hostId, sources}
    writeFileSync(store(name, '.backup_finished'), JSON.stringify(marker))
  }

  it('finds nothing in an empty store', () => {
    const {verdicts, hints, leftovers, lastSnapshot, lastRun, lock, space, exit} = look()
    expect({verdicts, hints, leftovers, lastSnapshot, lastRun, lock, exit}).to.deep.equal({
      ...{verdicts: [], hints: [], leftovers: [], lastSnapshot: null, lastRun: null, lock: null},
      exit: 3,
    })
    expect(space.totalBytes).to.be.above(0)
    expect(space.availableBytes).to.be.at.most(space.freeBytes)
  })

  it('reports what prune would do, and when the last backup succeeded', () => {
    make('2025-01-20_11-00-00', null)
    make('2025-01-19_12-00-00', '1')
    make('2025-01-18_12-00-00', '1')
    mkdirSync(store('.trash-2025-01-01_00-00-00'))
    const before = inventory(store())
    const {verdicts, lastSnapshot, leftovers} = look()
    expect(verdicts.map(({snapshot: {name}, keep}) => `${keep ? '+' : '-'}${name}`)).to.deep.equal([
      '+2025-01-20_11-00-00',
      '+2025-01-19_12-00-00',
      '-2025-01-18_12-00-00',
    ])
    expect(lastSnapshot).to.deep.include({name: '2025-01-19_12-00-00', age_ms: 86_400_000})
    expect(leftovers).to.deep.equal(['.trash-2025-01-01_00-00-00'])
    expect(inventory(store())).to.deep.equal(before)
  })

  it('names the owner of the lock', () => {
    writeFileSync(store('.backups_lock'), '999999999\n')
    expect(look().lock).to.deep.include({state: 'stale'})
    writeFileSync(store('.backups_lock'), `${process.ppid}\n`)
    expect(look().lock).to.deep.include({state: 'held'}).and.to.have.nested.property('owner.pid')
  })

  it('reports a lock that is not a file', () => {
    mkdirSync(store('.backups_lock'))
    expect(look().lock).to.deep.equal({state: 'odd', owner: null})
  })

  it('suggests a name for a machine whose id changes', () => {
    for (const day of [1, 2]) make(`2025-01-0${day}_12-00-00`, String(day).repeat(32))
    expect(look().hints).to.deep.equal([]) // two may be two machines
    make('2025-01-03_12-00-00', '3'.repeat(32))
    expect(look().hints.join()).to.match(/^3 histories of docs have one snapshot each\. .*--host/)
  })

  it('suggests separate ids for cloned machines', () => {
    const id = '1'.repeat(32)
    for (const [day, host] of [[1, 'a'], [2, 'b'], [3, 'a']] as const) {
      const name = `2025-01-0${day}_12-00-00`
      make(name, id)
      const time = `${name.slice(0, 10)}T12:00:00.000Z`
      const sources = [{name: 'docs', path: '/docs'}]
      const marker = {format: 1, start: time, end: time, host, host_id: id, sources}
      writeFileSync(store(name, '.backup_finished'), JSON.stringify(marker))
    } // prettier-ignore
    expect(look().hints.join()).to.match(/^a and b share the machine id 1{32} /)
  })

  it('is not healthy with a damaged snapshot, a blocked lock, or none at all', () => {
    const grave = (): string[] =>
      look()
        .problems.filter(({isGrave}) => isGrave)
        .map(({text}) => text)
    expect(grave().join()).to.match(/^there is no finished snapshot yet$/)
    make('2025-01-19_12-00-00', '1')
    expect(look()).to.deep.include({problems: [], exit: 0})
    make('2025-01-18_12-00-00', '1')
    writeFileSync(store('2025-01-18_12-00-00', '.backup_finished'), 'damaged')
    expect(grave().join()).to.match(/^the marker of 2025-01-18_12-00-00 is damaged/)
    writeFileSync(store('2025-01-19_12-00-00', '.backup_tags'), 'damaged')
    expect(grave().join()).to.match(/the file \.backup_tags of 2025-01-19_12-00-00 is damaged/)
    mkdirSync(store('.backups_lock'))
    expect(grave()).to.have.length(3)
    expect(look().exit).to.equal(3)
  })

  it('takes the last run from the records, whatever they hold', () => {
    make('2025-01-10_12-00-00', '1')
    const sources = [{name: 'docs', path: '/docs'}]
    const runAt = (date: Date, result: string, rest: object = {}) => {
      const time = date.toISOString()
      return {start: time, end: time, result, exit: 0, snapshot: null, errors: 0, ...rest}
    }
    const write = (...runs: object[]): void => {
      const groups = [{host: 'pod', host_id: '1', sources, runs}]
      writeFileSync(store('.backups_state'), JSON.stringify({format: 1, groups}))
    }
    const hours = (number: number): Date => new Date(now.getTime() - number * 3_600_000)
    const [failed, good] = [
      runAt(hours(1), 'failure', {message: 'no'}),
      runAt(hours(5), 'unchanged'),
    ]
    write(runAt(hours(-48), 'success'), failed, good)
    const {lastRun, histories, problems, exit} = look()
    expect(lastRun).to.deep.include({result: 'failure', age_ms: 3_600_000})
    expect(histories).to.have.length(1)
    expect(histories[0]).to.deep.include({label: 'docs', lastGood: hours(5)})
    expect(problems.map(({text}) => text)).to.deep.equal([
      'last run of docs, 60 min ago: failed: no',
    ])
    expect(exit).to.equal(0)
    const overdue = (maxAge_ms: number) => look(store(), {maxAge_ms}).exit
    expect([overdue(5 * 3_600_000), overdue(5 * 3_600_000 - 1)]).to.deep.equal([0, 3])
    write(runAt(hours(1), 'warning', {exit: 3, errors: 1, incomplete: ['docs']}))
    expect(look().histories[0]?.lastGood).to.deep.equal(new Date(2025, 0, 10, 12)) // the snapshot's
    write(runAt(hours(1), 'warning', {exit: 3, errors: 1, incomplete: ['etc']}))
    expect(look().histories[0]?.lastGood).to.deep.equal(hours(1))
    writeFileSync(store('.backups_state'), 'damaged')
    expect(look()).to.deep.include({lastRun: null, problems: [], exit: 0})
  })

  it('looks at one source only', () => {
    make('2025-01-10_12-00-00', '1')
    const name = '2025-01-20_11-00-00'
    make(name, '1')
    const time = new Date(2025, 0, 20, 11).toISOString()
    const sources = [{name: 'etc', path: '/etc'}]
    const marker = {format: 1, start: time, end: time, host: 'pod', host_id: '1', sources}
    writeFileSync(store(name, '.backup_finished'), JSON.stringify(marker))
    const maxAge_ms = 2 * 3_600_000
    expect(look(store(), {maxAge_ms}).exit).to.equal(3)
    expect(look(store(), {maxAge_ms, source: 'docs'}).exit).to.equal(3)
    const etc = look(store(), {maxAge_ms, source: 'etc'})
    expect(etc.exit).to.equal(0)
    expect(etc.verdicts.map(({snapshot}) => snapshot.name)).to.deep.equal([name])
    expect(() => look(store(), {source: 'none'}))
      .to.throw(CuraError, /no snapshot has a source none; there are: docs, etc/)
      .with.property('code', 'notFound')
  })

  it('refuses a directory with other things, but not one that is empty for its user', () => {
    mkdirSync(store('lost+found'))
    mkdirSync(store('.Trash-0'))
    expect(look().exit).to.equal(3)
    writeFileSync(store('passwd'), '')
    expect(() => look())
      .to.throw(CuraError, /is not a store: it holds no snapshot, but other files/)
      .with.property('code', 'noStore')
    writeFileSync(store('.backups_state'), '')
    expect(look().exit).to.equal(3)
  })

  it('fails for a missing store', () => {
    expect(() => look(path('none')))
      .to.throw(CuraError)
      .with.property('code', 'noStore')
  })
})
