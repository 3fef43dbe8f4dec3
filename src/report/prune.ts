// The text of prune: each snapshot with its verdict, and what was removed.
import {printable} from '../base/escape.js'
import type {DeleteResult} from '../operations/delete.js'
import type {PruneResult} from '../operations/prune.js'
import {leasedLines, lines, removalLine, type Report} from './backup.js'
import type {Verdict} from '../retention/retention.js'
import type {Snapshot} from '../store/store.js'
import {table, type Align} from './table.js'
import {duration} from '../base/units.js'

const heading = ['Snapshot', 'Verdict', 'Because'] as const
const aligns: readonly Align[] = ['left', 'left', 'left']

/** 'all 7d, daily 30d': why a snapshot is kept; empty if nothing keeps it. */
export const reasonsText = ({reasons}: Pick<Verdict, 'reasons'>): string =>
  reasons.map(printable).join(', ')

const row = (verdict: Verdict<Snapshot>): string[] => [
  verdict.snapshot.name,
  verdict.keep ? 'keep' : 'remove',
  reasonsText(verdict),
]

type Reported = Omit<PruneResult, 'policy'>

/** The same for snapshots that the user has named. */
export function deleteReport(result: DeleteResult): Report {
  const {summary, problems} = pruneReport(result)
  const {kept} = result
  if (kept.length === 0) return {summary, problems}
  const what = kept.length === 1 ? 'it holds' : 'they hold'
  return {
    summary: `${summary}Kept because ${what} other sources as well: ${kept.join(', ')}.\n`,
    problems,
  }
}

export function pruneReport(result: Reported): Report {
  const {verdicts, removal, dryRun, start, end, warnings} = result
  const rows = [heading, ...verdicts.map(row).reverse()] // the newest last
  const took = duration(end.getTime() - start.getTime())
  const timed = dryRun || removal.names.length === 0 ? [] : [`It took ${took}.`]
  return {
    summary: lines([
      ...(verdicts.length === 0 ? ['The store has no snapshots.'] : [...table(rows, aligns), '']),
      [removalLine(removal, dryRun), ...timed].join(' '),
      ...leasedLines(removal),
    ]),
    problems: lines([...removal.problems, ...warnings]),
  }
}
