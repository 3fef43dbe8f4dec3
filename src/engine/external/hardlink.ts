// The native engine, working from a hardlinked copy of the previous snapshot that cp makes.
import {copyLinks} from './copy-links.js'
import type {Base} from '../../store/bases.js'
import {isOwn, linkBase, type Engine, type PreparedSources} from '../engine.js'
import {CuraError} from '../../base/errors.js'
import type {Following} from '../../native/job.js'
import {discard} from '../../store/leftovers.js'
import type {Applied, Comparison, NativeStore, Publication} from '../../native/native.js'
import {snapshotOf, trashName} from '../../store/snapshot-name.js'

/** A source may become empty between the two comparisons, such as by an unmount. */
function refuseSuddenlyEmpty(first: Comparison, second: Comparison): void {
  const before = new Map(first.sources.map(({name, now}) => [name, now]))
  const emptied = second.sources.find(({name, now}) => now === 0 && (before.get(name) ?? 0) > 0)
  if (emptied === undefined) return
  throw new CuraError(
    'failed',
    `the source "${emptied.name}" became empty during the run; no snapshot was made`,
  )
}

/** Compares with the published snapshot first, and makes the copy only if something differs. */
class HardlinkEngine implements Engine {
  private second: Engine | null = null
  private copied: string | null = null
  private comparison: Comparison | null = null

  private readonly first: Engine

  constructor(
    private readonly store: NativeStore,
    private readonly copy: string,
    private readonly from: {
      readonly inner: PreparedSources
      readonly bases: readonly Base[]
      readonly previous: string
    },
  ) {
    this.first = from.inner.engine(this.basesIn(from.previous))
  }

  async compare(following: Following): Promise<Comparison> {
    this.comparison = await this.first.compare(following)
    return this.comparison
  }

  keepProofs(following: Following): Promise<void> {
    return this.first.keepProofs(following)
  }

  changes(limit: number) {
    return this.first.changes(limit)
  }

  omitted(limit: number) {
    return this.first.omitted(limit)
  }

  /** The copy is named like a removed snapshot, so the next run removes it if this one cannot. */
  async apply(partial: string, following: Following): Promise<Applied> {
    const copied = trashName(snapshotOf(partial))
    this.copied = copied
    const {store, copy} = this
    const {inner, previous} = this.from
    try {
      await copyLinks(store, copy, {from: previous, to: copied}, following.signal)
      this.second = inner.engine(this.basesIn(copied))
      const second = await this.second.compare(following)
      following.signal.throwIfAborted()
      if (this.comparison !== null) refuseSuddenlyEmpty(this.comparison, second)
      return await this.second.apply(partial, following)
    } catch (error) {
      await this.removeCopy(following)
      throw error
    }
  }

  async publish(publication: Publication, following: Following): Promise<void> {
    try {
      if (this.second === null) throw new Error('nothing has been applied')
      await this.second.publish(publication, following)
    } finally {
      await this.removeCopy(following)
    }
  }

  close(): void {
    this.first.close()
    this.second?.close()
  }

  /** Links everything from one snapshot or its copy, except carried sources, which have their own. */
  private basesIn(snapshot: string): Base[] {
    const {inner, bases, previous} = this.from
    const carried = new Set(inner.failed().map(({name}) => name))
    return bases.map((base) => {
      if (carried.has(base.name) && base.snapshot !== previous) return {...base, older: []}
      const own = isOwn(base, previous)
      return {...base, snapshot, own, foreign: base.foreign || !own, older: []}
    })
  }

  private async removeCopy(following: Following): Promise<void> {
    if (this.copied !== null) await discard(this.store, this.copied, following)
    this.copied = null
  }
}

/** Without a previous snapshot there is nothing to link, so the native engine does everything. */
export const prepareHardlinks = (
  store: NativeStore,
  copy: string,
  inner: PreparedSources,
): PreparedSources => ({
  failed: () => inner.failed(),
  mounted: () => inner.mounted(),
  drop: (name) => {
    inner.drop(name)
  },
  engine: (bases) => {
    const previous = linkBase(bases)
    return previous === null
      ? inner.engine(bases)
      : new HardlinkEngine(store, copy, {inner, bases, previous})
  },
  close: () => {
    inner.close()
  },
})
