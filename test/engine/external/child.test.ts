// Runs a child process from its start to its exit.
import {spawnSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {CuraError} from '../../../src/base/errors.js'
import {runChild} from '../../../src/engine/external/child.js'
import {temporaryDirectory} from '../../support/temporary.js'

const child = fileURLToPath(new URL('../../../src/engine/external/child.ts', import.meta.url))

/** Runs a program through `runChild` in a separate process, so that an unhandled rejection ends it. */
function runAlone(program: string): {exit: number | null; out: string; err: string} {
  const script = `
    import {setTimeout as sleep} from 'node:timers/promises'
    import {runChild} from ${JSON.stringify(child)}
    const ignore = () => undefined
    const options = {program: ${JSON.stringify(program)}, args: [], directory: '/', input: null,
      onOutput: ignore, onErrors: ignore}
    const never = new AbortController().signal
    await runChild(options, never).then(
      ({code}) => console.log('ended with ' + code),
      (error) => console.log(error.message))
    await sleep(50)
    console.log('still here')`
  const argv = ['--import=tsx', '--input-type=module', '-e', script]
  const {status, stdout, stderr} = spawnSync(process.execPath, argv, {encoding: 'utf8'})
  return {exit: status, out: stdout, err: stderr}
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('external/child', () => {
  const temporary = temporaryDirectory()
  let output = Buffer.alloc(0)
  let errors = Buffer.alloc(0)

  beforeEach(() => {
    output = Buffer.alloc(0)
    errors = Buffer.alloc(0)
  })

  function run(
    script: string,
    {input = null, signal}: {input?: Buffer | null; signal?: AbortSignal} = {},
  ) {
    return runChild(
      {
        ...{program: '/bin/sh', args: ['-c', script], directory: temporary(), input},
        onOutput: (chunk) => {
          output = Buffer.concat([output, chunk])
        },
        onErrors: (chunk) => {
          errors = Buffer.concat([errors, chunk])
        },
      },
      signal ?? new AbortController().signal,
    )
  }

  it('reports a missing program as an error instead of crashing', () => {
    const {exit, out, err} = runAlone('/nonexistent/rsync')
    expect(out).to.match(/^\/nonexistent\/rsync cannot be started: .*ENOENT.*\nstill here\n$/)
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
  })

  it('reports a program whose interpreter is missing', () => {
    const program = join(temporary(), 'rsync')
    writeFileSync(program, '#!/nonexistent/sh\n', {mode: 0o755})
    const {exit, out} = runAlone(program)
    expect(out).to.match(/cannot be started: .*ENOENT.*\nstill here\n$/)
    expect(exit).to.equal(0)
  })

  it('reports the exit status or the signal', async () => {
    expect(runAlone('/bin/true')).to.include({exit: 0, out: 'ended with 0\nstill here\n'})
    expect(await run('exit 23')).to.deep.equal({code: 23, signal: null})
    expect(await run('kill -9 $$')).to.deep.equal({code: null, signal: 'SIGKILL'})
  })

  it('passes on any bytes unchanged', async () => {
    const input = Buffer.alloc(3_000_000, Buffer.from([0xff, 0, 0x0a, 0xc3]))
    const script = 'cat; printf "\\377" >&2; printf %s "$LC_ALL$RSYNC_ICONV" >&2'
    process.env.RSYNC_ICONV = 'utf8'
    try {
      expect(await run(script, {input})).to.deep.equal({code: 0, signal: null})
    } finally {
      delete process.env.RSYNC_ICONV
    }
    expect(output.equals(input)).to.be.true
    expect(errors).to.deep.equal(Buffer.from('\xffC', 'latin1'))
  })

  it('works with a program that does not read its input', async () => {
    expect(await run('exit 3', {input: Buffer.alloc(1_000_000)})).to.include({code: 3})
    expect(await run('cat')).to.include({code: 0}) // there is none
  })

  it('starts nothing after an abort, and stops a running program', async () => {
    const reason = new CuraError('interrupted', 'stopped')
    const controller = new AbortController()
    const running = run('echo $$; exec sleep 1000', {signal: controller.signal})
    while (output.length === 0) await sleep(10)
    controller.abort(reason)
    const {signal} = controller
    expect(await running.catch((error: unknown) => error)).to.equal(reason)
    expect(isAlive(Number(output))).to.be.false
    const again: unknown = await run('touch made', {signal}).catch((error: unknown) => error)
    expect(again).to.equal(reason)
  })

  it('kills a program that ignores SIGTERM (slow)', async () => {
    const controller = new AbortController()
    const script = 'trap "" TERM; echo $$; while :; do sleep 0.1; done'
    const running = run(script, {signal: controller.signal})
    while (output.length === 0) await sleep(10)
    const begin_ms = performance.now()
    controller.abort(new Error('stopped'))
    await running.catch(() => undefined)
    expect(performance.now() - begin_ms).to.be.within(4500, 15_000)
    expect(isAlive(Number(output))).to.be.false
  })

  it('waits for the child processes of a program, but not forever (slow)', async () => {
    expect(await run('(sleep 1; echo late) & exit 5')).to.include({code: 5})
    expect(output.toString()).to.equal('late\n')
    const begin_ms = performance.now()
    expect(await run('sleep 30 & echo $!; exit 6')).to.include({code: 6})
    expect(performance.now() - begin_ms).to.be.within(4500, 15_000)
    process.kill(Number(output.toString().split('\n')[1]))
  })
})
