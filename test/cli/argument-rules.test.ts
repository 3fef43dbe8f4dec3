// Flags that a command needs, flags that contradict each other, and flags that variables give.
import {expect} from 'chai'
import {checkArguments, withVariables} from '../../src/cli/argument-rules.js'
import {readArguments, type CommandFacts} from '../../src/cli/arguments.js'
import {keepFlags, outputFlags, runFlags} from '../../src/cli/flags.js'

const command: CommandFacts = {
  name: 'show',
  usage: 'show -b STORE WHAT',
  flags: {...runFlags, ...keepFlags, ...outputFlags},
  args: {what: {required: true, options: ['one', 'two']}},
}

const check =
  (line: string, environment: NodeJS.ProcessEnv = {}) =>
  (): void => {
    checkArguments(readArguments(line.split(' '), command), command, environment)
  }

describe('argument-rules', () => {
  it('needs a store from the flag or the variable', () => {
    check('one -b s')()
    check('one', {CURA_BACKUPS_DIR: 's'})()
    expect(check('one', {CURA_BACKUPS_DIR: ''})).to.throw('No store given: add -b STORE')
  })

  it('needs the right number of operands', () => {
    expect(check('-b s')).to.throw('show needs a what: write cura-te-ipsum show -b STORE WHAT')
    expect(check('-b s one x')).to.throw('"x" is one word too many: write cura-te-ipsum show -b')
    expect(check('-b s three')).to.throw('the what "three" is unknown: use one or two')
  })

  it('refuses -q with -v, whatever gives them', () => {
    const both = 'contradict each other: give only one of them'
    expect(check('-b s -qv one')).to.throw(`--quiet and --verbose ${both}`)
    expect(check('-b s -v one', {CURA_QUIET: '1'})).to.throw(`CURA_QUIET and --verbose ${both}`)
    check('-b s -v one', {CURA_QUIET: '0'})()
  })

  it('names the variable that gave a wrong value', () => {
    const named = (line: string, environment: NodeJS.ProcessEnv): string =>
      withVariables(
        '--keep-daily "abc" is wrong, as --keep-last is; use --no-keep-daily',
        command,
        readArguments(line.split(' '), command),
        environment,
      )
    expect(named('one', {CURA_KEEP_DAILY: 'abc'})).to.equal(
      'CURA_KEEP_DAILY="abc" is wrong, as --keep-last is; use --no-keep-daily',
    )
    expect(named('one --keep-daily abc', {CURA_KEEP_DAILY: '1'})).to.match(/^--keep-daily "abc"/)
    expect(named('one', {})).to.match(/^--keep-daily "abc"/)
  })
})
