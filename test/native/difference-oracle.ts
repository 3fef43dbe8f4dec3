// Judges a list of changes by the two trees that it is about, without the product's own code.
import type {Change} from '../../src/native/native.js'
import {inventories, type Item} from './inventory.js'

export interface Trees {
  readonly before: ReadonlyMap<string, Item>
  readonly after: ReadonlyMap<string, Item>
}

/** What the compared records do not know. */
export interface Doubts {
  /** Contents of different inodes count as changed. */
  readonly digests: boolean
  readonly xattrs: boolean
}

const mapOf = (items: readonly Item[]): Map<string, Item> =>
  new Map(items.filter(({path}) => !path.startsWith('.backup_')).map((item) => [item.path, item]))

export function treesOf(before: string, after: string): Trees {
  const [first = [], second = []] = inventories(before, after)
  return {before: mapOf(first), after: mapOf(second)}
}

const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0))
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const hasSameContent = (a: Item, b: Item): boolean =>
  a.type === b.type && a.sha256 === b.sha256 && a.target === b.target && a.rdev === b.rdev

function hasSameMetadata(a: Item, b: Item, {xattrs}: Doubts): boolean {
  const textOf = (item: Item): string =>
    JSON.stringify([item.mode, item.uid, item.gid, item.mtime_ns, xattrs ? 0 : item.xattrs])
  return textOf(a) === textOf(b)
}

const typeOf = ({type}: Item): string =>
  ['file', 'directory', 'symlink'].includes(type) ? type : 'special'

const inWords = ({kind, type, path, from}: Change): string =>
  `${kind} ${type} ${from?.toString('latin1') ?? ''} ${path.toString('latin1')}`

/** The order of a walk that enters a directory before it goes on. */
function comesBefore(a: string, b: string): boolean {
  const key = (path: string): Buffer => Buffer.from(path.replaceAll('/', '\0'), 'latin1')
  return Buffer.compare(key(a), key(b)) <= 0
}

/** Where each entry of the first tree is in the second one, by the changes alone. */
function imagesOf({before}: Trees, changes: readonly Change[], problems: string[]) {
  const moved = new Map<string, string>()
  const deleted = new Set<string>()
  for (const change of changes) {
    const path = change.path.toString('latin1')
    const from = change.from?.toString('latin1')
    if (change.kind === 'deleted') deleted.add(path)
    if (change.kind === 'renamed' && from === undefined) problems.push(inWords(change))
    if (change.kind !== 'renamed' || from === undefined) continue
    if (moved.has(from)) problems.push(`${from} was renamed twice`)
    moved.set(from, path)
  }
  const images = new Map<string, string>()
  for (const path of before.keys()) {
    if (deleted.has(path)) continue
    const above = parentOf(path)
    const base = above === '' ? '' : images.get(above)
    const image = moved.get(path) ?? (base === '' ? path : `${base ?? '?'}/${nameOf(path)}`)
    images.set(path, image)
  }
  for (const path of [...deleted, ...moved.keys()]) {
    if (!before.has(path)) problems.push(`${path} was never there`)
  }
  return images
}

/** One problem at most: what the change says about two entries must be true. */
function judgePair(a: Item, b: Item, change: Change | undefined, doubts: Doubts): string | null {
  const isSame = hasSameContent(a, b)
  const isEqual = isSame && hasSameMetadata(a, b, doubts)
  const about = `${a.path} and ${b.path}`
  if (change === undefined) return isEqual ? null : `${about} differ, and no change says so`
  const {kind} = change
  const isRight =
    (kind === 'metadata' && isSame && !isEqual) ||
    (kind === 'renamed' && isSame) ||
    (kind === 'changed' && (!isSame || (doubts.digests && a.ino !== b.ino)))
  return isRight ? null : `${about} are not ${kind}`
}

/** A renamed entry must have lost its path, and got one that was free. */
function judgeRename({before, after}: Trees, from: string, to: string): string | null {
  const old = after.get(from)
  const overwritten = before.get(to)
  if (old !== undefined && old.type === before.get(from)?.type) return `${from} is still there`
  if (overwritten !== undefined && overwritten.type === after.get(to)?.type) {
    return `${to} was there before`
  }
  return null
}

/** Entries listed as deleted and new that are the same one. */
function missedRenames({before, after}: Trees, changes: readonly Change[], doubts: Doubts) {
  const keysOf = ({ino, sha256, mtime_ns, size}: Item): string[] => [
    `ino ${ino}`,
    ...(doubts.digests || size === 0 ? [] : [`${sha256} ${mtime_ns}`]),
  ]
  const itemsOf = (kind: string, tree: ReadonlyMap<string, Item>): Item[] =>
    changes
      .filter((change) => change.kind === kind && change.type === 'file')
      .flatMap(({path}) => tree.get(path.toString('latin1')) ?? [])
  const lost = new Map(
    itemsOf('deleted', before).flatMap((item) => keysOf(item).map((key) => [key, item.path])),
  )
  return itemsOf('new', after).flatMap((item) => {
    const key = keysOf(item).find((one) => lost.has(one))
    return key === undefined ? [] : [`${lost.get(key) ?? ''} became ${item.path}`]
  })
}

/** Sentences about what is wrong; none if the changes turn the first tree into the second one. */
export function problemsOf(trees: Trees, changes: readonly Change[], doubts: Doubts): string[] {
  const {before, after} = trees
  const problems: string[] = []
  const images = imagesOf(trees, changes, problems)
  const listed = changes.filter(({kind}) => kind !== 'deleted')
  const byPath = new Map(listed.map((change) => [change.path.toString('latin1'), change]))
  if (byPath.size !== listed.length) problems.push('a path is listed twice')
  const made = new Set<string>()
  for (const [path, image] of images) {
    const [a, b] = [before.get(path), after.get(image)]
    if (made.has(image)) problems.push(`two entries became ${image}`)
    made.add(image)
    if (a === undefined || b === undefined) {
      problems.push(`${path} should be at ${image}`)
      continue
    }
    const change = byPath.get(image)
    const isMove = change?.kind === 'renamed'
    const from = change?.from?.toString('latin1') ?? image
    if (change !== undefined && from !== path) problems.push(`${image} came from ${path}`)
    problems.push(...[judgePair(a, b, change, doubts)].filter((text) => text !== null))
    if (isMove) {
      problems.push(...[judgeRename(trees, path, image)].filter((text) => text !== null))
    }
  }
  for (const path of after.keys()) {
    const isNew = byPath.get(path)?.kind === 'new'
    if (isNew === made.has(path)) problems.push(`${path} is ${isNew ? 'not ' : ''}new`)
  }
  for (const [at, change] of changes.entries()) {
    const path = change.path.toString('latin1')
    const item = (change.kind === 'deleted' ? before : after).get(path)
    const bytes = item?.type === 'file' ? item.size : 0
    if (item === undefined || typeOf(item) !== change.type || change.bytes !== bytes) {
      problems.push(`${inWords(change)}: wrong type or size`)
    }
    const last = changes[at - 1]?.path.toString('latin1')
    if (last !== undefined && !comesBefore(last, path)) problems.push(`${path} comes too late`)
  }
  return [...problems, ...missedRenames(trees, changes, doubts)]
}
