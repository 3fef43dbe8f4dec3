// The store in the model: for each snapshot a frozen copy of the source, and the shortest form of
// the rules of linking and pruning.
import {createHash} from 'node:crypto'
import type {Item} from '../../native/inventory.js'
import type {Candidate} from '../../../src/retention/retention.js'
import {inTurn} from '../../retention/reference.js'
import {taken, type ExclusionName} from './exclusion.js'
import type {Inode, SourceTree} from './source.js'

/** An entry of a snapshot, as text. */
export interface Frozen {
  readonly text: string
  /** Its inode in the source, with the version and the names of then; null if unknown. */
  readonly origin: {
    readonly inode: Inode
    readonly version: number
    readonly names: string
    readonly links: number
  } | null
}

export type Tree = ReadonlyMap<string, Frozen>

export interface Snapshot {
  readonly name: string
  readonly time_ms: number
  readonly sources: readonly string[]
  /** What its run left out. */
  readonly without: ExclusionName
  /** What earlier runs left out. */
  readonly earlier: readonly string[]
  /** Sources carried over from the base; this is no new snapshot of them. */
  readonly carried: readonly string[]
  readonly tree: Tree
  /** The tree on disk, which differs if the store refused something. */
  readonly stored: Tree
  /** A copy of the store has split its link groups. */
  isTorn: boolean
  /** The run reported what the snapshot lacks. */
  readonly isPartial: boolean
  /** Of non-directories, as first seen on disk. */
  inodes: ReadonlyMap<string, string> | null
  finished: boolean
  pinned: boolean
  /** Its marker is unreadable, so only its directories show what it holds. */
  damaged: boolean
}

const hashes = new WeakMap<Buffer, string>()

function hashOf(content: Buffer): string {
  const known = hashes.get(content)
  if (known !== undefined) return known
  const hash = createHash('sha256').update(content).digest('hex')
  hashes.set(content, hash)
  return hash
}

/** The facts about an entry, in the form that the oracle and the model share. */
type Facts = Omit<Item, 'path' | 'ino' | 'first'>

/** `names`: all its names within the snapshot, if there are several. */
export function textOf(facts: Facts, names: string): string {
  const {type, mode, uid, gid, size, mtime_ns, rdev, target, xattrs, sha256} = facts
  const attributes = Object.entries(xattrs).sort(([a], [b]) => (a < b ? -1 : 1))
  const octal = mode.toString(8)
  const all = [type, octal, uid, gid, size, mtime_ns, rdev, target, attributes, sha256, names]
  return JSON.stringify(all)
}

const nullDevice = 0x103 // device 1:3, as stat returns it

function factsOf(inode: Inode): Facts {
  const {kind, mode, uid, gid, mtime_ns, content, target, xattrs} = inode
  const size = kind === 'file' ? content.length : Buffer.byteLength(target, 'latin1')
  const rdev = kind === 'char' ? nullDevice : 0
  const sha256 = kind === 'file' ? hashOf(content) : ''
  const rest = {rdev, target, xattrs: Object.fromEntries(xattrs), sha256}
  return {type: kind, mode, uid, gid, size, mtime_ns, ...rest}
}

/** Groups names by their inode, if it has several. */
export function groupsOf<T>(entries: ReadonlyArray<readonly [string, T]>): Map<string, string> {
  const byInode = new Map<T, string[]>()
  for (const [path, inode] of entries) {
    const group = byInode.get(inode)
    if (group === undefined) byInode.set(inode, [path])
    else group.push(path)
  }
  const shared = [...byInode.values()].filter((group) => group.length > 1)
  return new Map(
    shared.flatMap((group) => {
      const names = group.sort().join('\0')
      return group.map((path) => [path, names])
    }),
  )
}

/** The current state of these sources, without exclusions. */
export function freeze(
  source: SourceTree,
  sources: readonly string[],
  without: ExclusionName = 'none',
): Tree {
  const isTaken = taken(without, source.paths)
  const isIn = (path: string): boolean =>
    sources.includes(path.split('/', 1)[0] ?? '') && isTaken(path)
  const all = [...source.paths]
  const entries = all.filter(([path]) => isIn(path))
  const groups = groupsOf(entries.filter(([, {kind}]) => kind !== 'directory'))
  const links = new Map<Inode, number>()
  for (const [, inode] of all) links.set(inode, (links.get(inode) ?? 0) + 1)
  return new Map(
    entries.map(([path, inode]) => {
      const names = groups.get(path) ?? ''
      const {version} = inode
      const origin = {inode, version, names, links: links.get(inode) ?? 1}
      return [path, {text: textOf(factsOf(inode), names), origin}]
    }),
  )
}

/** Without the other names of the inode. */
export const alone = (entry: Frozen | undefined): string => {
  const facts = entry === undefined ? [] : (JSON.parse(entry.text) as unknown[])
  return JSON.stringify(facts.slice(0, -1))
}

/** Paths at which the trees differ. */
export function treeDifferences(wanted: Tree, found: Tree): string[] {
  const paths = new Set([...wanted.keys(), ...found.keys()])
  return [...paths].filter((path) => wanted.get(path)?.text !== found.get(path)?.text).sort()
}

/**
 * Whether the run must make a snapshot, must not, or may. A link from outside the source is seen
 * but not kept.
 */
export function expectation(now: Tree, bases: Bases): boolean | null {
  const before = treeBefore(bases)
  const different = treeDifferences(now, before)
  // Names of one inode in sources with different bases need not be in one snapshot.
  const isApart = new Set(bases.values()).size > 1
  const isJoined = different.every((path) => alone(now.get(path)) === alone(before.get(path)))
  if (different.length > 0) return isApart && isJoined ? null : true
  const sameLinks = [...now].every(
    ([path, {origin}]) => origin?.links === before.get(path)?.origin?.links,
  )
  return sameLinks ? false : null
}

const byAge = (a: Snapshot, b: Snapshot): number => b.time_ms - a.time_ms

/** The base of each source: the newest snapshot that holds it, else the newest of all. */
export type Bases = ReadonlyMap<string, Snapshot>

export function basesFor(snapshots: readonly Snapshot[], sources: readonly string[]): Bases {
  const finished = snapshots.filter((one) => one.finished).sort(byAge)
  return new Map(
    sources.flatMap((name) => {
      const base = finished.find((one) => one.sources.includes(name)) ?? finished[0]
      return base === undefined ? [] : [[name, base] as const]
    }),
  )
}

const sourceOf = (path: string): string => path.split('/', 1)[0] ?? ''

export const baseOf = (bases: Bases, path: string): Snapshot | undefined =>
  bases.get(sourceOf(path))

/** The sources as they are in their bases. */
export function treeBefore(bases: Bases): Tree {
  const all = [...bases].flatMap(([name, {tree}]) =>
    [...tree].filter(([path]) => sourceOf(path) === name),
  )
  return new Map(all)
}

/** Whether a base holds sources that this run does not. */
export const narrows = (bases: Bases, sources: readonly string[]): boolean =>
  [...bases.values()].some((base) => base.sources.some((name) => !sources.includes(name)))

/** Empty sources as they are in their bases, grouped among themselves. */
export function carriedTree(bases: Bases, sources: readonly string[]): Tree {
  const all = [...treeBefore(bases)].filter(([path]) => sources.includes(sourceOf(path)))
  return new Map(
    all.map(([path, entry]) => {
      const facts = JSON.parse(entry.text) as unknown[]
      const names = String(facts.at(-1)).split('\0').filter((name) => sources.includes(sourceOf(name))) // prettier-ignore
      const rest = names.length > 1 ? names.join('\0') : ''
      return [path, {...entry, text: JSON.stringify([...facts.slice(0, -1), rest])}]
    }),
  )
}

/**
 * The expected tree, with groups as in `other` where carried names may share the inode of names
 * that the run has seen: if it was one inode, and has not changed.
 */
export function joined(now: Tree, other: Tree, carried: readonly string[]): Tree {
  if (carried.length === 0) return now
  return new Map(
    [...now].map(([path, entry]) => {
      const there = other.get(path)
      if (there === undefined || alone(there) !== alone(entry)) return [path, entry]
      const names = namesIn(there)
      const mayBe =
        namesIn(entry).every((name) => names.includes(name)) &&
        names.some((name) => carried.includes(sourceOf(name))) &&
        names.every((name) => isSameInode(now.get(name), entry))
      return [path, mayBe ? {...entry, text: there.text} : entry]
    }),
  )
}

const namesIn = ({text}: Frozen): string[] =>
  String((JSON.parse(text) as unknown[]).at(-1)).split('\0').filter((name) => name !== '') // prettier-ignore

const isSameInode = (a: Frozen | undefined, b: Frozen): boolean =>
  a?.origin?.inode !== undefined && a.origin.inode === b.origin?.inode && alone(a) === alone(b)

/** Runs with different exclusions are judged like in the reference of the retention tests. */
const candidateOf = ({name, time_ms, sources, damaged, without, earlier}: Snapshot): Candidate => ({
  ...{name, sources, finished: true, future: false, pinned: false, tags: []},
  instant: new Date(time_ms),
  selection: damaged ? null : without,
  earlier: damaged ? [] : earlier,
})

/** What other runs over these sources have left out so far. */
export function leftOutBefore(
  snapshots: readonly Snapshot[],
  sources: readonly string[],
  without: ExclusionName,
): string[] {
  const past = snapshots.filter(
    (one) => one.finished && !one.damaged && one.sources.some((name) => sources.includes(name)),
  )
  const all = past.flatMap((one) => [one.without, ...one.earlier])
  return [...new Set(all)].filter((other) => other !== without)
}

/**
 * The snapshots that --keep-last removes, oldest first. Each source keeps its own last ones.
 * `within`: only snapshots that hold no other sources.
 */
export function expired(
  snapshots: readonly Snapshot[],
  last: number,
  within: readonly string[] | null,
): string[] {
  const finished = snapshots.filter((one) => one.finished).sort(byAge)
  const kept = new Set(finished.filter((one) => one.pinned))
  const isReal = ({sources, carried, damaged}: Snapshot, source: string): boolean =>
    sources.includes(source) && (damaged || !carried.includes(source))
  for (const source of new Set(finished.flatMap((one) => one.sources))) {
    const real = finished.filter((one) => isReal(one, source))
    const holding = real.length > 0 ? real : finished.filter((one) => one.sources.includes(source))
    for (const one of holding.slice(0, last)) kept.add(one)
    const candidates = holding.map(candidateOf)
    for (const without of new Set(holding.map((one) => one.without))) {
      const newest = holding.find((one) => !one.damaged && one.without === without)
      if (newest !== undefined && inTurn(without, candidates)) kept.add(newest)
    }
  }
  const isOurs = ({sources}: Snapshot): boolean =>
    within === null || sources.every((name) => within.includes(name))
  return finished.filter((one) => !kept.has(one) && isOurs(one)).map(({name}) => name).reverse() // prettier-ignore
}
