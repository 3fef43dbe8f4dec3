// Following a job: progress is polled, an abort is passed on, and no timer or listener remains.
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {follow, progressInterval_ms} from '../../src/native/job.js'
import type {Job, Progress} from '../../src/native/native.js'

const progress: Progress = {phase: 'scan', entries: 1, bytes: 0, totalEntries: 0, totalBytes: 0}

function job(done: Promise<string>): Job<string> & {aborts: number} {
  return {
    done,
    aborts: 0,
    progress: () => progress,
    abort() {
      this.aborts += 1
    },
  }
}

describe('job', () => {
  it('returns the result after showing progress', async () => {
    const seen: Progress[] = []
    const running = job(sleep(progressInterval_ms * 3, 'done'))
    const {signal} = new AbortController()
    expect(await follow(running, signal, (now) => seen.push(now))).to.equal('done')
    expect(seen).not.to.be.empty
    const shown = seen.length
    await sleep(progressInterval_ms * 2)
    expect(seen).to.have.lengthOf(shown)
    expect(running.aborts).to.equal(0)
  })

  it('passes an abort on, even one from before the start', async () => {
    const controller = new AbortController()
    const running = job(sleep(20, 'done'))
    const done = follow(running, controller.signal, () => undefined)
    controller.abort()
    await done
    expect(running.aborts).to.equal(1)
    const late = job(Promise.resolve('done'))
    await follow(late, controller.signal, () => undefined)
    expect(late.aborts).to.equal(1)
  })

  it('removes its listener when the job fails', async () => {
    const controller = new AbortController()
    const running = job(Promise.reject(new Error('broken')))
    const failed = await follow(running, controller.signal, () => undefined).catch(String)
    expect(failed).to.equal('Error: broken')
    controller.abort()
    expect(running.aborts).to.equal(0)
  })
})
