// The operands of commands that take whole snapshots. Pure.
import {resolve, type Choice, type Filters} from './selectors.js'
import type {Snapshot} from './store.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'

/** The selectors; with --at alone, the snapshot that it chooses. */
export const selectorsFor = (selectors: readonly string[], {at}: Filters): readonly string[] =>
  selectors.length === 0 && at !== undefined ? ['latest'] : selectors

/**
 * The snapshots that these selectors mean, each once, in the order of the operands. Throws a CuraError
 * as `resolve` does, and 'usage' for a path; `verb` says what happens to whole snapshots.
 */
export function snapshotsFrom(
  selectors: readonly string[],
  choice: Choice,
  verb: 'deleted' | 'measured' | 'verified' | null = null,
): Snapshot[] {
  const chosen = selectors.map((selector) => {
    const {snapshot, path} = resolve(selector, choice)
    if (path === null && !selector.includes(':')) return snapshot
    const text = printable(selector)
    throw new CuraError(
      'usage',
      verb === null
        ? `give the snapshot without a path: ${text} names a path in it`
        : `"${text}" has a path, but only whole snapshots can be ${verb}: write ${snapshot.name}`,
    )
  })
  return [...new Set(chosen)]
}
