// The native engine on a copy made by cp: the copy is removed, however the run ends.
import {readdirSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {CuraError} from '../../../src/base/errors.js'
import {writeProgram} from '../../support/programs.js'
import {workshop} from '../../native/workshop.js'
import {storedIn} from '../../support/stored.js'

const cp = process.platform === 'darwin' ? 'gcp' : 'cp'
const way = {external: {rsync: false, hardlink: true}}

describe('external/hardlink', () => {
  const {docs, store, path, backUp, snapshot} = workshop()
  const {PATH} = process.env
  afterEach(() => {
    process.env.PATH = PATH
  })

  /** From now on cp is this script. */
  function play(script: string): void {
    writeProgram(path('bin'), cp, script)
    process.env.PATH = `${path('bin')}:${String(PATH)}`
  }

  it('calls cp from the second snapshot on, and leaves no copy', async () => {
    play(`echo run >> ${path('calls')}; exec "$REAL" "$@"`)
    writeFileSync(docs('a'), 'a')
    const first = await snapshot(way)
    expect(readdirSync(path())).not.to.include('calls')
    writeFileSync(docs('b'), 'b')
    const second = await snapshot(way)
    expect(readdirSync(path())).to.include('calls')
    expect(storedIn(store()).sort()).to.deep.equal([first, second])
  })

  for (const [what, script, message] of [
    ['cp fails', 'exit 1', /could not link/],
    ['a source becomes empty', 'rm "$DOCS/a" "$DOCS/b"; exec "$REAL" "$@"', /the source "docs" became empty during the run/],
  ] as const) {
    it(`publishes nothing and leaves no copy if ${what}`, async () => {
      process.env.DOCS = docs()
      writeFileSync(docs('a'), 'a')
      const first = await snapshot(way)
      writeFileSync(docs('b'), 'b')
      play(script)
      const error: unknown = await backUp(way).catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(CuraError)
      expect((error as Error).message).to.match(message)
      expect(storedIn(store())).to.deep.equal([first])
    })
  } // prettier-ignore
})
