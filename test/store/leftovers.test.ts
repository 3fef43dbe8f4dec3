// Unfinished work of killed runs: it is removed, and errors do not stop the run.
import {mkdirSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import type {NativeStore} from '../../src/native/native.js'
import {discard, removeLeftovers} from '../../src/store/leftovers.js'
import {openStore} from '../../src/store/store.js'
import {isRoot, python, sh, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const partial = '.partial-2025-01-01_00-00-00'
const trash = '.trash-2025-01-02_00-00-00'
const never = {signal: new AbortController().signal, onProgress: () => undefined}

describe('leftovers', () => {
  const {store, path, later} = workshop()
  const open = (): NativeStore => {
    const opened = openStore(store())
    later(() => {
      opened.close()
    })
    return opened
  }
  const make = (name: string): void => {
    mkdirSync(store(name, 'docs'), {recursive: true})
    writeFileSync(store(name, 'docs', 'a'), 'a')
  }

  it('are removed with everything in them', async () => {
    make(partial)
    make(trash)
    expect(await removeLeftovers(open(), [partial, trash], never)).to.deep.equal([])
    expect(storedIn(store())).to.deep.equal([])
  })

  it('that cannot be removed are named, and the others are removed (needs root)', async function () {
    if (!isRoot) this.skip()
    make(partial)
    make(trash)
    mkdirSync(path('other'))
    sh('mount', '--bind', path('other'), store(partial, 'docs'))
    later(() => sh('umount', store(partial, 'docs')))
    const [warning, ...more] = await removeLeftovers(open(), [partial, trash], never)
    expect(warning).to.match(/^the leftover \.partial-.* could not be removed: .*mounted there/)
    expect(more).to.deep.equal([])
    expect(storedIn(store())).to.deep.equal([partial])
  })

  it('remain for the next run after an abort (slow)', async () => {
    make(trash)
    python(store(trash), 'for n in range(20000): open("f%d" % n, "w")')
    const reason = new CuraError('interrupted', 'stopped')
    const aborted = {...never, signal: AbortSignal.abort(reason)}
    const error: unknown = await removeLeftovers(open(), [trash], aborted).catch((e: unknown) => e)
    expect(error).to.equal(reason)
    expect(storedIn(store())).to.deep.equal([trash])
  })

  it('of a failed run are discarded, if there are any', async () => {
    make(partial)
    const opened = open()
    expect(await discard(opened, partial, never)).to.equal('')
    expect(await discard(opened, partial, never)).to.equal('')
    expect(storedIn(store())).to.deep.equal([])
    opened.close()
    const closed: unknown = await discard(opened, partial, never)
    expect(closed).to.match(/^; \.partial-.* could not be removed \(.*closed.*\), the next run/)
  })
})
