// Several signals become one abort.
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {backup} from '../../src/operations/backup.js'
import {CuraError} from '../../src/base/errors.js'
import {onInterrupt} from '../../src/base/interrupt.js'
import {backupOptions, listing} from '../support/backup-options.js'
import {storeAndDocs} from '../support/temporary.js'

/** Node delivers signals in a later turn of its event loop. */
async function send(signal: NodeJS.Signals): Promise<void> {
  const arrived = new Promise((resolve) => process.once(signal, resolve))
  process.kill(process.pid, signal)
  await arrived
}

describe('interrupt', () => {
  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`ends with ${exit} for ${signal}, and a second signal at once changes nothing`, async () => {
      let stops = 0
      const interrupt = onInterrupt(() => (stops += 1))
      try {
        expect(interrupt.signal.aborted).to.be.false
        await send(signal)
        expect(stops).to.equal(1)
        await send(signal === 'SIGTERM' ? 'SIGINT' : 'SIGTERM')
        await send('SIGINT') // npm passes on what the terminal has sent already
        expect(stops).to.equal(1)
        expect(interrupt.leave.aborted).to.be.false
        const reason = interrupt.signal.reason as CuraError
        expect(reason).to.be.instanceOf(CuraError)
        expect(reason.oclif.exit).to.equal(exit)
        expect(reason.message).to.match(new RegExp(`stopped by ${signal}`))
      } finally {
        interrupt.stop()
      }
      expect(process.listenerCount(signal)).to.equal(0)
    })
  }
})

describe('a second Ctrl-C', () => {
  it('leaves the cleaning up to the next run, another signal does not', async () => {
    const interrupt = onInterrupt(() => undefined)
    try {
      await send('SIGINT')
      await sleep(350)
      await send('SIGTERM')
      expect(interrupt.leave.aborted).to.be.false
      await send('SIGINT')
      expect(interrupt.leave.aborted).to.be.true
    } finally {
      interrupt.stop()
    }
  })
})

describe('interrupt while changes are listed', () => {
  const {store, docs} = storeAndDocs()

  it('takes effect after the current page (slow)', async () => {
    for (let i = 0; i < 3500; i += 1) writeFileSync(join(docs(), `file-${i}`), '')
    const interrupt = onInterrupt(() => undefined)
    let pages = 0
    const hear = listing(() => {
      pages += 1
      process.kill(process.pid, 'SIGTERM')
    })
    const {signal} = interrupt
    const clock = (): Date => new Date()
    const options = {storeDir: store(), operands: [docs()], clock, dryRun: true, signal, ...hear}
    const error: unknown = await backup(backupOptions(options)).catch((reason: unknown) => reason)
    interrupt.stop()
    expect(error).to.include({code: 'terminated'})
    expect(pages, 'of four').to.be.below(3)
  })
})
