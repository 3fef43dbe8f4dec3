// Answers questions about snapshots from their trees alone, to compare with the program's answers.
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {inventories, type Item} from '../native/inventory.js'
import {newestFirst} from './random-store.js'

/** One history: the trees of a source, the newest first. */
export interface Trees {
  readonly source: string
  readonly names: readonly string[]
  /** By path as Latin-1, beginning with the source's name; the source itself is included. */
  readonly items: ReadonlyArray<ReadonlyMap<string, Item>>
}

/** The items of a directory and everything below it, in the order of the paths. */
function itemsOf(source: string, listed: readonly Item[]): Map<string, Item> {
  const top = {path: '', type: 'directory', size: 0} as Item
  return new Map([[source, top], ...listed.map((item): [string, Item] => [`${source}/${item.path}`, item])]) // prettier-ignore
}

export function treesOf(storeDir: string, source: string): Trees {
  const names = newestFirst(storeDir).filter((name) => existsSync(join(storeDir, name, source)))
  const listed = inventories(...names.map((name) => join(storeDir, name, source)))
  return {source, names, items: listed.map((items) => itemsOf(source, items))}
}

/** All paths that any tree has. */
export const pathsOf = ({items}: Trees): string[] => [
  ...new Set(items.flatMap((one) => [...one.keys()])),
]

export interface BruteMatch {
  readonly path: string
  readonly first: string
  readonly last: string
  readonly snapshots: number
  readonly present: boolean
}

/** What find must print for one history. */
export function bruteFind(
  trees: Trees,
  fits: (path: string, item: Item) => boolean,
  deletedOnly: boolean,
): BruteMatch[] {
  const matches = pathsOf(trees).map((path) => {
    const held = trees.names.filter((_, at) => {
      const item = trees.items[at]?.get(path)
      return item !== undefined && fits(path, item)
    })
    const present = trees.items[0]?.has(path) === true
    return {path, first: held.at(-1) ?? '', last: held[0] ?? '', snapshots: held.length, present}
  })
  return matches.filter(({snapshots, present}) => snapshots > 0 && !(deletedOnly && present))
}
