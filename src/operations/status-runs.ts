// When each history was last backed up, from the records of runs and from the snapshots. Pure.
import {withoutGuards} from '../retention/guards.js'
import {counts} from '../retention/retention.js'
import {holdingsOfRun, type RunGroup, type RunRecord} from '../store/run-records.js'
import {holdingsOf, type Holding, type SeriesKey, type SeriesView} from '../store/series.js'
import type {Snapshot} from '../store/store.js'

/** A run and who made it. */
export interface PastRun extends RunRecord {
  readonly host: string
  readonly sources: readonly string[]
  readonly age_ms: number
}

export interface HistoryRuns {
  readonly label: string
  /** When everything in it was last read without errors; null: never, as far as it is known. */
  readonly lastGood: Date | null
  /** Null if there is no record of it. */
  readonly lastRun: PastRun | null
}

interface Given {
  /** With their series, the newest first. */
  readonly snapshots: readonly Snapshot[]
  /** The newest first. */
  readonly groups: readonly RunGroup[]
  readonly view: SeriesView
  readonly now: Date
  /** Only these histories; null: all. */
  readonly wanted: ReadonlySet<SeriesKey> | null
}

/** The clocks of two machines may differ by so much. */
const skew_ms = 5 * 60_000

const isPast = ({end}: Pick<RunRecord, 'end'>, now: Date): boolean =>
  Date.parse(end) <= now.getTime() + skew_ms

/** All runs that are not dated in the future, each with its group; the newest first. */
function pastRuns(groups: readonly RunGroup[], now: Date) {
  return groups
    .flatMap((group) => group.runs.map((run) => ({group, run})))
    .filter(({run}) => isPast(run, now))
    .sort((a, b) => Date.parse(b.run.end) - Date.parse(a.run.end))
}

const pastRun = ({group, run}: {group: RunGroup; run: RunRecord}, now: Date): PastRun => ({
  ...run,
  host: group.host,
  sources: group.sources.map(({name}) => name),
  age_ms: Math.max(now.getTime() - Date.parse(run.end), 0),
})

/** The newest run of the store; null if none is recorded. */
export function lastRunOf(groups: readonly RunGroup[], now: Date): PastRun | null {
  const [newest] = pastRuns(groups, now)
  return newest === undefined ? null : pastRun(newest, now)
}

/** When a snapshot proves that this source was read without errors; null if it does not. */
function goodBy({marker, instant}: Snapshot, held: Holding | string): Date | null {
  if (marker === null || typeof held === 'string') return instant
  const {count, warnings, list} = marker.errors
  const isBad = ({path, warning}: {path: string; warning: boolean}): boolean =>
    !warning && (path === held.name || path.startsWith(`${held.name}/`))
  const isCut = count > 0 && count + warnings > list.length
  if (held.carried === true || isCut || list.some(isBad)) return null
  return new Date(marker.end)
}

/** What is known of each history, by its key. */
class Known {
  readonly lastGood = new Map<SeriesKey, Date>()
  readonly lastRun = new Map<SeriesKey, PastRun>()

  addGood(key: SeriesKey, at: Date | null): void {
    const known = this.lastGood.get(key)
    if (at !== null && (known === undefined || known < at)) this.lastGood.set(key, at)
  }

  /** `name` is that of the source; newer runs come first. */
  addRun(keys: readonly SeriesKey[], run: PastRun, name: string): void {
    const {result, incomplete = [], end} = run
    const isGood = result !== 'failure' && !incomplete.includes(name)
    for (const key of keys) {
      if (!this.lastRun.has(key)) this.lastRun.set(key, run)
      if (isGood) this.addGood(key, new Date(end))
    }
  }
}

/** Each history that a finished snapshot holds, in the order of their labels. */
export function historyRuns({snapshots, groups, view, now, wanted}: Given): HistoryRuns[] {
  const labels = new Map<SeriesKey, string>()
  const known = new Known()
  for (const snapshot of withoutGuards(snapshots).filter(counts)) {
    const {keys, series} = snapshot
    for (const [at, key] of (keys ?? []).entries()) labels.set(key, series?.[at] ?? key)
    for (const held of holdingsOf(snapshot) ?? []) {
      for (const key of view.keysOf(held)) known.addGood(key, goodBy(snapshot, held))
    }
  }
  for (const past of pastRuns(groups, now)) {
    for (const held of holdingsOfRun(past.group, past.run)) {
      known.addRun(view.keysOf(held), pastRun(past, now), held.name)
    }
  }
  return [...labels]
    .filter(([key]) => wanted?.has(key) ?? true)
    .map(([key, label]) => ({
      label,
      lastGood: known.lastGood.get(key) ?? null,
      lastRun: known.lastRun.get(key) ?? null,
    }))
    .sort((a, b) => (a.label < b.label ? -1 : 1))
}
