// Checks a snapshot whose run reported problems: entries that it does not name must be right.
import {shownPaths} from './judgement.js'
import type {End} from './operation.js'
import {alone, treeDifferences, type Tree} from './snapshots.js'

/** True also if the run could not read the stored file of an older snapshot. */
const isNamed = (path: string, named: readonly string[]): boolean =>
  named
    .map((name) => name.replace(/^\d{4}-\d\d-\d\d_[\d-]+\//, ''))
    .some((name) => name === '' || path === name || path.startsWith(`${name}/`))

/** Returns the tree with which the model continues, and the unreported differences. */
export function judgeAdopted(
  wanted: Tree,
  found: Tree,
  {named, notes}: Pick<End, 'named' | 'notes'>,
): {tree: Tree; problems: string[]} {
  const tree = new Map(wanted)
  const unnamed: string[] = []
  for (const path of treeDifferences(wanted, found)) {
    const entry = found.get(path)
    if (entry === undefined) tree.delete(path)
    else tree.set(path, entry)
    // One of the other names may be missing.
    const isSame = alone(wanted.get(path)) === alone(entry)
    if (!isSame && !isNamed(path, named) && notes === 0) unnamed.push(path)
  }
  return {tree, problems: unnamed.length === 0 ? [] : [`not named: ${shownPaths(unnamed)}`]}
}
