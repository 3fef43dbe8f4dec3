// --wait: a run waits for another one on the same store.
import {readdirSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {waitFrom} from '../../src/cli/lock-settings.js'
import {withLock} from '../../src/store/lock.js'
import {openStore} from '../../src/store/store.js'
import {dialogue} from '../support/dialogue.js'
import {runProgram, startProgram} from '../native/programs.js'
import {storeAndDocs} from '../support/temporary.js'
import {storedIn} from '../support/stored.js'

describe('wait', () => {
  const {store, docs} = storeAndDocs()

  /** Holds the lock of the store meanwhile. */
  async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
    const opened = openStore(store())
    const {signal} = new AbortController()
    const options = {force: false, command: 'prune', now: new Date(), signal}
    try {
      return await withLock(opened, options, work)
    } finally {
      opened.close()
    }
  }

  // A value, and milliseconds.
  const times: ReadonlyArray<[string | undefined, number]> = [
    [undefined, 0],
    ['forever', Infinity],
    ['30s', 30_000],
    ['10m', 600_000],
    ['10 min', 600_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ]

  it('reads times', () => {
    for (const [text, wait_ms] of times) expect(waitFrom(text), text).to.equal(wait_ms)
    for (const wrong of ['10', 'm', '-1m', '1y', 'x']) {
      expect(() => waitFrom(wrong), wrong).to.throw(
        `--wait "${wrong}" is not a period: write it as`,
      )
    }
  })

  it('waits in silence, and then makes its snapshot', async () => {
    const {waiting, early} = await whileLocked(async () => {
      const {ended} = startProgram(['backup', '-b', store(), '--wait', docs()])
      await sleep(1500)
      return {waiting: ended, early: readdirSync(store())}
    })
    expect(early, 'the control').to.deep.equal(['.backups_lock'])
    expect(await waiting).to.include({exit: 0, err: ''})
    expect(storedIn(store())).to.have.lengthOf(1)
  })

  for (const command of ['backup', 'prune', 'delete', 'pin', 'unpin', 'tag']) {
    it(`ends with 11 after its time: ${command}`, async () => {
      const operand = command === 'backup' ? docs() : 'latest'
      const add = command === 'tag' ? ['--add', 'x'] : []
      const words = [command, '-b', store(), '--wait=1s', ...add]
      if (command !== 'prune') words.push(operand)
      const {exit, out, err} = await whileLocked(() => startProgram(words).ended)
      expect({exit, out}, err).to.deep.equal({exit: 11, out: ''})
      expect(err).to.match(
        /^cura-te-ipsum: Another prune has been running since .*PID \d+\)\. It did not end in 1 s.*\.\n$/,
      )
    })
  }

  it('says on a terminal for whom it waits', async () => {
    const words = ['backup', '-b', store(), '--wait=1s', docs()]
    const {exit, out} = await whileLocked(() => Promise.resolve(dialogue(words, [])))
    expect(exit).to.equal(11)
    const line = /^cura-te-ipsum: waiting: another prune has been running since .*; Ctrl-C stops/m
    expect(out).to.match(line)
    const quiet = await whileLocked(() => Promise.resolve(dialogue([...words, '-q'], [])))
    expect(quiet.out).to.not.match(line)
  })

  it('waits before the plan of a restore in place, and ends with 11', async () => {
    runProgram(['backup', '-b', store(), docs()])
    const words = ['restore', '-b', store(), '--wait=1s', '--in-place', 'latest']
    const {exit, out} = await whileLocked(() => startProgram(words).ended)
    expect({exit, out}).to.deep.equal({exit: 11, out: ''})
    expect(runProgram(words).exit, 'the control').to.equal(0)
  })

  it('stops waiting at once when it is interrupted', async () => {
    await whileLocked(async () => {
      const {process: child, ended} = startProgram(['backup', '-b', store(), '--wait', docs()])
      await sleep(1500)
      const start_ms = performance.now()
      child.kill('SIGINT')
      expect(await ended).to.include({exit: 130, out: ''})
      expect(performance.now() - start_ms).to.be.below(1000)
    })
  })

  it('refuses a time without "=", and --force with --wait', () => {
    const refused = (...words: string[]): string => {
      const {exit, err} = runProgram(['backup', '-b', store(), ...words, docs()])
      expect(exit).to.equal(2)
      return err
    }
    expect(refused('--wait', '10m')).to.equal('cura-te-ipsum: write --wait=10m, with "="\n')
    expect(refused('--wait', '--force')).to.match(/--force and --wait contradict each other/)
    expect(refused('--wait=soon')).to.match(/--wait "soon" is not a period/)
  })
})
