// Output that cannot be written: one sentence for a full disk, none for a closed pipe.
import {spawnSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {program} from '../native/programs.js'
import {temporaryDirectory} from '../support/temporary.js'

describe('output', () => {
  const temporary = temporaryDirectory()

  /** The end of `status`, with its output as the shell redirects it. */
  function statusWith(redirection: string): string {
    mkdirSync(join(temporary(), 'store'), {mode: 0o700})
    const command = `"$@" ${redirection}; echo "\${PIPESTATUS[0]}" >&2`
    const argv = [process.execPath, program, 'status', '-b', join(temporary(), 'store')]
    return spawnSync('bash', ['-c', command, 'bash', ...argv], {encoding: 'utf8'}).stderr
  }

  it('is reported once when it is lost (needs /dev/full)', function () {
    if (process.platform !== 'linux') this.skip()
    expect(statusWith('> /dev/full')).to.match(
      /^cura-te-ipsum: the output could not be written: [^\n]*ENOSPC[^\n]*\n\d+\n$/,
    )
  })

  it('may have no reader', () => {
    expect(statusWith('| true')).to.equal('3\n') // there is no snapshot
  })
})
