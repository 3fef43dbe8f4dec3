// Waiting for the run that holds the lock, and what it is called.
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import type {LockOwner} from '../../src/store/lock-judge.js'
import {LockQueue, runningText, type QueueOptions} from '../../src/store/lock-queue.js'

const owner: LockOwner = {
  pid: 25_847,
  host: 'nas',
  boot: 'b',
  start: '1',
  since: new Date(2026, 10, 22, 17, 1).toISOString(),
  command: 'backup',
}
const now = new Date(2026, 10, 22, 17, 3, 30)
const held = {state: 'held', owner, certain: true, hint: null} as const

/** How the wait ends, and what it said. */
async function waited(options: Partial<QueueOptions>, verdict = held) {
  const said: string[] = []
  const {signal} = new AbortController()
  const queue = new LockQueue({now, signal, onQueue: (text) => said.push(text), ...options}, 'nas')
  const error: unknown = await queue.wait(verdict).catch((reason: unknown) => reason)
  return {error, said, queue}
}

describe('lock-queue', () => {
  // What is known of the owner, and how it is named.
  const table: ReadonlyArray<[Partial<LockOwner>, RegExp]> = [
    [{}, /^another backup has been running since 17:01 \(2 min.*, PID 25847\)$/],
    [{command: undefined}, /^another run has been running since 17:01 /],
    [{command: 'verify'}, /^another verify has been running since 17:01 /],
    [{command: 'tag'}, /^another run has been running since 17:01 /],
    [{host: 'web\u001b'}, /^another backup has been running on web\\x1b since 17:01 /],
    [
      {since: new Date(2026, 10, 20, 9, 5).toISOString()},
      /since 2026-11-20 09:05 \(2 days, PID 25847\)$/,
    ],
    [{since: 'x'}, /^another backup is active \(PID 25847\)$/],
    [{since: null, host: null, command: undefined}, /^another run is active \(PID 25847\)$/],
  ]
  for (const [known, text] of table) {
    it(`names ${JSON.stringify(known)}`, () => {
      expect(runningText({...owner, ...known}, 'nas', now)).to.match(text)
    })
  }

  it('names nobody if nothing is known', () => {
    expect(runningText(null, 'nas', now)).to.equal('another run holds the lock of the store')
  })

  it('does not wait unless the user wishes it', async () => {
    const {error, said} = await waited({})
    expect(said).to.deep.equal([])
    expect(error).to.be.instanceOf(CuraError).that.includes({code: 'locked'})
    expect(String(error)).to.match(
      /Another backup .*PID 25847\)\. Wait with --wait, or stop it with --force\.$/,
    )
  })

  it('says once for whom it waits, and what the end of its patience was', async () => {
    const {error, said, queue} = await waited({wait_ms: 300})
    expect(error).to.equal(undefined)
    await queue.wait(held)
    expect(said).to.have.lengthOf(1)
    expect(said[0]).to.match(/^waiting: another backup has been .*; Ctrl-C stops waiting$/)
    const end: unknown = await queue.wait(held).catch((reason: unknown) => reason)
    expect(String(end)).to.match(/Another backup .*\. It did not end in 0 s.*\.$/)
    expect(queue.now.getTime() - now.getTime()).to.be.within(290, 30_000)
  })

  it('ends at once if it is interrupted', async () => {
    const controller = new AbortController()
    const reason = new CuraError('interrupted', 'stopped')
    setTimeout(() => {
      controller.abort(reason)
    }, 20)
    const start_ms = performance.now()
    const {error} = await waited({wait_ms: Infinity, signal: controller.signal})
    expect(error).to.equal(reason)
    expect(performance.now() - start_ms).to.be.below(240)
  })

  it('names what to remove if it is unknown whether the owner runs', async () => {
    const {error} = await waited({}, {...held, hint: 'remove it' as never})
    expect(String(error)).to.match(/the store is locked by process 25847 on nas .*; remove it$/)
  })
})
