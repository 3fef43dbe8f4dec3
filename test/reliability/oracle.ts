// What is below a directory, by the oracle of the native tests, asked again and again.
import {fileURLToPath} from 'node:url'
import {contents, type Item} from '../native/inventory.js'
import {Dialogue} from './dialogue.js'

const program = fileURLToPath(new URL('oracle.py', import.meta.url))

export class Oracle extends Dialogue {
  constructor() {
    super(program)
  }

  /** Throws what the oracle says of a directory that it cannot read. */
  async inventory(directory: string): Promise<Item[]> {
    const question = Buffer.from(directory).toString('base64')
    const answer = (await this.ask(question)) as Item[] | string
    if (typeof answer === 'string') throw new Error(`${directory}: ${answer}`)
    return answer
  }
}

/** Each item with the first one of its inode among these alone, or (not grouped) with itself. */
function regrouped(items: readonly Item[], grouped: boolean): Item[] {
  const firsts = new Map<string, string>()
  return items.map((item) => {
    if (!firsts.has(item.ino)) firsts.set(item.ino, item.path)
    return {...item, first: grouped ? String(firsts.get(item.ino)) : item.path}
  })
}

export interface DifferenceOptions {
  /** Paths of which it is known that they differ. */
  readonly known?: (path: string) => boolean
  /** False: which names share an inode does not matter. */
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

/** The same with the inodes: whether a tree is still the very one that it was. */
export const isUnchanged = (before: readonly Item[], after: readonly Item[]): boolean =>
  JSON.stringify(before) === JSON.stringify(after)
