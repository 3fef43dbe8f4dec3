// What a plan makes of hardlinks: what it estimates, and which names come to share one inode.
import {linkSync, renameSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {compareNow} from './door.js'
import {python, workshop} from './workshop.js'

describe('groups', () => {
  const {docs, store, snapshot, newest} = workshop()
  const needed = async (): Promise<number> =>
    (await compareNow(store(), docs(), newest())).need.allocatedBytes
  const large = 1 << 30

  const sparse = (name: string): void => {
    python(
      docs(),
      `f = open('${name}', 'wb'); f.write(b'x' * 65536); f.truncate(${large}); f.close()`,
    )
  }

  it('needs as much room for a file with holes as it takes, with several names as well', async () => {
    sparse('a')
    const alone = await needed()
    expect(alone).to.be.within(65536, 1 << 20)
    linkSync(docs('a'), docs('b'))
    expect(await needed()).to.equal(alone)
  })

  for (const names of [1, 2]) {
    it(`saves no more than that where such a file was moved, with ${names}`, async () => {
      sparse('a')
      if (names === 2) linkSync(docs('a'), docs('b'))
      await snapshot()
      renameSync(docs('a'), docs('c'))
      if (names === 2) renameSync(docs('b'), docs('d'))
      writeFileSync(docs('new'), Buffer.alloc(5 << 20))
      expect(await needed()).to.be.within(5 << 20, 6 << 20)
    })
  }
})
