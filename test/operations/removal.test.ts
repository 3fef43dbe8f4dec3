// Removing and measuring chosen snapshots: both report the same, to the last inode.
import {rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {
  keepLeased,
  measure,
  nothingRemoved,
  partByLease,
  remove,
} from '../../src/operations/removal.js'
import {native} from '../../src/native/native.js'
import {readInventory} from '../../src/store/store.js'
import {countFreed} from '../native/space-use.js'
import {python, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const now = new Date(2025, 5, 15)
const following = {signal: new AbortController().signal, onProgress: () => undefined}

describe('removal', () => {
  const {docs, store, snapshot, later} = workshop()

  function opened() {
    const addon = native().openStore(store())
    later(() => {
      addon.close()
    })
    return addon
  }

  it('counts inodes whose last names go at the same moment (slow)', async () => {
    // Two threads meet each inode in two directories at nearly the same time.
    python(
      docs(),
      `
for d in range(40): os.mkdir('d%d' % d)
for n in range(4000):
    name = 'd%d/f%d' % (n % 20, n)
    open(name, 'w').write('x' * 100)
    os.link(name, 'd%d/g%d' % (20 + n % 20, n))
`,
    )
    const name = await snapshot()
    const [counted] = countFreed(store(), [name], [[name]])
    const addon = opened()
    const {snapshots} = readInventory(addon, now)
    const measured = await measure(addon, snapshots, following)
    const removed = await remove(addon, snapshots, following)
    expect(removed).to.deep.equal(measured)
    const {entries, bytes, inodes} = counted ?? nothingRemoved
    expect(removed).to.include({entries, bytes, inodes})
    expect(inodes).to.be.above(4040)
    expect(storedIn(store())).to.deep.equal([])
  })

  it('measures those that are left', async () => {
    const first = await snapshot()
    writeFileSync(docs('file'), 'x')
    const second = await snapshot()
    const addon = opened()
    const {snapshots} = readInventory(addon, now)
    rmSync(store(first), {recursive: true})
    const {names} = await measure(addon, snapshots, following)
    expect(names).to.deep.equal([second])
  })

  it('leaves what a reader holds, and says so in the verdict', async () => {
    const first = await snapshot()
    writeFileSync(docs('file'), 'x')
    const second = await snapshot()
    const addon = opened()
    addon.lease(first)
    const {snapshots} = readInventory(addon, now)
    const {leased, free} = partByLease(addon, snapshots)
    expect({leased, free: free.map(({name}) => name)}).to.deep.equal({
      leased: [first],
      free: [second],
    })
    const verdicts = snapshots.map((one) => ({snapshot: one, keep: false, reasons: ['chosen']}))
    expect(keepLeased(verdicts, leased).map(({keep, reasons}) => [keep, ...reasons])).to.deep.equal(
      [
        [false, 'chosen'],
        [true, 'leased'],
      ],
    )
    expect(await remove(addon, snapshots, following)).to.deep.include({
      names: [second],
      leased: [first],
    })
  })
})
