// Random trees and random patterns for the comparison with git.

/** A small random number generator, so that a seed repeats a case. */
export class Chance {
  constructor(private state: number) {}

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.state / 0x1_0000_0000) * limit)
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('there is nothing to pick from')
    return item
  }

  many<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({length: least + this.below(most - least + 1)}, make)
  }
}

/** Bytes as latin1 text: é in UTF-8 is two bytes, and \xff is not valid UTF-8. */
const nameParts = [
  'a',
  'b',
  'ab',
  'A',
  'c',
  '.',
  '-',
  ' ',
  '\\',
  '*',
  '[',
  ']',
  '!',
  '#',
  '\xc3\xa9',
]
const nameTails = ['', '', '', '.o', '\xff', ' ', '\t', '\r', '?']

export const randomName = (chance: Chance): string => {
  const name = chance.many(1, 3, () => chance.pick(nameParts)).join('') + chance.pick(nameTails)
  return ['.', '..'].includes(name) || name.startsWith('.git') ? 'a' : name
}

const literals = ['a', 'b', 'ab', 'A', 'c', '.', '-', ' ', '\xc3\xa9', '\xff', '.o', '!', '#', ']']
const wildcards = ['*', '*', '?', '**', '***']
const sets = ['[ab]', '[!a]', '[^b-z]', '[a-', '[]a]', '[a-c.]', '[[:alpha:]]', '[[:upper:]b]']
const rareSets = ['[[:nope:]]', '[\\]a]', '[a\\-c]', '[[:a]', '[]', '[a/b]', '[[:space:][:punct:]]']
const escapes = ['\\*', '\\a', '\\ ', '\\[', '\\\\', '\\', '\\/', '\\#', '\\!']
const slashes = ['/', '/', '/**/', '/**', '**/', '//']

function randomPart(chance: Chance): string {
  const kind = chance.below(20)
  if (kind < 9) return chance.pick(literals)
  if (kind < 13) return chance.pick(wildcards)
  if (kind < 15) return chance.pick(sets)
  if (kind < 16) return chance.pick(chance.below(2) === 0 ? rareSets : escapes)
  return chance.pick(slashes)
}

/** A random line. Half of them are made from a path of the tree, so that they match often. */
export function randomPattern(chance: Chance, paths: readonly string[]): string {
  const mark = chance.below(6) === 0 ? '!' : ''
  const tail = chance.pick(['', '', '', '', '/', ' ', '\\ ', '\t', '/**'])
  if (chance.below(2) === 0) {
    return mark + chance.many(1, 5, () => randomPart(chance)).join('') + tail
  }
  const parts = chance.pick(paths).split('/')
  const from = chance.below(parts.length)
  const some = parts.slice(from, from + 1 + chance.below(parts.length - from))
  const vague = some.map((part) => {
    if (chance.below(3) > 0) return part
    const at = chance.below(part.length)
    return part.slice(0, at) + randomPart(chance) + part.slice(at + chance.below(2))
  })
  return mark + chance.pick(['', '', '/', '**/']) + vague.join('/') + tail
}

/** Paths of directories and files, including the parents of each. */
export function randomTree(chance: Chance, size: number): {dirs: string[]; files: string[]} {
  const dirs: string[] = []
  const files: string[] = []
  const taken = new Set<string>()
  while (taken.size < size) {
    const above = chance.below(4) === 0 || dirs.length === 0 ? '' : `${chance.pick(dirs)}/`
    const path = above + randomName(chance)
    if (taken.has(path) || path.split('/').length > 6) continue
    taken.add(path)
    ;(chance.below(5) < 2 ? dirs : files).push(path)
  }
  return {dirs, files}
}
