// Signals become one abort.
import {expect} from 'chai'
import {CuraError} from '../src/errors.js'
import {onInterrupt} from '../src/interrupt.js'

/** Node hands signals over on a later turn of its loop. */
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
    it(`ends with ${exit} for ${signal}, and a second signal changes nothing`, async () => {
      let repeats = 0
      const interrupt = onInterrupt(() => (repeats += 1))
      try {
        expect(interrupt.signal.aborted).to.be.false
        await send(signal)
        expect(repeats).to.equal(0)
        await send(signal === 'SIGTERM' ? 'SIGINT' : 'SIGTERM')
        expect(repeats).to.equal(1)
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
