// What the operands of restore mean: one snapshot and paths in it, and where each path goes. Pure.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import type {RestoreOperand} from '../native/native.js'
import {isSource, refuseMixed, refuseOtherHost, withRelativeHint} from './restore-mistakes.js'
import {isSelector, resolve, type Choice} from '../store/selectors.js'
import {selectorsFor} from '../store/operands.js'
import type {Snapshot} from '../store/store.js'

/** What the user wants back. */
export interface Wanted {
  readonly snapshot: Snapshot
  /** Paths in the snapshot; null: everything in it. */
  readonly paths: readonly Buffer[] | null
}

function usage(message: string): never {
  throw new CuraError('usage', message)
}

/** With --from, an operand is a path; otherwise one with a slash may be, and so may a source. */
function selectorFor(operand: string, from: string | null, choice: Choice | null): string {
  if (from !== null) return `${from}:${operand}`
  const isName = choice !== null && !isSelector(operand) && isSource(operand, choice)
  if (isName) return `latest:${operand}`
  if (operand.startsWith('/') || !operand.includes('/')) return operand
  const [start = ''] = operand.split(':', 1)
  return isSelector(start) ? operand : `latest:${operand}`
}

/** Whether an operand leaves open of which snapshot it is. */
export const isPathOnly = (operand: string, choice: Choice | null = null): boolean =>
  operand.startsWith('/') || selectorFor(operand, null, choice) !== operand

function onlyOne(operands: readonly string[], snapshots: readonly Snapshot[]): Snapshot {
  const [first, ...others] = [...new Set(snapshots)]
  if (first === undefined) usage('name what to restore')
  if (others.length === 0) return first
  const list = operands.map((text, at) => `${printable(text)} in ${snapshots[at]?.name ?? ''}`)
  usage(
    `the operands are in different snapshots (${list.join(', ')}): restore them one by one, or ` +
      'choose one snapshot with --from',
  )
}

/** Throws a CuraError as `resolve` does. `here` is the current directory, for hints. */
export function wantedFrom(
  operands: readonly string[],
  from: string | null,
  choice: Choice,
  here: string | null = null,
): Wanted {
  if (from?.includes(':') === true) {
    usage('--from takes a snapshot without a path: give the path as an operand')
  }
  refuseMixed(operands, from, operands)
  const whole = from === null ? selectorsFor([], choice.filters) : [from]
  const texts =
    operands.length === 0 ? whole : operands.map((text) => selectorFor(text, from, choice))
  if (texts.length === 0) {
    usage('name what to restore: SNAPSHOT:PATH, or a path of this machine with --at or --from')
  }
  const found = texts.map((text, at) => {
    try {
      return resolve(text, choice)
    } catch (error) {
      throw withRelativeHint(error, operands[at] ?? '', choice, here)
    }
  })
  for (const [at, {snapshot: one, path}] of found.entries()) {
    if (path === null) refuseOtherHost(from ?? texts[at] ?? '', one, choice)
  }
  const snapshot = onlyOne(
    operands,
    found.map((one) => one.snapshot),
  )
  const paths = found.map(({path}) => (path === null ? null : Buffer.from(path)))
  return {snapshot, paths: paths.some((path) => path === null) ? null : paths.filter((path) => path !== null)} // prettier-ignore
}

const slash = 0x2f

/** Whether a path is another one, or lies below it. */
export const isAtOrBelow = (path: Buffer, top: Buffer): boolean =>
  path.equals(top) ||
  (path.length > top.length && path[top.length] === slash && path.subarray(0, top.length).equals(top)) // prettier-ignore

/** Each path once, without those below another one. */
export function withoutNested(paths: readonly Buffer[]): Buffer[] {
  const unique = new Map(paths.map((path) => [path.toString('latin1'), path]))
  const isBelowAnother = (path: string): boolean => {
    let end = path.lastIndexOf('/')
    while (end > 0 && !unique.has(path.slice(0, end))) end = path.lastIndexOf('/', end - 1)
    return end > 0
  }
  return [...unique].filter(([key]) => !isBelowAnother(key)).map(([, path]) => path)
}

/** 'ann/docs/x' → 'ann' and 'docs/x'. */
export function firstOf(path: Buffer): {name: Buffer; rest: Buffer} {
  const end = path.indexOf(slash)
  if (end === -1) return {name: path, rest: Buffer.alloc(0)}
  return {name: path.subarray(0, end), rest: path.subarray(end + 1)}
}

/** 'ann/docs/x' → 'ann/docs' and 'x'. */
export function lastOf(path: Buffer): {parent: Buffer; name: Buffer} {
  const end = path.lastIndexOf(slash)
  return {parent: path.subarray(0, Math.max(end, 0)), name: path.subarray(end + 1)}
}

/** Where a source is on this machine. */
export interface Origin {
  /** Absolute. */
  readonly path: string
  /** The snapshot has it as a directory. */
  readonly isDirectory: boolean
}

/** Back to where it came from. */
export function operandInPlace(path: Buffer, {path: place, isDirectory}: Origin): RestoreOperand {
  const {name: source, rest} = firstOf(path)
  const above = lastOf(Buffer.from(place))
  if (isDirectory || rest.length > 0 || above.name.length === 0) {
    const {name} = firstOf(rest)
    return {anchor: source, below: rest, root: Buffer.from(place), name, keepsRoot: false}
  }
  // A source that is a file has no directory of its own in the snapshot.
  const root = above.parent.length === 0 ? Buffer.from('/') : above.parent
  return {anchor: Buffer.alloc(0), below: source, root, name: above.name, keepsRoot: false}
}

/** Where a path goes that is the operand's `below`, or lies below it. Both are as in the anchor. */
export function placeIn({root, below, name}: RestoreOperand, path: Buffer): Buffer {
  if (path.length === 0) return root
  const renamed = [name, path.subarray(firstOf(path).name.length)]
  const separator = root.equals(Buffer.from('/')) ? '' : '/'
  return Buffer.concat([root, Buffer.from(separator), ...(below.length === 0 ? [path] : renamed)])
}

/** Where an operand ends up. */
export const placeOfOperand = (operand: RestoreOperand): Buffer => placeIn(operand, operand.below)

interface Destination {
  readonly directory: Buffer
  /** Another name for the only operand. */
  readonly name: Buffer | null
  /** What exists may be replaced, and so may the metadata of the directory. */
  readonly replaces: boolean
}

/** A path with its type in the snapshot. */
export interface Typed {
  readonly path: Buffer
  readonly isDirectory: boolean
}

function refuseEqualNames(paths: readonly Typed[]): void {
  const seen = new Map<string, Buffer>()
  for (const {path} of paths) {
    const {name} = lastOf(path)
    const other = seen.get(name.toString('latin1'))
    if (other !== undefined) {
      const both = `${printable(other)} and ${printable(path)}`
      usage(`${both} have the same name, so --to cannot hold both: restore them one by one`)
    }
    seen.set(name.toString('latin1'), path)
  }
}

/**
 * Into a directory: the contents of one directory, or each operand under its own name. Sources of a
 * whole snapshot (`isWhole`) go under their names even if there is only one.
 */
export function operandsInto(
  paths: readonly Typed[],
  {directory: root, name: given, replaces}: Destination,
  isWhole: boolean,
): RestoreOperand[] {
  refuseEqualNames(paths)
  const [only, ...others] = paths
  if (only?.isDirectory === true && others.length === 0 && !isWhole && given === null) {
    const empty = Buffer.alloc(0)
    return [{anchor: only.path, below: empty, root, name: empty, keepsRoot: !replaces}]
  }
  return paths.map(({path}) => {
    const {parent, name} = lastOf(path)
    return {anchor: parent, below: name, root, name: given ?? name, keepsRoot: false}
  })
}
