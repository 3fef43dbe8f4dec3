// Runs small programs in place of rsync, to test how its exit status and messages are interpreted.
import {join} from 'node:path'
import {expect} from 'chai'
import {CuraError} from '../../../src/base/errors.js'
import {isUnreadableSource} from '../../../src/engine/engine.js'
import type {RsyncRun, RsyncSource} from '../../../src/engine/external/rsync-arguments.js'
import {ErrorLog} from '../../../src/engine/external/rsync-errors.js'
import {runRsync} from '../../../src/engine/external/rsync.js'
import {writeProgram} from '../../support/programs.js'
import {temporaryDirectory} from '../../support/temporary.js'

const source: RsyncSource = {
  name: 'docs',
  typed: '/a/docs',
  operand: '/a/docs/',
  base: {operand: '/a/docs/', prefix: ''},
  root: '/a/docs',
  isRemote: false,
  isDirectory: true,
  storeInside: null,
}
const compare: RsyncRun = {source, into: '.partial-x', stage: 'compare'}
const listed: RsyncRun = {...compare, stage: 'listed', linkFrom: null, names: ['a', 'b\xff']}
const root = "echo '.d          40 .///'"

describe('external/rsync', () => {
  const temporary = temporaryDirectory()

  /** The outcome of such a program: names of entries and failures, or the error. */
  async function play(script: string, run: RsyncRun = compare) {
    writeProgram(temporary(), 'fake-rsync', script)
    const errors = new ErrorLog()
    const items: string[] = []
    const session = {
      rsync: {path: join(temporary(), 'fake-rsync'), options: []},
      directory: temporary(),
      errors,
      signal: new AbortController().signal,
    }
    try {
      await runRsync(run, session, ({name}) => void items.push(name))
    } catch (error) {
      if (!(error instanceof CuraError)) throw error
      return {error, items}
    }
    return {
      items,
      failures: errors.failures().list.map(({path, code}) => `${String(path)} ${code}`),
    }
  }

  it('passes on the entries that rsync lists', async () => {
    const script = `${root}; echo '>f+++++++++ 7 a//'; echo 'some words'`
    expect(await play(script)).to.deep.equal({items: ['', 'a'], failures: []})
  })

  it('names unreadable entries by their paths in the snapshot', async () => {
    const line = 'rsync: [sender] opendir "/a/docs/x" failed: Permission denied (13)'
    const script = `${root}; echo '${line}' >&2; exit 23`
    expect((await play(script)).failures).to.deep.equal(['docs/x EACCES'])
    const {failures} = await play(`${root}; exit 23`)
    expect(failures).to.deep.equal([
      'docs rsync could not copy everything, and did not name what is missing',
    ])
  })

  it('passes the list of names to rsync byte for byte', async () => {
    const script = `test "$(od -An -c | tr -d ' ')" = '/a\\0/b377\\0' || exit 1`
    expect(await play(script, listed)).to.deep.equal({items: [], failures: []})
  })

  const unreadable: ReadonlyArray<[string, string, RegExp]> = [
    ['does not report the source', 'exit 23', /^the source \/a\/docs cannot be read/],
    ['cannot start at the other end', 'echo no >&2; exit 255', /failed with status 255: no/],
    ['times out', 'exit 30', /^rsync of \/a\/docs failed with status 30/],
  ]
  for (const [what, script, message] of unreadable) {
    it(`reports an unreadable source if the comparison ${what}`, async () => {
      const {error} = await play(script)
      expect(error?.message).to.match(message)
      expect(isUnreadableSource(error)).to.be.true
    })
  }

  const fatal: ReadonlyArray<[string, string, string, RegExp]> = [
    ['a wrong option', 'exit 1', 'failed', /^rsync of \/a\/docs failed with status 1; no snapshot/],
    ['a signal', 'kill -9 $$', 'failed', /killed by SIGKILL/],
    [
      'a full store',
      `echo 'rsync: [receiver] write failed on "/s/x": No space left on device (28)' >&2; exit 11`,
      'noSpace',
      /^the store is full; rsync of \/a\/docs reported: .*No space left/,
    ],
    [
      'a store that cannot be written',
      `echo 'rsync: [generator] mkdir "/s/x" failed: Read-only file system (30)' >&2; exit 11`,
      'failed',
      /cannot write to the store/,
    ],
  ]
  for (const [what, script, code, message] of fatal) {
    it(`ends the run after ${what}`, async () => {
      const {error} = await play(script)
      expect(error?.message).to.match(message)
      expect(error).to.have.property('code', code)
      expect(isUnreadableSource(error)).to.be.false
    })
  }

  it('ends the run if a source is lost after writing began', async () => {
    const {error} = await play('exit 255', listed)
    expect(error).to.have.property('code', 'failed')
    expect(isUnreadableSource(error)).to.be.false
  })
})
