// The store as the model has it: for each snapshot a frozen copy of what the source was then, and
// the rules of linking and pruning told once more, in the fewest words.
import {createHash} from 'node:crypto'
import type {Item} from '../../native/inventory.js'
import {taken, type ExclusionName} from './exclusion.js'
import type {Inode, SourceTree} from './source.js'

/** An entry as a snapshot has to show it, in one text. */
export interface Frozen {
  readonly text: string
  /** Which inode of the source it was, in what state and with which names; null: not known. */
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
  readonly tree: Tree
  /** The run has said itself what it lacks. */
  readonly isPartial: boolean
  /** Of what is no directory, as first seen on disk. */
  inodes: ReadonlyMap<string, string> | null
  finished: boolean
  pinned: boolean
  /** Its marker does not say what it holds; only its directories do. */
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

/** What the oracle and the model say of an entry, in the same words. */
type Facts = Omit<Item, 'path' | 'ino' | 'first'>

/** `names`: all its names within the snapshot, where there are several. */
export function textOf(facts: Facts, names: string): string {
  const {type, mode, uid, gid, size, mtime_ns, rdev, target, xattrs, sha256} = facts
  const attributes = Object.entries(xattrs).sort(([a], [b]) => (a < b ? -1 : 1))
  const octal = mode.toString(8)
  const all = [type, octal, uid, gid, size, mtime_ns, rdev, target, attributes, sha256, names]
  return JSON.stringify(all)
}

const nullDevice = 0x103 // 1:3, as stat says it

function factsOf(inode: Inode): Facts {
  const {kind, mode, uid, gid, mtime_ns, content, target, xattrs} = inode
  const size = kind === 'file' ? content.length : Buffer.byteLength(target, 'latin1')
  const rdev = kind === 'char' ? nullDevice : 0
  const sha256 = kind === 'file' ? hashOf(content) : ''
  const rest = {rdev, target, xattrs: Object.fromEntries(xattrs), sha256}
  return {type: kind, mode, uid, gid, size, mtime_ns, ...rest}
}

/** Names that share an inode, by any of them; only where there are several. */
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

/** What these sources are at this moment, but for what is to be left out. */
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

/** Paths at which they differ. */
export function treeDifferences(wanted: Tree, found: Tree): string[] {
  const paths = new Set([...wanted.keys(), ...found.keys()])
  return [...paths].filter((path) => wanted.get(path)?.text !== found.get(path)?.text).sort()
}

/** Whether the run must make a snapshot, must not, or may: links from outside are seen, not kept. */
export function expectation(now: Tree, before: Tree | null): boolean | null {
  if (before === null || treeDifferences(now, before).length > 0) return true
  const sameLinks = [...now].every(
    ([path, {origin}]) => origin?.links === before.get(path)?.origin?.links,
  )
  return sameLinks ? false : null
}

const byAge = (a: Snapshot, b: Snapshot): number => b.time_ms - a.time_ms

/** The newest with all these sources, else with one of them, else the newest. */
export function previousFor(
  snapshots: readonly Snapshot[],
  sources: readonly string[],
): Snapshot | null {
  const finished = snapshots.filter((one) => one.finished).sort(byAge)
  const all = finished.find((one) => sources.every((name) => one.sources.includes(name)))
  const some = finished.find((one) => sources.some((name) => one.sources.includes(name)))
  return all ?? some ?? finished[0] ?? null
}

/** What --keep-last removes, the oldest first: each source has its own last ones. */
export function expired(snapshots: readonly Snapshot[], last: number): string[] {
  const finished = snapshots.filter((one) => one.finished).sort(byAge)
  const kept = new Set(finished.filter((one) => one.pinned))
  for (const source of new Set(finished.flatMap((one) => one.sources))) {
    const holding = finished.filter((one) => one.sources.includes(source))
    for (const one of holding.slice(0, last)) kept.add(one)
  }
  return finished.filter((one) => !kept.has(one)).map(({name}) => name).reverse() // prettier-ignore
}
