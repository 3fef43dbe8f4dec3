// What all questions share: their warnings.
import {rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {ask} from '../../src/operations/query.js'
import {localZone} from '../../src/retention/retention.js'
import {workshop} from '../native/workshop.js'

describe('questions', () => {
  const {docs, store, snapshot} = workshop()

  /** Makes snapshots without a record, and returns their names. */
  async function make(many: number): Promise<string[]> {
    const names: string[] = []
    for (let n = 0; n < many; n += 1) {
      writeFileSync(docs(`file${n}`), String(n))
      names.push(await snapshot())
    }
    for (const name of names) rmSync(store(name, '.backup_manifest'))
    return names
  }

  /** The warnings after the records of these snapshots were opened, together or one by one. */
  const warningsOn = (sets: ReadonlyArray<readonly string[]>): Promise<readonly string[]> => {
    const signal = new AbortController().signal
    const rest = {signal, emit: () => Promise.resolve(), host: null, filters: {}}
    const asking = {storeDir: store(), now: new Date(), zone: localZone, ...rest}
    return ask(asking, async (query) => {
      query.warnings.push('Another one.')
      for (const names of sets) {
        await query.withRecords(names, {whole: false}, () => Promise.resolve())
      }
      return query.warnings
    })
  }

  it('name each of a few records that could not be used', async () => {
    const names = await make(3)
    const texts = names.map(
      (name) => `${name}: read its tree, because its record is unusable (it has none).`,
    )
    expect(await warningsOn([names])).to.deep.equal(['Another one.', ...texts])
    expect(await warningsOn([...names.map((name) => [name]), names])).to.deep.equal([
      'Another one.',
      ...texts,
    ])
  })

  it('count many such records in one line, however they were opened', async () => {
    const names = await make(5)
    const first = names.slice(0, 3).map((name) => `${name} (it has none)`)
    const text =
      '5 snapshots: read their trees, because their records are unusable: ' +
      `${first.join(', ')} and 2 more.`
    expect(await warningsOn([names])).to.deep.equal(['Another one.', text])
    expect(await warningsOn([...names.map((name) => [name]), names])).to.deep.equal([
      'Another one.',
      text,
    ])
  })
})
