// `cp -al` of a tree in the store, and its failures.
import {mkdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {CuraError} from '../../../src/base/errors.js'
import {copyLinks} from '../../../src/engine/external/copy-links.js'
import {findProgram} from '../../../src/engine/external/programs.js'
import {openStore} from '../../../src/store/store.js'
import {writeProgram} from '../../support/programs.js'
import {workshop} from '../../native/workshop.js'

describe('external/copy-links', () => {
  const {store, path, later} = workshop()

  function copy(program: string): Promise<void> {
    const opened = openStore(store())
    later(() => {
      opened.close()
    })
    const names = {from: '2025-01-01_00-00-00', to: '.trash-2025-01-02_00-00-00'}
    return copyLinks(opened, program, names, new AbortController().signal)
  }

  async function failure(script: string): Promise<CuraError> {
    writeProgram(path('bin'), 'cp', script)
    const error: unknown = await copy(join(path('bin'), 'cp')).catch((reason: unknown) => reason)
    if (!(error instanceof CuraError)) throw new Error('it did not fail as it should')
    return error
  }

  it('links every file', async () => {
    mkdirSync(store('2025-01-01_00-00-00', 'docs'), {recursive: true})
    writeFileSync(store('2025-01-01_00-00-00', 'docs', 'a'), 'a')
    await copy(findProgram('gcp', process.env.PATH ?? '') ?? '/bin/cp')
    const files = ['2025-01-01_00-00-00', '.trash-2025-01-02_00-00-00'].map((name) =>
      statSync(store(name, 'docs', 'a')),
    )
    expect(files.map(({nlink}) => nlink)).to.deep.equal([2, 2])
    expect(files[0]?.ino).to.equal(files[1]?.ino)
  })

  it("reports the first line of cp's message, without control characters", async () => {
    const {code, message} = await failure(`printf 'cp: \\033[2J no\\nmore' >&2; exit 1`)
    expect(code).to.equal('failed')
    expect(message).to.match(/cp could not link 2025-.*: cp: \\x1b\[2J no; no snapshot was made$/)
  })

  it('recognizes a full store', async () => {
    expect(await failure('echo "cp: x: No space left on device" >&2; exit 1')).to.include({
      code: 'noSpace',
    })
  })
})
