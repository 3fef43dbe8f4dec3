// Files on which another program holds a lease, as Samba does: the open requests and awaits its
// release.
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {runProgram, startProgram, until} from './programs.js'
import {expectSame} from './snapshots.js'
import {sh, workshop} from './workshop.js'

/** Takes a write lease, and releases it the given number of seconds after the request. */
const holder = `
import fcntl, os, signal, sys, time
asked = []
signal.signal(signal.SIGIO, lambda *_: asked.append(time.monotonic()))
file = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('held', flush=True)
while not asked or time.monotonic() < asked[0] + float(sys.argv[2]):
    time.sleep(0.02)
`

describe('lease', () => {
  const {docs, store, path, later, newest, snapshot} = workshop()
  const argv = (...more: string[]): string[] => ['-b', store(), docs(), ...more]

  before(function () {
    if (process.platform !== 'linux') this.skip()
  })

  async function hold(seconds: number): Promise<ChildProcess> {
    const child = spawn('python3', ['-c', holder, docs('report'), String(seconds)])
    later(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    return child
  }

  for (const [what, prepare] of [
    ['a first backup', null],
    ['a changed file', (): void => void writeFileSync(docs('report'), 'longer than before')],
    ['--checksum', (): void => undefined],
  ] as const) {
    it(`waits until it is released: ${what}`, async () => {
      writeFileSync(docs('report'), 'in use')
      if (prepare !== null) await snapshot()
      prepare?.()
      const child = await hold(0.3)
      const ended = once(child, 'close')
      const run = runProgram(argv(...(what === '--checksum' ? [what] : [])))
      expect(run, run.err).to.include({exit: 0, err: ''})
      await ended
      expectSame(docs(), store(newest(), 'docs'))
    })
  }

  it('reacts to a signal while it waits, and publishes nothing', async () => {
    writeFileSync(docs('report'), 'in use')
    await hold(1000)
    const under = ['strace', '-f', '-qq', '-o', path('trace'), '-e', 'trace=openat']
    const running = startProgram(argv(), {under})
    const waits = (): boolean =>
      existsSync(path('trace')) && readFileSync(path('trace'), 'latin1').includes('EAGAIN')
    await until(waits)
    const [pid = ''] = sh('pgrep', '-P', String(running.process.pid)).split('\n')
    process.kill(Number(pid), 'SIGINT')
    const {exit} = await running.ended
    expect(exit).to.equal(130)
    expect(newest()).not.to.match(/^20/)
  })
})
