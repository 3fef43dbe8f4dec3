// The table of settings: the commands have these flags and no others.
import {expect} from 'chai'
import {commands} from '../../src/cli/main.js'
import {settings, variableOf} from '../../src/cli/settings.js'

describe('settings', () => {
  const flags = Object.values(commands).flatMap((command) =>
    Object.entries({...command.baseFlags, ...command.flags}),
  )

  it('are the flags of the commands, with the same texts', () => {
    const names = new Set(flags.map(([name]) => name))
    expect([...names].sort()).to.deep.equal(Object.keys(settings).sort())
    for (const [name, {summary, env}] of flags) {
      expect(summary).to.equal(settings[name]?.summary)
      expect(env).to.equal(variableOf(name))
    }
  })

  it('have a summary of one sentence, and a name for each value', () => {
    for (const [name, {type, value, summary}] of Object.entries(settings)) {
      expect(summary, name).to.match(/^[A-Z][^\n]{8,90}\.$/)
      expect(value !== undefined, name).to.equal(type !== 'switch')
    }
  })
})
