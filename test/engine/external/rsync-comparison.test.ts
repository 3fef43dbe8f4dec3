// Compares sources with a snapshot by a dry run of a real rsync.
import {mkdirSync, utimesSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {findPrograms, findProgram} from '../../../src/engine/external/programs.js'
import {RsyncComparison, type RsyncWork} from '../../../src/engine/external/rsync-comparison.js'
import {ErrorLog} from '../../../src/engine/external/rsync-errors.js'
import {rsyncSources} from '../../../src/engine/external/rsync-sources.js'
import {openStore} from '../../../src/store/store.js'
import {inventory} from '../../native/inventory.js'
import {python, workshop} from '../../native/workshop.js'

describe('external/rsync-comparison', () => {
  const {docs, store, path, later, snapshot} = workshop()
  before(function () {
    if (findProgram('rsync', process.env.PATH ?? '') === null) this.skip()
  })

  async function compare(previous: string | null, carried: readonly string[] = []) {
    const opened = openStore(store())
    later(() => {
      opened.close()
    })
    const {rsync} = findPrograms({rsync: true, hardlink: false})
    if (rsync === null) throw new Error('there is no rsync')
    const {ready} = rsyncSources(opened, [{name: 'docs', path: docs()}])
    const work: RsyncWork = {sources: ready, carried, previous, own: new Set(['docs'])}
    const comparison = new RsyncComparison(opened, work)
    const signal = new AbortController().signal
    const before = inventory(path())
    const session = {rsync, directory: opened.directory(), errors: new ErrorLog(), signal}
    const result = await comparison.run(session)
    expect(inventory(path())).to.deep.equal(before)
    return {
      result,
      changes: comparison.tally.changes.map(({kind, path: at}) => `${kind} ${String(at)}`),
    }
  }

  it('reports every entry as new without a previous snapshot', async () => {
    writeFileSync(docs('a'), 'a')
    const {result, changes} = await compare(null)
    expect(result).to.deep.include({differs: true}).and.to.have.nested.property('totals.files', 1)
    expect(changes.sort()).to.deep.equal(['new docs', 'new docs/a'])
  })

  it('finds each kind of change', async () => {
    for (const name of ['same', 'edited', 'gone']) writeFileSync(docs(name), name)
    mkdirSync(docs('d'))
    const first = await snapshot()
    expect((await compare(first)).result.differs, 'the control').to.be.false
    writeFileSync(docs('edited'), 'longer than before')
    python(docs(), "os.unlink('gone'); os.chmod('d', 0o700)")
    writeFileSync(docs('d', 'new'), '')
    utimesSync(docs('same'), 1, 1)
    const {result, changes} = await compare(first)
    expect(result.differs).to.be.true
    expect(changes.filter((text) => !text.endsWith(' docs')).sort()).to.deep.equal([
      ...['changed docs/edited', 'changed docs/same', 'deleted docs/gone'],
      ...['metadata docs/d', 'new docs/d/new'],
    ])
  })
})
