// Which exclusions take turns in one history: runs with and runs without some files. Pure.

/** What is looked at of a snapshot. */
export interface Used {
  /** A fingerprint of what its run left out, '' for nothing; null or absent where it is not known. */
  readonly selection?: string | null
  /** Others that were used before it; see earlierThan(). */
  readonly earlier?: readonly string[]
}

/**
 * Whoever makes new exclusions for each run must not fill the store: only the newest snapshots of
 * that many selections, those used last, are kept for their sake.
 */
export const selectionLimit = 30

interface Range {
  readonly first: number
  last: number
  count: number
}

/** From where to where each selection was used, in the order of their last use. */
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
 * The selections that take turns among snapshots of one series, the newest first: one came back after
 * another had been used. Those that were simply replaced are not among them. In the order of their
 * last use.
 */
function selectionsInTurn(used: readonly Used[]): string[] {
  const known = used.filter(({selection}) => typeof selection === 'string')
  const ranges = rangesOf(known)
  const found = new Set<string>()
  let reach = -1 // of those that were used later
  for (const [selection, {first, last, count}] of ranges) {
    if (reach > first || last - first >= count) found.add(selection)
    reach = Math.max(reach, last)
  }
  // What was used before may be gone.
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
 * The other selections used so far, the last one first: what a marker says of the past, as the
 * snapshots that were made with them may go. `used` are the newest first.
 */
export function earlierThan(selection: string, used: readonly Used[]): string[] {
  const all = used.flatMap((one) => [one.selection, ...(one.earlier ?? [])])
  const others = all.filter((text) => typeof text === 'string' && text !== selection)
  return [...new Set(others as string[])].slice(0, selectionLimit)
}
