// The list of snapshots: which are listed, and the verdicts on them.
import {writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {snapshots} from '../../src/operations/snapshots.js'
import {policyFrom, type KeepFlags} from '../../src/retention/policy.js'
import {localZone} from '../../src/retention/retention.js'
import type {Filters} from '../../src/store/selectors.js'
import {inventory} from '../native/inventory.js'
import {workshop} from '../native/workshop.js'
import {makeByHand} from '../support/handmade.js'

describe('snapshots', () => {
  const {docs, store, path, snapshot} = workshop()

  async function list(filters: Filters = {}, last: number | null = null, keep: KeepFlags = {}) {
    const result = await snapshots({
      size: false,
      ...{storeDir: store(), now: new Date(2025, 0, 20), zone: localZone, host: null},
      ...{signal: new AbortController().signal, emit: () => Promise.resolve()},
      policy: policyFrom(keep),
      filters,
      last,
    })
    return result.verdicts.map(({snapshot: {name}, keep: keeps}) => (keeps ? '+' : '-') + name)
  }

  async function some(): Promise<string[]> {
    const names: string[] = []
    for (const text of ['one', 'two', 'three']) {
      writeFileSync(docs(text), text)
      names.unshift(await snapshot({tags: [text]}))
    }
    return names
  }

  it('gives verdicts on all snapshots, newest first, and writes nothing', async () => {
    const [third = '', second = '', first = ''] = await some()
    const crashed = makeByHand(store(), '2025-01-16_10-00-00 unfinished')
    const future = makeByHand(store(), '2026-01-16_10-00-00 @2026-01-16T10:00:00Z')
    const before = inventory(store())
    const all = [`+${future}`, `+${crashed}`, `+${third}`, `+${second}`, `+${first}`]
    expect(await list()).to.deep.equal(all)
    expect(await list({}, null, {'keep-last': '2'})).to.deep.equal([
      ...all.slice(0, 4),
      `-${first}`,
    ])
    // The rules count what is not listed, too.
    expect(await list({tag: 'one'}, null, {'keep-last': '2'})).to.deep.equal([`-${first}`])
    expect(await list({}, 2)).to.deep.equal(all.slice(0, 2))
    expect(await list({}, 99)).to.deep.equal(all)
    expect(inventory(store())).to.deep.equal(before)
  })

  it('filters by source, tag and host', async () => {
    const [third = '', second = ''] = await some()
    const other = await snapshot({operands: [`pictures=${docs()}`], host: 'other machine'})
    expect(await list({source: 'pictures'})).to.deep.equal([`+${other}`])
    expect(await list({host: 'other machine'})).to.deep.equal([`+${other}`])
    expect(await list({source: docs(), tag: 'two'})).to.deep.equal([`+${second}`])
    expect(await list({source: 'docs'}, 1)).to.deep.equal([`+${third}`])
    const nothing = await list({source: path('nothing')}).catch(String)
    expect(nothing).to.match(/no snapshot has a source .*nothing; there are: docs, pictures/)
  })

  it('lists guard snapshots only by their tag', async () => {
    const [third = ''] = await some()
    const guard = makeByHand(store(), '2025-01-17_10-00-00 @2025-01-17T10:00:00Z #before-restore')
    expect((await list())[0]).to.equal(`+${third}`)
    expect(await list({tag: 'before-restore'})).to.deep.equal([`+${guard}`])
  })
})
