// Verification of random stores: no false alarms, and every damage is found under all its names.
import {rmSync} from 'node:fs'
import {expect} from 'chai'
import {makeRandomStore} from '../support/random-store.js'
import {seeds} from '../support/seeds.js'
import {temporaryDirectory} from '../support/temporary.js'
import {damageStore, verified} from './verifying.js'
import type {Damage} from '../../src/native/native.js'
import {isRoot} from './workshop.js'

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
