// The operation `status`: the last success, the lock, leftovers and hints. It writes nothing.
import {mkdirSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {status, type StatusResult} from '../../src/operations/status.js'
import {policyFrom} from '../../src/retention/policy.js'
import {localZone} from '../../src/retention/retention.js'
import {inventory} from '../native/inventory.js'
import {workshop} from '../native/workshop.js'

const now = new Date(2025, 0, 20, 12, 0, 0)
const policy = policyFrom({'keep-last': '1'})

describe('status', () => {
  const {store, path} = workshop()
  const look = (storeDir = store()): StatusResult =>
    status({storeDir, now, policy, zone: localZone})

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
    const {verdicts, hints, leftovers, lastSuccess, lock, space} = look()
    expect({verdicts, hints, leftovers, lastSuccess, lock}).to.deep.equal({
      ...{verdicts: [], hints: [], leftovers: [], lastSuccess: null, lock: null},
    })
    expect(space.totalBytes).to.be.above(0)
  })

  it('reports what prune would do, and when the last backup succeeded', () => {
    make('2025-01-20_11-00-00', null)
    make('2025-01-19_12-00-00', '1')
    make('2025-01-18_12-00-00', '1')
    mkdirSync(store('.trash-2025-01-01_00-00-00'))
    const before = inventory(store())
    const {verdicts, lastSuccess, leftovers} = look()
    expect(verdicts.map(({snapshot: {name}, keep}) => `${keep ? '+' : '-'}${name}`)).to.deep.equal([
      '+2025-01-20_11-00-00',
      '+2025-01-19_12-00-00',
      '-2025-01-18_12-00-00',
    ])
    expect(lastSuccess).to.deep.include({name: '2025-01-19_12-00-00', age_ms: 86_400_000})
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

  it('fails for a missing store', () => {
    expect(() => look(path('none')))
      .to.throw(CuraError)
      .with.property('code', 'noStore')
  })
})
