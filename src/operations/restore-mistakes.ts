// What users of other programs type, and what to write instead. Pure.
import {resolve as join} from 'node:path'
import {CuraError} from '../base/errors.js'
import {printable, shellWord} from '../base/escape.js'
import {isSelector, matching, resolve, type Choice} from '../store/selectors.js'
import {isForeign} from '../store/moves.js'
import {holdingsOf, hostName, nameOf, SeriesView} from '../store/series.js'
import type {Snapshot} from '../store/store.js'

/** A snapshot without a path: everything in it. */
const isWhole = (operand: string): boolean => isSelector(operand.replace(/:$/, ''))

/** Operands that ask for everything in a snapshot and also for paths. */
interface Mixed {
  /** The first such snapshot, without a colon. */
  readonly snapshot: string
  readonly paths: readonly string[]
}

/** Others write `latest PATH` for a path in a snapshot. Null if the operands are not like that. */
function mixedOperands(operands: readonly string[], from: string | null): Mixed | null {
  const whole = operands.find(isWhole)
  const paths = operands.filter((operand) => !isWhole(operand))
  if (from !== null || whole === undefined || paths.length === 0) return null
  return {snapshot: whole.replace(/:$/, ''), paths}
}

/** `latest:PATH`; a path that already names a snapshot stays. */
function inSnapshot(snapshot: string, path: string): string {
  const [start = ''] = path.split(':', 1)
  return path.includes(':') && isSelector(start) ? path : `${snapshot}:${path}`
}

/** The words of a command line with the snapshot before each path. */
function joinedWords(argv: readonly string[], {snapshot, paths}: Mixed): string[] {
  return argv
    .filter((word) => word.replace(/:$/, '') !== snapshot)
    .map((word) => (paths.includes(word) ? inSnapshot(snapshot, word) : word))
}

/** Refuses `latest PATH`. `argv` are the words after `restore`. */
export function refuseMixed(
  operands: readonly string[],
  from: string | null,
  argv: readonly string[],
): void {
  const mixed = mixedOperands(operands, from)
  if (mixed === null) return
  const words = ['cura-te-ipsum', 'restore', ...joinedWords(argv, mixed)]
  const them = mixed.paths.length === 1 ? 'one path' : 'some paths'
  throw new CuraError(
    'usage',
    `${printable(mixed.snapshot)} alone means everything in that snapshot. To restore only ` +
      `${them} of it, write\n  ${words.map(shellWord).join(' ')}`,
  )
}

/** Whether a name is that of a source in a snapshot. */
export const isSource = (name: string, {snapshots}: Choice): boolean =>
  snapshots.some((snapshot) => holdingsOf(snapshot)?.some((held) => nameOf(held) === name))

/** The error of an operand that may be a relative path of this machine, which needs './'. */
export function withRelativeHint(
  error: unknown,
  operand: string,
  choice: Choice,
  here: string | null,
): unknown {
  const isUnknown = error instanceof CuraError && ['usage', 'notFound'].includes(error.code)
  const isPlain = !/^[./]|:/.test(operand) && !isSelector(operand)
  if (!isUnknown || !isPlain || here === null) return error
  try {
    resolve(`latest:${join(here, operand)}`, choice)
  } catch {
    return error
  }
  const shown = printable(operand)
  return new CuraError(
    error.code,
    `"${shown}" is neither a snapshot nor a path in one: for what was in this directory, write ` +
      `./${shown}`,
  )
}

const hostsOf = (snapshots: readonly Snapshot[]): string[] => [
  ...new Set(
    snapshots.flatMap((snapshot) =>
      (holdingsOf(snapshot) ?? []).flatMap((held) =>
        typeof held === 'string' ? [] : [hostName(held)],
      ),
    ),
  ),
]

/** Whether this machine made it. */
function isOwn(
  snapshot: Snapshot,
  {host: {name: machine, id: hostId}, snapshots}: Choice,
): boolean {
  const own = {name: '', path: '/', machine, hostId}
  const view = new SeriesView(snapshots)
  return (holdingsOf(snapshot) ?? []).every(
    (held) => typeof held === 'string' || !isForeign(view, own, held),
  )
}

/**
 * A snapshot without a path that another host made, in a store with several hosts: `latest` may be
 * meant to be that of this machine. A full name is clear.
 */
export function refuseOtherHost(operand: string, found: Snapshot, choice: Choice): void {
  const {source, host, tag} = choice.filters
  const isFree = [source, host, tag].every((filter) => filter === undefined)
  if (!isFree || operand.replace(/:$/, '') === found.name) return
  const hosts = hostsOf(matching(choice))
  const [of] = hostsOf([found])
  if (hosts.length < 2 || of === undefined || isOwn(found, choice)) return
  const flags = hosts.map((name) => `--host ${shellWord(name)}`).join(' or ')
  throw new CuraError(
    'usage',
    `this store holds snapshots of several hosts, and ${printable(operand)} is ${found.name} of ` +
      `${printable(of)}: add ${flags}`,
  )
}
