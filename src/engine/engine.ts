// The stages of a backup as the operation sees them, whichever program moves the data.
import type {Base} from '../store/bases.js'
import {CuraError} from '../base/errors.js'
import {follow, type Following} from '../native/job.js'
import type {Applied, Trust, Change, Comparison, NativeSelection} from '../native/native.js'
import type {FailedSource, NativeStore, Omission, Publication, Source} from '../native/native.js'
import {openSources} from './sources.js'

/** The stages of one snapshot, run one after the other. */
export interface Engine {
  /** Compares the sources with the previous snapshot. Writes nothing. */
  compare(following: Following): Promise<Comparison>
  /** If nothing differs: remembers which files were compared by content. */
  keepProofs(following: Following): Promise<void>
  /** At most `limit` more changes; empty at the end. */
  changes(limit: number): readonly Change[]
  /** The same for excluded entries in the order of their paths, if they were to be listed. */
  omitted(limit: number): readonly Omission[]
  /** Makes the tree and its manifest in `.partial-…`, which must not exist. */
  apply(partial: string, following: Following): Promise<Applied>
  /** Writes the marker, makes everything durable and renames the partial to its name. */
  publish(publication: Publication, following: Following): Promise<void>
  close(): void
}

/** A comparison throws this if it cannot read one source but may be able to read others. */
export class UnreadableSource extends CuraError {
  constructor(
    readonly source: string,
    readonly reason: string,
  ) {
    super('failed', `${reason}; no snapshot was made`)
  }
}

/** Checks the fields, because a lazily loaded engine may have its own copy of the class. */
export const isUnreadableSource = (error: unknown): error is UnreadableSource =>
  error instanceof Error && 'source' in error && 'reason' in error

/** The checked sources of a run. */
export interface PreparedSources {
  /** Sources that cannot be read: their bases stand in for them. */
  failed(): readonly FailedSource[]
  /** The names of the sources that are mount points. */
  mounted(): readonly string[]
  /** Adds a source to `failed` from the next engine on. */
  drop(name: string): void
  /** `bases` are in the order of the sources. */
  engine(bases: readonly Base[]): Engine
  close(): void
}

function newestBase(bases: readonly Base[]): string | null {
  const time = ({instant}: Base): number => instant?.getTime() ?? -Infinity
  const [newest] = [...bases].sort((a, b) => time(b) - time(a))
  return newest?.snapshot ?? null
}

/** Whether the snapshot certainly belongs to the source's own series. */
export const isOwn = ({own, snapshot, older}: Base, name: string): boolean =>
  own && (snapshot === name || older.includes(name))

/**
 * One base for all sources that have a snapshot of their own series: the newest common one, or
 * without one, the newest. It need not be of every source's series: see isOwn().
 */
export function soleBase(bases: readonly Base[]): string | null {
  const found = bases.filter(({own, snapshot}) => own && snapshot !== null)
  const chains = found.map(({snapshot, older}) => [snapshot, ...older])
  const common = chains[0]?.find((name) => chains.every((chain) => chain.includes(name)))
  return common ?? newestBase(found)
}

/** The same for engines that compare contents and can use a snapshot of any series. */
export const linkBase = (bases: readonly Base[]): string | null =>
  soleBase(bases) ?? newestBase(bases)

/** Settings of the addon's own engine. */
export interface NativeMeans {
  readonly selection: NativeSelection | null
  readonly trust: Trust
  /** Whether newly stored files get digests. */
  readonly digests: boolean
}

/**
 * For a base of another series, equal size and time prove nothing. Contents are then trusted only if
 * inodes or ctimes are.
 */
function trustFor(trust: Trust, bases: readonly Base[]): Trust {
  if (bases.every(({own, snapshot}) => own || snapshot === null)) return trust
  return {...trust, quick: false, contents: trust.contents && (trust.inodes || trust.ctimes)}
}

/** The addon's own engine. Throws a CuraError for a source that cannot be backed up. */
export function prepareNative(
  store: NativeStore,
  sources: readonly Source[],
  means: NativeMeans,
): PreparedSources {
  const opened = openSources(store, sources)
  return {
    failed: () => opened.failed(),
    mounted: () => opened.mounted(),
    drop: (name) => {
      opened.drop(name)
    },
    engine: (bases) => {
      const failed = new Set(opened.failed().map(({name}) => name))
      const snapshot = store.snapshot({
        ...means,
        sources: opened,
        // Data of another series must not replace a source that cannot be read.
        bases: bases.map(({name, snapshot: base, own, foreign, lookBack}) => {
          const mayUse = own || !failed.has(name)
          return {name, snapshot: mayUse ? base : null, foreign, older: lookBack}
        }),
        trust: trustFor(means.trust, bases),
      })
      return {
        compare: ({signal, onProgress}) => follow(snapshot.compare(), signal, onProgress),
        keepProofs: ({signal, onProgress}) => follow(snapshot.keepProofs(), signal, onProgress),
        changes: (limit) => snapshot.changes(limit),
        omitted: (limit) => snapshot.omitted(limit),
        apply: (partial, {signal, onProgress}) =>
          follow(snapshot.apply(partial), signal, onProgress),
        publish: (publication, {signal, onProgress}) =>
          follow(snapshot.publish(publication), signal, onProgress),
        close: () => {
          snapshot.close()
        },
      }
    },
    close: () => {
      opened.close()
    },
  }
}
