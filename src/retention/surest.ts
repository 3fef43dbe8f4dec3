// Finds the snapshot that holds a series most surely. Pure.

/** The part of a snapshot that is needed here. */
export interface Ranked {
  /** Null or empty if unknown: the snapshot then counts for every source. */
  readonly sources: readonly string[] | null
  /** Keys of its series, which are judged instead of the sources. */
  readonly keys?: readonly string[] | null
  /** How surely it holds each of them, in the same order: the higher, the surer. */
  readonly ranks?: readonly number[]
}

export const judgedAs = ({keys, sources}: Ranked): readonly string[] | null =>
  keys === undefined ? sources : keys

/** -1: it is unknown which series the snapshot holds, or it holds others. */
function rankOf(snapshot: Ranked, name: string): number {
  const at = judgedAs(snapshot)?.indexOf(name) ?? -1
  return at === -1 ? -1 : (snapshot.ranks?.[at] ?? 0)
}

/**
 * The position of the first of the snapshots that hold a series most surely; -1 if none is known to
 * hold it. A damaged snapshot may or may not hold it, and one of unknown sources too. Without a surer
 * one, the series itself could be forgotten, and the next run would remove its snapshots.
 */
export function surest(name: string, snapshots: readonly Ranked[]): number {
  const ranks = snapshots.map((snapshot) => rankOf(snapshot, name))
  const best = Math.max(-1, ...ranks)
  return best === -1 ? -1 : ranks.indexOf(best)
}
