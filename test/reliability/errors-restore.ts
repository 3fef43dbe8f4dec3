// Errors at every system call of a restore: each is named, and no file is half.
import type {RestoreOptions, RestoreResult} from '../../src/operations/restore-options.js'
import {localZone} from '../../src/retention/retention.js'
import type {Oracle} from './oracle.js'
import type {RestoreScenario} from './restore-scenario.js'
import {sh} from '../native/workshop.js'
import {endOfError, type Twin} from './twin.js'

/** The result of a restore, and what it reports. */
export interface RestoreEnd {
  readonly exit: number
  readonly text: string
  /** Paths below the restored directory. */
  readonly named: readonly string[]
  readonly notes: number
  /** A failure that is our bug. */
  readonly bug: string | null
}

const following = {signal: new AbortController().signal, emit: () => Promise.resolve()}

function optionsOf({store, operand}: RestoreScenario): RestoreOptions {
  return {
    ...{storeDir: store, filters: {}, zone: localZone, now: new Date(), ...following},
    ...{operands: [operand], from: null, target: {inPlace: true}, overwrite: null},
    ...{checksum: false, deletes: true, deletesExcluded: false, maxDelete: null, guards: true},
    ...{keepsOwner: true, keepsXattrs: true, keepsSuid: null, selection: null},
    ...{dryRun: false, here: '/', lists: false, host: null, clock: () => new Date()},
  }
}

function endOfRestore({exit, failures, notes, warnings, refusal}: RestoreResult): RestoreEnd {
  const named = failures.list.map(({path}) => path.toString('latin1').replace(/^home\/docs\/?/, ''))
  const codes = failures.list.map(({code}) => `(${code})`)
  const text = [...warnings, ...codes, refusal ?? ''].join('\n')
  return {exit, text, named, notes: notes.length, bug: null}
}

export async function endRestore({restore}: Twin, scenario: RestoreScenario): Promise<RestoreEnd> {
  try {
    return endOfRestore(await restore(optionsOf(scenario)))
  } catch (error) {
    return {named: [], notes: 0, ...endOfError(error)}
  }
}

/** The problems with what a restore says after an error. */
export async function wrongWithRestore(
  {exit, named, notes}: RestoreEnd,
  scenario: RestoreScenario,
  oracle: Oracle,
  hit: string,
): Promise<string[]> {
  if (exit !== 0 && exit !== 3 && exit !== 5) return []
  const known = (path: string): boolean =>
    named.some((name) => name === '' || path === name || path.startsWith(`${name}/`))
  // What could not be linked is a copy.
  const missing = await scenario.missing(oracle, {known, grouped: hit !== 'linkat'})
  return missing.length > 0 && notes === 0 ? [`not named: ${missing.join(', ')}`] : []
}

/**
 * Temporary names that could not be removed look as if they were in use, because this process
 * continues.
 */
export function forgetOwnTemporaries(scenario: RestoreScenario): void {
  for (const path of scenario.temporaries()) sh('rm', '-rf', path)
}
