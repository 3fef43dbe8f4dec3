// A snapshot whose run has said what it lacks: what it does not name has to be as it should.
import {shownPaths} from './judgement.js'
import type {End} from './operation.js'
import {treeDifferences, type Frozen, type Tree} from './snapshots.js'

/** Without the other names of the inode, one of which may be missing. */
const alone = (entry: Frozen | undefined): string => {
  const facts = entry === undefined ? [] : (JSON.parse(entry.text) as unknown[])
  return JSON.stringify(facts.slice(0, -1))
}

const isNamed = (path: string, named: readonly string[]): boolean =>
  named.some((name) => name === '' || path === name || path.startsWith(`${name}/`))

/** The tree as the model goes on with it, and what nobody has said that it lacks. */
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
    const isSame = alone(wanted.get(path)) === alone(entry)
    if (!isSame && !isNamed(path, named) && notes === 0) unnamed.push(path)
  }
  return {tree, problems: unnamed.length === 0 ? [] : [`not named: ${shownPaths(unnamed)}`]}
}
