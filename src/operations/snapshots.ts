// The operation `snapshots`: lists snapshots, with what each holds and why it is kept. It takes no lock
// and writes nothing.
import type {ScrubSummary} from '../native/native.js'
import {exitCode} from '../base/exit-code.js'
import {withoutGuards} from '../retention/guards.js'
import {judge, type Verdict} from '../retention/retention.js'
import {leasedAmong} from '../store/lease.js'
import {Sieve} from '../store/filters.js'
import {SeriesView} from '../store/series.js'
import {withSeries, type Snapshot} from '../store/store.js'
import type {Pruning} from './prune.js'
import {ask, type Asking} from './query.js'
import {keepLeased} from './removal.js'
import {exclusiveSizes} from './size.js'

interface SnapshotsOptions extends Asking, Pruning {
  /** Only the newest so many. */
  readonly last: number | null
  /** Measures what removing each snapshot alone would free. */
  readonly size: boolean
}

export interface SnapshotsResult {
  readonly now: Date
  /** What prune would do with each snapshot, newest first. */
  readonly verdicts: ReadonlyArray<Verdict<Snapshot>>
  /** By name; null if they were not asked for. */
  readonly sizes: ReadonlyMap<string, {readonly bytes: number; readonly inodes: number}> | null
  readonly scrub: ScrubSummary | null
  readonly warnings: readonly string[]
  readonly exit: number
}

/** Throws a CuraError that carries the exit code. */
export function snapshots(options: SnapshotsOptions): Promise<SnapshotsResult> {
  const {now, zone, policy, filters, last} = options
  return ask(options, async (query) => {
    // The rules count all snapshots, not only the listed ones.
    const sieve = new Sieve(query.snapshots, filters)
    const all = withSeries(new SeriesView(withoutGuards(query.snapshots)), query.snapshots)
    const judged = judge(all, policy, now, zone)
    const expired = judged.filter(({keep}) => !keep).map(({snapshot: {name}}) => name)
    const verdicts = keepLeased(judged, leasedAmong(query.store, expired))
      .filter(({snapshot}) => sieve.isListed(snapshot))
      .slice(0, last ?? undefined)
    const sizes = options.size ? await exclusiveSizes(query) : null
    const scrub = query.store.readScrub()
    return {now, verdicts, sizes, scrub, warnings: query.warnings, exit: exitCode({})}
  })
}
