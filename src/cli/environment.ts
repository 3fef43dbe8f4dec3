// Checks the CURA_… variables of a run and its TZ, because a typo in one must not go unnoticed.
import {existsSync} from 'node:fs'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {nearest} from '../base/nearest.js'
import {settings, variableOf} from './settings.js'

const prefix = 'CURA_'

/** Set for hooks or read elsewhere, so not a mistake of the user. */
const otherVariables: ReadonlySet<string> = new Set([
  'CURA_CONFIG',
  'CURA_EXIT',
  'CURA_FAULTS', // tests of reliability plan system call errors with it
  'CURA_PROFILE',
  'CURA_REPORT',
  'CURA_RESULT',
  'CURA_SNAPSHOT',
  'CURA_STORE',
])

/**
 * Throws a CuraError for a CURA_… variable that no setting has: with CURA_KEEP_DALY=365d the
 * default policy would remove what the user wants to keep.
 */
export function refuseUnknownVariables(environment: NodeJS.ProcessEnv): void {
  const names = Object.keys(settings).map((name) => variableOf(name).slice(prefix.length))
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith(prefix) || otherVariables.has(variable)) continue
    const name = variable.slice(prefix.length)
    if (names.includes(name)) continue
    const meant = nearest(name, names)
    const question = meant === null ? '' : `, did you mean ${prefix}${meant}?`
    throw new CuraError(
      'usage',
      `unknown environment variable ${printable(variable)}${question || ': unset it'}`,
    )
  }
}

const clearSwitch = /^(|1|true|y|yes|0|false|n|no)$/i

/**
 * Throws a CuraError for a switch that is neither on nor off: oclif treats an unknown value as off,
 * and CURA_DRY_RUN=on must not remove anything.
 */
export function refuseUnclearSwitches(
  flags: readonly string[],
  environment: NodeJS.ProcessEnv,
): void {
  for (const name of flags.filter((flag) => settings[flag]?.type === 'switch')) {
    const variable = variableOf(name)
    const text = environment[variable] ?? ''
    if (clearSwitch.test(text)) continue
    throw new CuraError('usage', `${variable} is "${printable(text)}": use 1 for yes or 0 for no`)
  }
}

/** The names of UTC in POSIX; Intl does not know all of them. */
const utcNames = /^(|UTC|GMT)[+-]?0*$/

/** A warning about a time zone that the system does not know, or null. */
export function zoneWarning(
  {TZ = ''}: NodeJS.ProcessEnv,
  summer = new Date(2026, 6),
): string | null {
  const name = TZ.replace(/^:/, '')
  if (utcNames.test(name) || existsSync(name) || summer.getTimezoneOffset() !== 0) return null
  try {
    new Intl.DateTimeFormat('en', {timeZone: name})
    return null
  } catch {
    return (
      `TZ=${printable(TZ)} is not a known time zone, so times and days are those of UTC: write ` +
      'it as Europe/Berlin'
    )
  }
}
