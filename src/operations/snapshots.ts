// The operation `snapshots`: lists snapshots, with what each holds and why it is kept. It takes no lock
// and writes nothing.
import {exitCode} from '../base/exit-code.js'
import {judge, type Verdict} from '../retention/retention.js'
import {leasedAmong} from '../store/lease.js'
import {isListed} from '../store/selectors.js'
import {SeriesView} from '../store/series.js'
import {withSeries, type Snapshot} from '../store/store.js'
import {keepLeased, type Pruning} from './prune.js'
import {ask, type Asking} from './query.js'

interface SnapshotsOptions extends Asking, Pruning {
  /** Only the newest so many. */
  readonly last: number | null
}

export interface SnapshotsResult {
  readonly now: Date
  /** What prune would do with each snapshot, newest first. */
  readonly verdicts: ReadonlyArray<Verdict<Snapshot>>
  readonly warnings: readonly string[]
  readonly exit: number
}

/** Throws a CuraError that carries the exit code. */
export function snapshots(options: SnapshotsOptions): Promise<SnapshotsResult> {
  const {now, zone, policy, filters, last} = options
  return ask(options, (query) => {
    // The rules count all snapshots, not only the listed ones.
    const all = withSeries(new SeriesView(query.snapshots), query.snapshots)
    const judged = judge(all, policy, now, zone)
    const expired = judged.filter(({keep}) => !keep).map(({snapshot: {name}}) => name)
    const verdicts = keepLeased(judged, leasedAmong(query.store, expired))
      .filter(({snapshot}) => isListed(snapshot, filters))
      .slice(0, last ?? undefined)
    return Promise.resolve({now, verdicts, warnings: query.warnings, exit: exitCode({})})
  })
}
