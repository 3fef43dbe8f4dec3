// Chooses the snapshot that rsync links from if a source has to be carried over.
import {mkdirSync} from 'node:fs'
import {expect} from 'chai'
import {CuraError} from '../../../src/base/errors.js'
import {previousFor} from '../../../src/engine/external/rsync-previous.js'
import type {Base} from '../../../src/store/bases.js'
import {openStore} from '../../../src/store/store.js'
import {workshop} from '../../native/workshop.js'

const [older, newer] = ['2025-01-01_00-00-00', '2025-01-02_00-00-00'] as const
const instants = {[older]: new Date(2025, 0, 1), [newer]: new Date(2025, 0, 2)}
const base = (
  name: string,
  snapshot: typeof older | typeof newer,
  olderOnes: string[] = [],
): Base => ({
  ...{name, snapshot, own: true, instant: instants[snapshot], foreign: false},
  ...{older: olderOnes, lookBack: []},
})
const failed = [{name: 'etc', path: '/etc', code: 'ENOENT', syscall: 'open'}]

describe('external/rsync-previous', () => {
  const {store, later} = workshop()

  function previous(bases: readonly Base[]): string | null {
    const opened = openStore(store())
    later(() => {
      opened.close()
    })
    return previousFor(opened, bases, failed)
  }

  it('is the one that also has the missing source', () => {
    mkdirSync(store(newer, 'etc'), {recursive: true})
    expect(previous([base('docs', newer), base('etc', newer)])).to.equal(newer)
    expect(previous([])).to.equal(null)
  })

  it('is refused if older content would replace newer content', () => {
    mkdirSync(store(older, 'docs'), {recursive: true})
    mkdirSync(store(newer, 'etc'), {recursive: true})
    const bases = [base('docs', older), base('etc', newer, [older])]
    expect(() => previous(bases)).to.throw(CuraError, /^the source \/etc cannot be read, and --ext/)
  })

  it('may be any if the base does not hold the missing source', () => {
    mkdirSync(store(older, 'docs'), {recursive: true})
    mkdirSync(store(newer), {recursive: true})
    expect(previous([base('docs', older), base('etc', newer, [older])])).to.equal(older)
  })
})
