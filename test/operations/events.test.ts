// The events of backup and prune, and their order.
import {writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {followingOf, type OperationEvent} from '../../src/operations/events.js'
import {backup} from '../../src/operations/backup.js'
import {backupOptions} from '../support/backup-options.js'
import {workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

describe('events', () => {
  const {docs, store} = workshop()
  const heard: OperationEvent[] = []
  const emit = (event: OperationEvent): Promise<void> => {
    heard.push(event)
    return Promise.resolve()
  }
  beforeEach(() => heard.splice(0))

  it('name each phase once, before its progress', () => {
    const {onProgress, onWait} = followingOf({signal: new AbortController().signal, emit})
    const progress = {entries: 1, bytes: 1, totalEntries: 0, totalBytes: 0}
    for (const phase of ['scan', 'scan', 'apply'] as const) onProgress({...progress, phase})
    onWait?.('waiting for the lock')
    expect(heard.map(({event}) => event)).to.deep.equal([
      ...['phase', 'progress', 'progress', 'phase', 'progress', 'wait'],
    ])
  })

  it('have no total once it is exceeded', () => {
    const {onProgress} = followingOf({signal: new AbortController().signal, emit})
    const totals = {totalEntries: 6, totalBytes: 9}
    const within = {phase: 'scan', entries: 6, bytes: 9, ...totals} as const
    for (const progress of [within, {...within, entries: 7}, {...within, bytes: 10}]) {
      onProgress(progress)
    }
    const heardTotals = heard.flatMap((event) =>
      event.event === 'progress' ? [[event.progress.totalEntries, event.progress.totalBytes]] : [],
    )
    expect(heardTotals).to.deep.equal([
      [6, 9],
      [0, 9],
      [6, 0],
    ])
  })

  it('list the changes of a backup in pages, before anything is written', async () => {
    for (let number = 0; number < 1500; number += 1) writeFileSync(docs(`f${number}`), '')
    const stored: string[] = []
    const listen = (event: OperationEvent): Promise<void> => {
      if (event.event === 'change') stored.push(...storedIn(store()))
      return emit(event)
    }
    await backup(
      backupOptions({
        storeDir: store(),
        operands: [docs()],
        clock: () => new Date(),
        lists: {changes: true, omissions: true},
        emit: listen,
      }),
    )
    const pages = heard.flatMap((event) => (event.event === 'change' ? [event.changes.length] : []))
    expect(pages).to.deep.equal([1000, 501])
    expect(new Set(stored)).to.deep.equal(new Set(['.backups_lock']))
    expect(storedIn(store())).to.have.lengthOf(1).and.not.include('.backups_lock')
    expect(heard.at(-1)).to.deep.equal({event: 'failure', failures: []})
  })
})
