// The exclusions that some backups of the model use: as flags, and as a function.
import type {SelectionTexts} from '../../../src/engine/selection.js'
import type {Inode} from './source.js'

interface Exclusion {
  readonly texts: Partial<SelectionTexts>
  /** `steps` lead from the source to the entry. */
  readonly leavesOut: (steps: readonly string[], inode: Inode) => boolean
}

const limit = 4096

/** By name, because operations are data. */
export const exclusions = {
  none: {texts: {}, leavesOut: () => false},
  name: {texts: {exclude: ['a']}, leavesOut: (steps) => steps.at(-1) === 'a'},
  'name but at the top': {
    texts: {exclude: ['a', '!/a']},
    leavesOut: (steps) => steps.at(-1) === 'a' && steps.length > 1,
  },
  ending: {
    texts: {exclude: ['*.txt']},
    leavesOut: (steps) => steps.at(-1)?.endsWith('.txt') === true,
  },
  directories: {
    texts: {exclude: ['[bc]/']},
    leavesOut: (steps, {kind}) => /^[bc]$/.test(steps.at(-1) ?? '') && kind === 'directory',
  },
  content: {
    texts: {exclude: ['/d/**']},
    leavesOut: (steps) => steps[0] === 'd' && steps.length > 1,
  },
  'any depth': {
    texts: {iexclude: ['**/E/b']},
    leavesOut: (steps) => steps.at(-2) === 'e' && steps.at(-1) === 'b',
  },
  large: {
    texts: {'exclude-larger-than': String(limit)},
    leavesOut: (_, {kind, content}) => kind === 'file' && content.length > limit,
  },
} as const satisfies Record<string, Exclusion>

export type ExclusionName = keyof typeof exclusions

export const exclusionNames = Object.keys(exclusions) as ExclusionName[]

/** The part of a tree that a backup takes. Paths begin with a source's name. */
export function taken(
  name: ExclusionName,
  paths: ReadonlyMap<string, Inode>,
): (path: string) => boolean {
  const {leavesOut}: Exclusion = exclusions[name]
  return (path) => {
    const steps = path.split('/')
    // A directory takes everything below it along.
    return steps.slice(1).every((_, depth) => {
      const inode = paths.get(steps.slice(0, depth + 2).join('/'))
      return inode === undefined || !leavesOut(steps.slice(1, depth + 2), inode)
    })
  }
}

export const exclusionFlags = (name: ExclusionName): string[] =>
  Object.entries(exclusions[name].texts).flatMap(
    ([flag, given]: [string, string | readonly string[]]) =>
      [given].flat().map((text) => `--${flag}=${text}`),
  )
