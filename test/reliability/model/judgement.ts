// Compares the store on disk, as the oracle lists it, with the model.
import type {Item} from '../../native/inventory.js'
import {alone, baseOf, groupsOf, textOf, treeDifferences} from './snapshots.js'
import type {Bases, Snapshot, Tree} from './snapshots.js'

/** Everything on disk below one name in the store. */
export interface Stored {
  readonly mode: number
  readonly items: readonly Item[]
}

/** The names in the store, including hidden ones, with everything below them. */
export function divide(items: readonly Item[]): Map<string, Stored> {
  const names = new Map<string, {mode: number; items: Item[]}>()
  for (const item of items) {
    const slash = item.path.indexOf('/')
    if (slash === -1) names.set(item.path, {mode: item.mode, items: []})
    else names.get(item.path.slice(0, slash))?.items.push({...item, path: item.path.slice(slash + 1)}) // prettier-ignore
  }
  return names
}

const isOwn = (path: string): boolean => path.startsWith('.backup_')
const isInode = ({type}: Item): boolean => type !== 'directory'

/** A snapshot's tree without the store's own files. */
export function treeOf(items: readonly Item[]): Tree {
  const entries = items.filter(({path}) => !isOwn(path))
  const inodes = entries.filter(isInode).map(({path, ino}) => [path, ino] as const)
  const groups = groupsOf(inodes)
  return new Map(
    entries.map((item) => {
      const text = textOf(item, groups.get(item.path) ?? '')
      return [item.path, {text, origin: null}]
    }),
  )
}

const inodesOf = (items: readonly Item[]): Map<string, string> =>
  new Map(items.filter(isInode).map(({path, ino}) => [path, ino]))

export const shownPaths = (paths: readonly string[]): string =>
  paths.slice(0, 5).map((path) => JSON.stringify(path)).join(', ') // prettier-ignore

/** The actual and the expected entry, for the report. */
function detail(wanted: Tree, found: Tree, path = ''): string {
  return `${wanted.get(path)?.text ?? 'nothing'} is ${found.get(path)?.text ?? 'nothing'}`
}

/** The delta has no inodes of its own, and exists if there was a base. */
function deltaProblems(snapshot: Snapshot, inodes: ReadonlyMap<string, string>): string[] {
  const delta = '.backup_delta/'
  const odd = [...inodes].filter(
    ([path, ino]) => path.startsWith(delta) && inodes.get(path.slice(delta.length)) !== ino,
  )
  return odd.length === 0
    ? []
    : [`the delta of ${snapshot.name} has its own ${shownPaths(odd.map(([path]) => path))}`]
}

/** The problems of a snapshot, whose inodes must never change. */
export function snapshotProblems(snapshot: Snapshot, {mode, items}: Stored): string[] {
  const {name, stored: tree, isTorn} = snapshot
  const problems: string[] = []
  const found = treeOf(items)
  const different = treeDifferences(tree, found).filter(
    (path) => !isTorn || alone(tree.get(path)) !== alone(found.get(path)),
  )
  if (different.length > 0) {
    const example = detail(tree, found, different[0])
    problems.push(`${name} differs at ${shownPaths(different)}: ${example}`)
  }
  if (mode !== 0o700) problems.push(`${name} has the mode ${mode.toString(8)}`)
  const inodes = inodesOf(items)
  if (!isTorn) problems.push(...deltaProblems(snapshot, inodes))
  const moved = [...(snapshot.inodes ?? [])].filter(
    ([path, ino]) => !isOwn(path) && inodes.get(path) !== ino,
  )
  if (moved.length > 0) {
    problems.push(`${name} has other inodes at ${shownPaths(moved.map(([path]) => path))}`)
  }
  snapshot.inodes = inodes
  return problems
}

interface Sharing {
  readonly shared: number
  /** Moved files that still share their inode. */
  readonly moved: number
  readonly problems: string[]
}

/** Whether unchanged entries are linked to the base. */
export function sharingOf(snapshot: Snapshot, bases: Bases): Sharing {
  let [shared, moved] = [0, 0]
  const apart: string[] = []
  const earlier = new Set([...bases.values()].flatMap(({inodes}) => [...(inodes?.values() ?? [])]))
  for (const [path, {origin}] of snapshot.tree) {
    const ino = snapshot.inodes?.get(path)
    const previous = baseOf(bases, path)
    const before = previous?.tree.get(path)?.origin
    if (ino === undefined || origin === null || previous === undefined) continue
    if (before === undefined || before?.inode !== origin.inode) {
      if (earlier.has(ino)) moved += 1
      continue
    }
    // Other names make another group, which must not share the old inode. The same is true for
    // names that a copy of the store has split.
    if (previous.isTorn && origin.names !== '') continue
    const isSame = before.version === origin.version && before.names === origin.names
    if (!isSame || before.links !== origin.links) continue
    const there = previous.inodes?.get(path)
    if (there === undefined) continue // it was refused
    if (there === ino) shared += 1
    else apart.push(path)
  }
  const {name} = snapshot
  const names = [...new Set([...bases.values()].map((base) => base.name))]
  const problem = `${name} does not share ${shownPaths(apart)} with ${names.join(' and ')}`
  return {shared, moved, problems: apart.length === 0 ? [] : [problem]}
}
