// Random restores: whatever was done to a tree, a restore makes it what the snapshot holds.
import {rmSync} from 'node:fs'
import {expect} from 'chai'
import {editRandomly} from './random-edits.js'
import {inventories, type Item} from './inventory.js'
import {contents, path, restoreNow} from './restores.js'
import {sh, workshop} from './workshop.js'
import {seeds} from '../support/seeds.js'

/** What must be equal: everything but the inode numbers. */
const facts = (items: readonly Item[]): object[] => items.map((item) => ({...item, ino: ''}))

function expectEqual(before: string, after: string): void {
  const [then = [], now = []] = inventories(before, after)
  expect(facts(now)).to.deep.equal(facts(then))
}

describe('random restores', () => {
  const {path: at, docs, store, snapshot} = workshop()

  for (const seed of seeds(8)) {
    it(`bring back everything, and nothing else (seed ${seed})`, async () => {
      editRandomly(docs(), seed, 60)
      const name = await snapshot()
      sh('cp', '-a', docs(), at('before'))
      editRandomly(docs(), seed + 1, 1 + (seed % 40))
      const {plan, changes, done} = await restoreNow(store(), {
        snapshot: name,
        operands: [contents('docs', docs())],
      })
      expect(done.failures.list).to.deep.equal([])
      expectEqual(at('before'), docs())
      const count = (action: string) => changes.filter((each) => each.startsWith(action)).length
      expect([count('restored'), count('updated'), count('deleted'), count('kept')]).to.deep.equal([
        plan.restored,
        plan.updated,
        plan.deleted,
        plan.kept,
      ])
      const {restored, updated, deleted} = done
      expect([restored, updated, deleted]).to.deep.equal([
        plan.restored,
        plan.updated,
        plan.deleted,
      ])
      const again = await restoreNow(store(), {
        snapshot: name,
        operands: [contents('docs', docs())],
      })
      expect(again.changes).to.deep.equal([])
    })

    it(`fill an empty and a missing directory (seed ${seed})`, async () => {
      editRandomly(docs(), seed, 80)
      const name = await snapshot()
      await restoreNow(store(), {snapshot: name, operands: [contents('docs', at('new/deep'))]})
      expectEqual(docs(), at('new/deep'))
      sh('cp', '-a', docs(), at('before'))
      rmSync(docs(), {recursive: true})
      await restoreNow(store(), {snapshot: name, operands: [path('', 'docs', at())]})
      expectEqual(at('before'), docs())
    })
  }
})
