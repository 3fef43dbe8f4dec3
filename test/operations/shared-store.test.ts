// Several machines and profiles in one store: none removes the history of another.
import {mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {expect} from 'chai'
import type {BackupOptions} from '../../src/operations/backup.js'
import {parseMarker, type Marker} from '../../src/store/marker.js'
import {native} from '../../src/native/native.js'
import {defaultPolicy, policyFrom} from '../../src/retention/policy.js'
import {plainScreen} from '../../src/report/screen.js'
import {statusReport} from '../../src/report/status.js'
import {localZone} from '../../src/retention/retention.js'
import {status} from '../../src/operations/status.js'
import {workshop} from '../native/workshop.js'
import {listing} from '../support/backup-options.js'
import {storedIn} from '../support/stored.js'

const zone = localZone
const onlyNewest = {policy: policyFrom({'keep-last': '1'}), zone}

describe('a shared store', () => {
  const {docs, store, path, backUp, snapshot} = workshop()

  const markerOf = (name: string): Marker | null =>
    parseMarker(readFileSync(store(name, '.backup_finished'))).marker
  const shown = (): string[] =>
    storedIn(store())
      .filter((name) => name.startsWith('20'))
      .sort()

  /** Makes a snapshot of that machine after editing a file. */
  function edit(host: string, rest: Partial<BackupOptions> = {}): Promise<string> {
    writeFileSync(docs('a'), `${host} ${shown().length}`)
    return snapshot({host, pruning: onlyNewest, ...rest})
  }

  it('keeps the history of each host', async () => {
    writeFileSync(docs('big'), 'x'.repeat(100_000))
    const names = []
    for (const host of ['alpha', 'beta', 'alpha', 'beta']) names.push(await edit(host))
    expect(shown()).to.deep.equal(names.slice(2))
    expect(shown().map((name) => markerOf(name)?.host_id)).to.deep.equal(['alpha', 'beta'])
    // Without changes neither makes another one, and the big file is stored only once.
    expect((await backUp({host: 'beta'})).snapshot).to.equal(null)
    expect(statSync(store(names[3] ?? '', 'docs', 'big')).nlink).to.be.above(1)
  })

  it('identifies the machine by its id without --host', async () => {
    const marker = markerOf(await snapshot())
    expect(marker).to.include({host: hostname(), host_id: native().machineId()})
    expect(marker?.sources).to.deep.equal([{name: 'docs', path: docs()}])
    const named = markerOf(await snapshot({operands: [`d=${docs()}`]}))
    expect(named?.sources).to.deep.equal([{name: 'd', path: docs(), named: true}])
  })

  it('reports once that a known name begins a history, and lets --moved join it', async () => {
    const [ben, ann] = [path('ben', 'docs'), path('ann', 'docs')]
    for (const place of [ben, ann]) {
      mkdirSync(place, {recursive: true})
      writeFileSync(`${place}/a`, 'a')
    }
    const first = await snapshot({operands: [ben]})
    const second = await backUp({operands: [ann]})
    expect(second).to.include({exit: 0, previous: first})
    expect(second.notices.join()).to.include(`docs: ${ben} and ${ann} have separate histories.`)
    expect((await backUp({operands: [ann]})).notices).to.deep.equal([])
    // Only the history changed, and a snapshot has to record that.
    const moved = await backUp({operands: [ann], moved: true, pruning: onlyNewest})
    const sentence = `docs continues the history of ${ben} on ${hostname()}.`
    expect(moved.notices).to.deep.equal([sentence])
    expect(await backUp({operands: [ann], moved: true})).to.deep.include({snapshot: null})
    expect(shown()).to.deep.equal([moved.snapshot])
  })

  it('begins a new history for another source at the old path of a moved one', async () => {
    const moved = path('new', 'docs')
    mkdirSync(moved, {recursive: true})
    for (const place of [docs(), moved]) writeFileSync(`${place}/f`, 'mine')
    const pruning = onlyNewest
    await snapshot({pruning})
    await snapshot({operands: [moved], moved: true, pruning})
    writeFileSync(docs('f'), 'theirs')
    const theirs = await snapshot({pruning})
    const mine = []
    for (const text of ['more', 'still more']) {
      writeFileSync(`${moved}/f`, text)
      mine.push(await snapshot({operands: [moved], pruning}))
    }
    expect(shown()).to.deep.equal([theirs, mine[1]])
    writeFileSync(docs('f'), 'theirs, too')
    const later = await snapshot({pruning})
    expect(shown()).to.deep.equal([mine[1], later])
  })

  it('keeps snapshots that another profile also holds', async () => {
    mkdirSync(path('other'))
    writeFileSync(path('other', 'o'), 'o')
    const operands = [docs(), path('other')]
    const both = [
      await edit('h', {operands, pruning: null}),
      await edit('h', {operands, pruning: null}),
    ]
    const alone = [await edit('h'), await edit('h')]
    // Of the snapshots with docs alone, the older one is removed.
    expect(shown()).to.deep.equal([...both, alone[1]])
    const last = await edit('h', {operands})
    expect(shown()).to.deep.equal([last])
  })

  it('does not report files of other sources as deleted', async () => {
    mkdirSync(path('other'))
    writeFileSync(path('other', 'o'), 'o')
    writeFileSync(docs('a'), 'a')
    await snapshot({operands: [docs(), path('other')]})
    const result = await backUp({operands: [docs()]})
    expect(result.changes).to.include({deleted: 0, new: 0})
    expect(readdirSync(store(String(result.snapshot)))).not.to.include('other')
    const changes: unknown[] = []
    writeFileSync(docs('b'), 'b')
    await backUp({
      operands: [path('other'), `x=${docs('b')}`],
      ...listing((page) => changes.push(...page)),
    })
    expect(changes.map((change) => (change as {kind: string}).kind)).not.to.include('deleted')
  })

  it('is shown by status per history, with a hint if host ids change', async () => {
    for (const host of ['pod-1', 'pod-2', 'pod-3']) await edit(host, {pruning: null})
    const result = status({
      storeDir: store(),
      now: new Date(2025, 1, 1),
      policy: defaultPolicy,
      zone,
    })
    expect(result.hints.join()).to.match(
      /^3 histories of docs have one snapshot each\..*--host NAME/,
    )
    expect(await statusReport(result, plainScreen))
      .to.match(/^2025\S+ .* {2}docs \(pod-3\) {2}/m)
      .and.to.match(/^2025\S+ .* {2}docs \(pod-1\) {2}/m)
    await edit('pod-1', {pruning: null})
    const later = status({
      storeDir: store(),
      now: new Date(2025, 1, 1),
      policy: defaultPolicy,
      zone,
    })
    expect(later.hints).to.deep.equal([])
  })
})
