// Lists trees with the oracle of the native tests, in one process for many requests.
import {fileURLToPath} from 'node:url'
import {contents, type Item} from '../native/inventory.js'
import {Dialogue} from './dialogue.js'

const program = fileURLToPath(new URL('oracle.py', import.meta.url))

export class Oracle extends Dialogue {
  constructor() {
    super(program)
  }

  /** Throws the oracle's error about a directory that it cannot read. */
  async inventory(directory: string): Promise<Item[]> {
    const question = Buffer.from(directory).toString('base64')
    const answer = (await this.ask(question)) as Item[] | string
    if (typeof answer === 'string') throw new Error(`${directory}: ${answer}`)
    return answer
  }
}

/** Each item with the first item of its inode among these alone, or if not grouped with itself. */
function regrouped(items: readonly Item[], grouped: boolean): Item[] {
  const firsts = new Map<string, string>()
  return items.map((item) => {
    if (!firsts.has(item.ino)) firsts.set(item.ino, item.path)
    return {...item, first: grouped ? String(firsts.get(item.ino)) : item.path}
  })
}

export interface DifferenceOptions {
  /** Paths with known differences. */
  readonly known?: (path: string) => boolean
  /** False: ignores which names share an inode. */
  readonly grouped?: boolean
}

/** Paths at which two trees differ in anything but the inode, in Latin-1. */
export function differences(
  wanted: readonly Item[],
  found: readonly Item[],
  {known = () => false, grouped = true}: DifferenceOptions = {},
): string[] {
  const byPath = (items: readonly Item[]): Map<string, string> => {
    const rest = regrouped(
      items.filter(({path}) => !known(path)),
      grouped,
    )
    return new Map(rest.map((item, i) => [item.path, JSON.stringify(contents([item])[0] ?? i)]))
  }
  const [left, right] = [byPath(wanted), byPath(found)]
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort()
  return paths.filter((path) => left.get(path) !== right.get(path))
}

/** Compares the inodes too: whether a tree is unchanged. */
export const isUnchanged = (before: readonly Item[], after: readonly Item[]): boolean =>
  JSON.stringify(before) === JSON.stringify(after)
