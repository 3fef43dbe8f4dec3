// Compares the trees of two snapshots by their records.
import {mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {expect} from 'chai'
import {changesOf} from './differences.js'
import {workshop} from './workshop.js'

describe('tree-difference', () => {
  const {docs, store, snapshot} = workshop()

  const write = (path: string, text = path): void => {
    mkdirSync(dirname(docs(path)), {recursive: true})
    writeFileSync(docs(path), text)
  }

  /** Lines for all changes except those of directory times, between two snapshots. */
  async function differences(edit: () => void, top = ''): Promise<string[]> {
    const first = await snapshot()
    edit()
    const second = await snapshot()
    const {lines} = await changesOf(store(), [first, top], [second, top])
    return lines.filter((line) => !line.startsWith('metadata directory'))
  }

  it('lists a moved directory once, and what was lost, added and changed in it', async () => {
    for (const name of ['a', 'b', 'deep/c', 'deep/d']) write(`old/${name}`)
    write('stays')
    const edit = (): void => {
      mkdirSync(docs('above'))
      renameSync(docs('old'), docs('above/new'))
      rmSync(docs('above/new/deep/c'))
      write('above/new/added')
      write('above/new/b', 'other')
    }
    expect(await differences(edit)).to.deep.equal([
      'new directory docs/above',
      'renamed directory docs/old -> docs/above/new',
      'new file docs/above/new/added',
      'changed file docs/above/new/b',
      'deleted file docs/old/deep/c',
    ])
  })
})
