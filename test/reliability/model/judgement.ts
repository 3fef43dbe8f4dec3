// Compares the store on disk, as the oracle lists it, with the model.
import type {Item} from '../../native/inventory.js'
import {alone, baseOf, groupsOf, textOf, treeDifferences} from './snapshots.js'
import type {Bases, Snapshot, Tree} from './snapshots.js'

/** What is on disk below one name of the store. */
export interface Stored {
  readonly mode: number
  readonly items: readonly Item[]
}

/** The names in the store, hidden ones too, with what is below them. */
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

/** A snapshot's tree without what is the store's own in it. */
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

/** What an entry is and ought to be, for the one who reads the report. */
function detail(wanted: Tree, found: Tree, path = ''): string {
  return `${wanted.get(path)?.text ?? 'nothing'} is ${found.get(path)?.text ?? 'nothing'}`
}

/** The delta has no inode of its own, and is made where something was linked against. */
function deltaProblems(snapshot: Snapshot, inodes: ReadonlyMap<string, string>): string[] {
  const delta = '.backup_delta/'
  const odd = [...inodes].filter(
    ([path, ino]) => path.startsWith(delta) && inodes.get(path.slice(delta.length)) !== ino,
  )
  return odd.length === 0
    ? []
    : [`the delta of ${snapshot.name} has its own ${shownPaths(odd.map(([path]) => path))}`]
}

/** What is wrong with a snapshot, which from its first time on keeps its very inodes. */
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
  /** Moved files that share their inode all the same. */
  readonly moved: number
  readonly problems: string[]
}

/** Whether what has not changed since the snapshot that it is compared with is linked from it. */
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
    // Other names make it another group, which must not share the inode of the former one.
    // So do names that a copy of the store has torn apart.
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
