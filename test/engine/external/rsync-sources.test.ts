// Prepares sources for rsync: operands, a store inside a source, and entries that cannot be stored.
import {spawnSync} from 'node:child_process'
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {CuraError} from '../../../src/base/errors.js'
import type {Source} from '../../../src/native/native.js'
import {parseItem} from '../../../src/engine/external/rsync-items.js'
import {bytesOnDisk, fitnessOf, rsyncSources} from '../../../src/engine/external/rsync-sources.js'
import {openStore} from '../../../src/store/store.js'
import {python, workshop} from '../../native/workshop.js'

describe('external/rsync-sources', () => {
  const {docs, store, path, later} = workshop()

  function sourcesOf(...sources: Source[]) {
    const opened = openStore(store())
    later(() => {
      opened.close()
    })
    return rsyncSources(opened, sources)
  }
  const one = (source: Source) => {
    const [ready] = sourcesOf(source).ready
    if (ready === undefined) throw new Error('it is not ready')
    return ready
  }

  it('end in a slash for directories, and are real paths', () => {
    symlinkSync(docs(), path('link'))
    writeFileSync(docs('file'), '')
    expect(one({name: 'd', path: path('link')})).to.include({operand: `${docs()}/`, root: docs()})
    expect(one({name: 'f', path: docs('file')})).to.include({
      ...{operand: docs('file'), isDirectory: false, storeInside: null},
    })
    expect(one({name: 'up', path: path()})).to.include({storeInside: 'store'})
    expect(one({name: 'd', path: docs()})).to.include({storeInside: null}) // the control
  })

  it('of other hosts are left to rsync', () => {
    const source = {name: 'etc', path: 'root@web:/etc/', remote: true} as const
    expect(one(source)).to.include({operand: 'root@web:/etc/', root: '/etc', isRemote: true})
    const daemon = {name: 'a', path: 'rsync://web/mod/a', remote: true} as const
    expect(one(daemon)).to.include({operand: 'rsync://web/mod/a/', root: '/a'})
  })

  it('that fail are named, unless all of them fail', () => {
    const gone = {name: 'gone', path: path('gone')}
    const {ready, failed} = sourcesOf({name: 'docs', path: docs()}, gone)
    expect(ready.map(({name}) => name)).to.deep.equal(['docs'])
    expect(failed).to.deep.equal([{...gone, code: 'ENOENT', syscall: 'open'}])
    expect(() => sourcesOf(gone)).to.throw(CuraError, /no such source/)
    const inStore = {name: 's', path: store()}
    expect(() => sourcesOf({name: 'docs', path: docs()}, inStore)).to.throw(
      CuraError,
      /in the store/,
    )
  })

  it('have sockets, which no snapshot holds, and holes, which take no space', () => {
    python(docs(), "s = socket.socket(socket.AF_UNIX); s.bind('socket'); os.mkfifo('fifo')")
    spawnSync('truncate', ['-s', '1M', docs('sparse')])
    mkdirSync(docs('d'))
    const source = one({name: 'docs', path: docs()})
    const item = (line: string) => {
      const parsed = parseItem(line)
      if (parsed === null) throw new Error(line)
      return parsed
    }
    expect(fitnessOf(source, item('cS+++++++++ 0 socket//'))).to.equal('socket')
    expect(fitnessOf(source, item('cS+++++++++ 0 fifo//'))).to.equal('fit')
    expect(fitnessOf(source, item('>f+++++++++ 1 gone//'))).to.equal('fit')
    const sparse = item('>f+++++++++ 1048576 sparse//')
    expect(bytesOnDisk(source, sparse)).to.be.below(1_048_576)
    expect(bytesOnDisk({...source, isRemote: true}, sparse)).to.equal(1_048_576)
  })
})
