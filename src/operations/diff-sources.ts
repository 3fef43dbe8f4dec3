// Which sources two snapshots both hold, and their differences as one, for diff.
import type {KindCounts, NativeRecords, TreeDifference} from '../native/native.js'

const pageLimit = 1000

interface SharedSources {
  /** The directories of sources that both records hold, in their order. */
  readonly both: readonly Buffer[]
  /** The others, each with the number of its record. */
  readonly only: ReadonlyArray<{readonly source: Buffer; readonly record: 0 | 1}>
}

function sourcesIn(records: NativeRecords, record: 0 | 1): Buffer[] {
  const next = records.list(record, Buffer.alloc(0), {recursive: false})
  const found: Buffer[] = []
  for (let page = next?.(pageLimit) ?? []; page.length > 0; page = next?.(pageLimit) ?? []) {
    found.push(...page.map(({path}) => path))
  }
  return found
}

/** Compares the sources of the records 0 and 1 by their names. */
export function sharedSources(records: NativeRecords): SharedSources {
  const [before, after] = [sourcesIn(records, 0), sourcesIn(records, 1)]
  const isIn = (list: readonly Buffer[], source: Buffer): boolean =>
    list.some((other) => other.equals(source))
  return {
    both: before.filter((source) => isIn(after, source)),
    only: [
      ...before.filter((source) => !isIn(after, source)).map((source) => ({source, record: 0 as const})), // prettier-ignore
      ...after.filter((source) => !isIn(before, source)).map((source) => ({source, record: 1 as const})), // prettier-ignore
    ],
  }
}

const sumOf = (a: KindCounts, b: KindCounts): KindCounts => ({
  new: a.new + b.new,
  changed: a.changed + b.changed,
  metadata: a.metadata + b.metadata,
  renamed: a.renamed + b.renamed,
  deleted: a.deleted + b.deleted,
})

function both(a: TreeDifference, b: TreeDifference): TreeDifference {
  return {
    files: sumOf(a.files, b.files),
    directories: sumOf(a.directories, b.directories),
    bytes: a.bytes + b.bytes,
    changes: (limit) => {
      const page = a.changes(limit)
      return page.length > 0 ? page : b.changes(limit)
    },
  }
}

/** The differences of several trees, at least one, as one with the changes of each in turn. */
export const joined = (found: readonly TreeDifference[]): TreeDifference => found.reduce(both)
