// The CURA_… variables: a typo and an unclear switch are refused before anything happens.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {refuseUnclearSwitches, refuseUnknownVariables} from '../../src/cli/environment.js'
import {settings, variableOf} from '../../src/cli/settings.js'
import {runProgram} from '../native/programs.js'
import {temporaryDirectory} from '../support/temporary.js'
import {storedIn} from '../support/stored.js'

describe('environment', () => {
  const temporary = temporaryDirectory()

  it('refuses an unknown variable and suggests the nearest one', () => {
    const check = (variable: string) => (): void => {
      refuseUnknownVariables({PATH: '/bin', [variable]: '1'})
    }
    for (const [typed, meant] of [
      ['CURA_KEEP_DALY', 'CURA_KEEP_DAILY'],
      ['CURA_KEEP_DAYS', 'CURA_KEEP_DAILY'],
      ['CURA_BACKUP_DIR', 'CURA_BACKUPS_DIR'],
      ['CURA_EXCLUDES', 'CURA_EXCLUDE'],
      ['CURA_KEEP-DAILY', 'CURA_KEEP_DAILY'],
    ] as const) {
      expect(check(typed)).to.throw(`unknown environment variable ${typed}, did you mean ${meant}?`)
    }
    expect(check('CURA_\u001b[2J_SOMETHING')).to.throw(/^[ -~]+: unset it$/)
  })

  it('accepts the variables of all settings, and those that hooks get', () => {
    const names = Object.keys(settings).map(variableOf)
    expect(names).to.include('CURA_KEEP_DAILY') // the control
    const hooks = 'PROFILE STORE SNAPSHOT EXIT RESULT REPORT CONFIG'.split(' ')
    for (const name of [...names, ...hooks.map((hook) => `CURA_${hook}`), 'CURATOR', 'LANG']) {
      refuseUnknownVariables({[name]: 'x'})
    }
  })

  it('refuses a switch that is neither on nor off', () => {
    const check = (CURA_DRY_RUN: string) => (): void => {
      refuseUnclearSwitches(['dry-run', 'json', 'host'], {CURA_DRY_RUN, CURA_HOST: 'on'})
    }
    for (const clear of ['', '1', 'TRUE', 'y', 'Yes', '0', 'false', 'n', 'no']) check(clear)()
    for (const unclear of ['on', 't', 'off', ' 1', '2', '\u001b[2J']) {
      expect(check(unclear), unclear).to.throw(/^CURA_DRY_RUN is "[ -~]+": use 1 for yes/)
    }
  })

  it('warns about an unknown time zone', () => {
    const warned = (TZ: string): string =>
      runProgram(['status', '-b', temporary()], {under: ['env', `TZ=${TZ}`]}).err
    for (const known of ['', 'UTC', 'UTC0', 'Europe/Berlin', ':Europe/Berlin', 'EST5EDT']) {
      expect(warned(known), known).to.equal('')
    }
    expect(warned('/etc/hostname'), 'a file').to.equal('')
    for (const wrong of ['Europa/Berlin', 'CET-1CEST', 'Mars\u001b']) {
      expect(warned(wrong)).to.match(/^cura-te-ipsum: TZ=[ -~]+ is not a known time zone, so .*UTC/)
    }
  })

  it('ends with 2 for a typo, and does nothing', () => {
    mkdirSync(join(temporary(), 'store'), {mode: 0o700})
    mkdirSync(join(temporary(), 'docs'))
    writeFileSync(join(temporary(), 'docs/a.txt'), 'a')
    const argv = ['backup', '-b', join(temporary(), 'store'), join(temporary(), 'docs')]
    const run = (...variables: string[]) => runProgram(argv, {under: ['env', ...variables]})
    const typo = run('CURA_KEEP_DALY=365d')
    expect(typo).to.include({exit: 2, out: ''})
    expect(typo.err).to.equal(
      'cura-te-ipsum: unknown environment variable CURA_KEEP_DALY, did you mean CURA_KEEP_DAILY?\n',
    )
    expect(storedIn(join(temporary(), 'store'))).to.deep.equal([])
    expect(run('CURA_KEEP_DAILY=365d', 'CURA_STORE=/elsewhere').exit).to.equal(0)
  })

  it('does not matter to completion, which a shell runs as it starts', () => {
    const under = ['env', 'CURA_KEEP_DALY=1', 'CURA_JSON=on']
    expect(runProgram(['completion', 'bash'], {under})).to.include({exit: 0, err: ''})
  })
})
