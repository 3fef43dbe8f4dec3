// Finds exclusions that take turns in one history: some runs have files that others exclude. Pure.

/** The part of a snapshot that is needed here. */
export interface Used {
  /** A fingerprint of its run's exclusions, '' for none; null or absent if unknown. */
  readonly selection?: string | null
  /** Fingerprints used before it; see earlierThan(). */
  readonly earlier?: readonly string[]
}

/**
 * The newest snapshot is kept for this many selections only, those used last. Otherwise a user with
 * new exclusions in each run would fill the store.
 */
export const selectionLimit = 30

interface Range {
  readonly first: number
  last: number
  count: number
}

/** The first and last use of each selection, in the order of their last use. */
function rangesOf(used: readonly Used[]): Map<string, Range> {
  const ranges = new Map<string, Range>()
  for (const [at, {selection}] of used.entries()) {
    if (typeof selection !== 'string') continue
    const range = ranges.get(selection) ?? {first: at, last: at, count: 0}
    range.last = at
    range.count += 1
    ranges.set(selection, range)
  }
  return ranges
}

/**
 * The selections that take turns in one series, whose snapshots are sorted newest first: one was used
 * again after another one. A selection that was simply replaced does not count. In the order of their
 * last use.
 */
function selectionsInTurn(used: readonly Used[]): string[] {
  const known = used.filter(({selection}) => typeof selection === 'string')
  const ranges = rangesOf(known)
  const found = new Set<string>()
  let reach = -1 // of the selections used later
  for (const [selection, {first, last, count}] of ranges) {
    if (reach > first || last - first >= count) found.add(selection)
    reach = Math.max(reach, last)
  }
  // Snapshots of earlier selections may be gone.
  for (const [at, {selection, earlier = []}] of known.entries()) {
    for (const other of earlier) {
      if (other === selection || (ranges.get(other)?.first ?? at) >= at) continue
      found.add(other).add(selection ?? '')
    }
  }
  return [...ranges.keys()].filter((selection) => found.has(selection))
}

/** The snapshots of each selection that takes turns, in their order. */
export function groupsInTurn<C extends {readonly snapshot: Used}>(
  cases: readonly C[],
): Array<{readonly selection: string; readonly cases: readonly C[]}> {
  const selections = selectionsInTurn(cases.map(({snapshot}) => snapshot))
  const groups = new Map(selections.map((selection): [string, C[]] => [selection, []]))
  for (const item of cases) {
    const {selection} = item.snapshot
    if (typeof selection === 'string') groups.get(selection)?.push(item)
  }
  return [...groups].map(([selection, some]) => ({selection, cases: some}))
}

/**
 * The other selections used so far, last one first. A marker records them, because the snapshots made
 * with them may be removed. `used` is sorted newest first.
 */
export function earlierThan(selection: string, used: readonly Used[]): string[] {
  const all = used.flatMap((one) => [one.selection, ...(one.earlier ?? [])])
  const others = all.filter((text) => typeof text === 'string' && text !== selection)
  return [...new Set(others as string[])].slice(0, selectionLimit)
}
