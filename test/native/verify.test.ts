// Verification of random stores: no false alarms, and every damage is found under all its names.
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {makeRandomStore} from '../support/random-store.js'
import {seeds} from '../support/seeds.js'
import {temporaryDirectory} from '../support/temporary.js'
import {damageStore, verified} from './verifying.js'
import type {Damage} from '../../src/native/native.js'
import {makeRichTree} from './rich-tree.js'
import {isRoot, python, workshop} from './workshop.js'

const namesOf = ({paths}: Damage): string[] =>
  paths.map(({snapshot, path}) => `${snapshot}/${path.toString('latin1')}`)

/** A record that the maker of the store removed. */
const isRemovedRecord = ({kind, detail}: Damage): boolean =>
  kind === 'record' && detail === 'it has none'

describe('verify', () => {
  const directory = temporaryDirectory()

  for (const seed of seeds(12)) {
    it(`finds nothing wrong in an undamaged store (${seed})`, async () => {
      const {storeDir} = await makeRandomStore(directory(), seed)
      const {checked, damages} = await verified(storeDir)
      expect(damages.filter((damage) => !isRemovedRecord(damage))).to.deep.equal([])
      expect(checked.checkedInodes).to.equal(checked.inodes)
      expect(checked.checkedBytes).to.equal(checked.bytes)
      expect(checked.unreadInodes).to.equal(0)
      rmSync(storeDir, {recursive: true})
    })
  }

  for (const seed of seeds(12)) {
    it(`finds each damage and names all its paths (${seed})`, async function () {
      if (!isRoot) this.skip()
      const {storeDir} = await makeRandomStore(directory(), seed)
      await verified(storeDir) // so that files without digests are known
      const done = damageStore(storeDir, seed, 8)
      const {damages} = await verified(storeDir)
      const found = new Set(damages.flatMap(namesOf))
      for (const {kind, names} of done) {
        for (const name of names) expect(found.has(name), `${kind} ${name}`).to.equal(true)
      }
      expect(done.length).to.be.greaterThan(0)
    })
  }
})

describe('verify of snapshots that other programs filled', () => {
  const {path, store, backUp} = workshop()
  const ways = [
    {external: {rsync: true, hardlink: false}},
    {external: {rsync: false, hardlink: false}, digests: false},
    {external: {rsync: true, hardlink: true}},
    {external: {rsync: false, hardlink: true}},
  ]

  it('finds nothing wrong', async function () {
    if (!isRoot) this.skip()
    mkdirSync(path('tree'))
    makeRichTree(path('tree'), 'root')
    const operands = ['docs', 'other'].map((name) => path('tree', name))
    for (const way of [...ways, ...ways]) {
      writeFileSync(path('tree', 'docs', 'turn'), String(Math.random()))
      python(path('tree', 'docs'), "os.truncate('turn', 1 << 24)")
      const {snapshot} = await backUp({operands, ...way})
      expect(snapshot).to.be.a('string')
      expect((await verified(store())).damages).to.deep.equal([])
    }
  })
})
