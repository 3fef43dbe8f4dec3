// A child process from its start to its end, as the engines that use other programs see it.
import {spawnSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {temporaryDirectory} from '../../support/temporary.js'

const child = fileURLToPath(new URL('../../../src/engine/external/child.ts', import.meta.url))

/** Runs a program through `runChild` in a process of its own, which an unhandled rejection ends. */
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

describe('external/child', () => {
  const temporary = temporaryDirectory()

  it('reports a program that is gone as an error, not as the end of the process', () => {
    const {exit, out, err} = runAlone('/nonexistent/rsync')
    expect(out).to.match(/^\/nonexistent\/rsync cannot be started: .*ENOENT\nstill here\n$/)
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
  })

  it('reports a program whose interpreter is gone', () => {
    const program = join(temporary(), 'rsync')
    writeFileSync(program, '#!/nonexistent/sh\n', {mode: 0o755})
    const {exit, out} = runAlone(program)
    expect(out).to.match(/cannot be started: .*ENOENT\nstill here\n$/)
    expect(exit).to.equal(0)
  })

  it('reports how a program ended', () => {
    expect(runAlone('/bin/true')).to.include({exit: 0, out: 'ended with 0\nstill here\n'})
  })
})
