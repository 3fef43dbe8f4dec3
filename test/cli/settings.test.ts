// The table of settings: the commands have these flags and no others.
import {expect} from 'chai'
import {commands} from '../../src/cli/main.js'
import {queryTables} from '../../src/cli/query-settings.js'
import {settings, variableOf} from '../../src/cli/settings.js'

describe('settings', () => {
  const flags = Object.values(commands).flatMap((command) =>
    Object.entries({...command.baseFlags, ...command.flags}),
  )

  const tables = [settings, ...queryTables]
  const all = tables.flatMap((table) => Object.entries(table))

  it('are the flags of the commands, with the same texts', () => {
    const names = new Set(flags.map(([name]) => name))
    expect([...names].sort()).to.deep.equal([...new Set(all.map(([name]) => name))].sort())
    for (const [name, {summary, env}] of flags) {
      const table = tables.find((some) => some[name]?.summary === summary)
      expect(table, `${name}: ${String(summary)}`).not.to.equal(undefined)
      expect(env).to.equal(table === settings ? variableOf(name) : undefined)
    }
  })

  it('have a summary of one sentence, and a name for each value', () => {
    for (const [name, {type, value, summary}] of all) {
      expect(summary, name).to.match(/^[A-Z][^\n]{8,90}\.$/)
      expect(value !== undefined, name).to.equal(type !== 'switch')
    }
  })
})
