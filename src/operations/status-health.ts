// Whether a store is healthy, and what is wrong with it. Pure.
import {printable} from '../base/escape.js'
import {age, counted} from '../base/units.js'
import type {Snapshot} from '../store/store.js'
import type {RunRecord} from '../store/run-records.js'
import type {HistoryRuns, PastRun} from './status-runs.js'

export interface Problem {
  /** A sentence without its full stop. */
  readonly text: string
  /** It decides the exit code. */
  readonly isGrave: boolean
}

interface Facts {
  /** Finished or not, without those that a filter leaves out. */
  readonly snapshots: readonly Snapshot[]
  readonly lastSnapshot: {readonly name: string; readonly errors: number} | null
  readonly histories: readonly HistoryRuns[]
  readonly lastRun: PastRun | null
  /** Something other than a lock has the lock's name. */
  readonly isBlocked: boolean
  /** How much verify found damaged. */
  readonly damaged: number
  /** The age that the last good run of each history may have; null: any. */
  readonly maxAge_ms: number | null
  readonly now: Date
}

const grave = (text: string): Problem => ({text, isGrave: true})

const namesShown = 3

function namesText(snapshots: readonly Snapshot[]): string {
  const names = snapshots.slice(0, namesShown).map(({name}) => name)
  const rest = snapshots.length - names.length
  return names.join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

function damageIn(snapshots: readonly Snapshot[]): Problem[] {
  const marked = snapshots.filter(({damaged}) => damaged)
  const tagged = snapshots.filter(({tagsUnreadable}) => tagsUnreadable === true)
  const finding = (some: readonly Snapshot[], what: string): Problem[] =>
    some.length === 0 ? [] : [grave(`${what} of ${namesText(some)} is damaged or cannot be read`)]
  return [...finding(marked, 'the marker'), ...finding(tagged, 'the file .backup_tags')]
}

export const unreadText = (errors: number): string =>
  `${counted(errors, 'entry', 'entries')} could not be read`

/** How a run ended: 'no changes', 'new snapshot', 'failed'. */
export function endingText({result, snapshot, errors, exit, message}: RunRecord): string {
  if (result === 'failure')
    return message === undefined ? 'failed' : `failed: ${printable(message)}`
  const done = snapshot === null ? 'no changes' : 'new snapshot'
  if (result !== 'warning') return done
  return errors > 0 ? `${done}, ${unreadText(errors)}` : `${done}, with warnings (exit ${exit})`
}

/** The last run of each set of sources, if it needs attention. */
function badRuns({histories, lastRun}: Facts): Problem[] {
  const last = new Map<string, PastRun>()
  for (const run of [lastRun, ...histories.map((history) => history.lastRun)]) {
    if (run !== null) last.set(JSON.stringify([run.host, run.start, run.sources]), run)
  }
  return [...last.values()]
    .filter(({result}) => result === 'failure' || result === 'warning')
    .map((run) => {
      const what = run.sources.map(printable).join(', ')
      return {
        text: `last run of ${what}, ${age(run.age_ms)} ago: ${endingText(run)}`,
        isGrave: false,
      }
    })
}

function overdue({histories, maxAge_ms, now}: Facts): Problem[] {
  if (maxAge_ms === null) return []
  return histories.filter(isOverdue(maxAge_ms, now)).map(({label, lastGood}) => {
    const since =
      lastGood === null
        ? 'no good run is known'
        : `no good run for ${age(now.getTime() - lastGood.getTime())}`
    return grave(`${printable(label)}: ${since} (--max-age allows ${age(maxAge_ms)})`)
  })
}

export const isOverdue =
  (maxAge_ms: number, now: Date) =>
  ({lastGood}: Pick<HistoryRuns, 'lastGood'>): boolean =>
    lastGood === null || now.getTime() - lastGood.getTime() > maxAge_ms

/** Everything that is wrong, the worst first. */
export function problemsOf(facts: Facts): Problem[] {
  const {snapshots, lastSnapshot, lastRun, isBlocked} = facts
  const bad = badRuns(facts)
  const errors = lastSnapshot?.errors ?? 0
  // Without a record, the snapshot is all that is known of its run.
  const unread =
    lastRun === null && lastSnapshot !== null && errors > 0
      ? [{text: `${lastSnapshot.name}: ${unreadText(errors)}`, isGrave: false}]
      : []
  return [
    ...(isBlocked
      ? [grave('something named .backups_lock that is not a lock blocks the store')]
      : []),
    ...(facts.damaged > 0
      ? [grave(`${counted(facts.damaged, 'damage')} found by verify: run verify --heal`)]
      : []),
    ...damageIn(snapshots),
    ...(lastSnapshot === null ? [grave('there is no finished snapshot yet')] : []),
    ...overdue(facts),
    ...bad,
    ...unread,
  ]
}
