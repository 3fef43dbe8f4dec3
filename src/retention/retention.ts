// Decides which snapshots a policy keeps, and why. Pure: every fact is passed in.
import {guardExpired, isGuard} from './guards.js'
import {standing} from './standing.js'
import {extentText, type Policy, type Rule, type RuleName, type Unit} from './policy.js'
import {judgedAs, surest, type Ranked} from './surest.js'
import {groupsInTurn, selectionLimit, type Used} from './turns.js'

/** An instant on the wall clock of a place. */
export interface LocalTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  /** How far local time is ahead of UTC; negative in the west. */
  readonly offset_min: number
}

export type Zone = (instant: Date) => LocalTime

/** The zone of this process. */
export const localZone: Zone = (instant) => ({
  year: instant.getFullYear(),
  month: instant.getMonth() + 1,
  day: instant.getDate(),
  offset_min: 0 - instant.getTimezoneOffset(),
})

/** The part of a snapshot that retention needs. */
export interface Candidate extends Used, Ranked {
  readonly name: string
  readonly instant: Date
  readonly finished: boolean
  /** Dated after now. */
  readonly future: boolean
  readonly pinned: boolean
  readonly tags: readonly string[]
  /** Its marker could not be read this time: it may belong to any history. */
  readonly unreadable?: boolean
  /** It may have other tags, so no policy with tags removes it. */
  readonly tagsUnreadable?: boolean
  /** Without it, machines that share an id could no longer be told apart. */
  readonly evidence?: boolean
  /** The names of its series for people, in the order of their keys. */
  readonly series?: readonly string[] | null
}

export interface Verdict<T extends Candidate = Candidate> {
  readonly snapshot: T
  readonly keep: boolean
  /** Short texts for a table, at least one; names of tags and sources in them are not escaped. */
  readonly reasons: readonly string[]
}

/** The numbers of the hour, day, week, month and year of an instant. */
type Periods = Readonly<Record<Unit, number>>

/** A snapshot on its way to a verdict. */
interface Case<T extends Candidate> {
  readonly snapshot: T
  /** The newer, the higher. */
  readonly rank: number
  readonly periods: Periods
  readonly reasons: Set<string>
}

const hour_min = 60
const minute_ms = 60_000
const day_ms = 24 * hour_min * minute_ms

function periodsOf(instant: Date, zone: Zone): Periods {
  const {year, month, day, offset_min} = zone(instant)
  // Not Date.UTC, which reads the years 0 to 99 as 1900 to 1999.
  const days = new Date(0).setUTCFullYear(year, month - 1, day) / day_ms
  // Whole hours of the offset do not count. Otherwise the hour that occurs twice when clocks are put
  // back would be one hour.
  const past_min = offset_min - Math.floor(offset_min / hour_min) * hour_min
  const minutes = Math.floor(instant.getTime() / minute_ms) + past_min
  return {
    h: Math.floor(minutes / hour_min),
    d: days,
    // Weeks begin on Monday, and 1970 began on a Thursday. A week across New Year is one week (ISO 8601).
    w: Math.floor((days + 3) / 7),
    m: year * 12 + month,
    y: year,
  }
}

/** False for a snapshot that no rule judges, that takes no place, and that is never a base. */
export const counts = (snapshot: Pick<Candidate, 'finished' | 'future' | 'tags'>): boolean =>
  snapshot.finished && !snapshot.future && !isGuard(snapshot)

/** The order in which snapshots are listed. */
export function newestFirst(
  a: Pick<Candidate, 'name' | 'instant'>,
  b: Pick<Candidate, 'name' | 'instant'>,
): number {
  const time_ms = b.instant.getTime() - a.instant.getTime()
  if (time_ms !== 0) return time_ms
  return a.name < b.name ? 1 : a.name > b.name ? -1 : 0
}

/** The label of each series for its reasons; one series' label may be another one's key. */
function labelsIn(candidates: readonly Candidate[]): Map<string, string> {
  const pairs = candidates.flatMap(({keys, series}) =>
    (keys ?? []).map((key, at): [string, string] => [key, series?.[at] ?? key]),
  )
  return new Map(pairs)
}

/**
 * The cases of each series, in their order, so that sources which take turns in a store keep their
 * own history. If no source is known, all cases form one group under null.
 */
function groupsBySource<T extends Candidate>(
  cases: ReadonlyArray<Case<T>>,
): Map<string | null, Array<Case<T>>> {
  const names = new Set(cases.flatMap(({snapshot}) => judgedAs(snapshot) ?? []))
  const groups = new Map<string | null, Array<Case<T>>>([...names].sort().map((name) => [name, []]))
  if (names.size === 0) groups.set(null, [])
  for (const item of cases) {
    const known = judgedAs(item.snapshot)
    const held = known === null || known.length === 0 ? groups.keys() : known
    for (const name of held) groups.get(name)?.push(item)
  }
  return groups
}

type Groups<T extends Candidate> = ReadonlyMap<string | null, ReadonlyArray<Case<T>>>

/** Snapshots that are judged together: a series, or its part made with one selection. */
interface Judged<T extends Candidate> {
  readonly cases: ReadonlyArray<Case<T>>
  readonly series: ReadonlyArray<Case<T>>
  /** Appended to its reasons; '' for a whole series. */
  readonly suffix: string
}

/** If exclusions take turns, a run that excludes files does not replace one that has them. */
function turnsIn<T extends Candidate>(groups: Groups<T>): Array<Array<Judged<T>>> {
  return [...groups.values()].map((series) =>
    groupsInTurn(series).map(({selection, cases}) => ({
      cases,
      series,
      suffix: selection === '' ? ' without exclusions' : ' of its exclusions',
    })),
  )
}

/** Null if each snapshot is a period of its own. */
const periodUnits: Readonly<Record<RuleName, Unit | null>> = {
  last: null,
  all: null,
  hourly: 'h',
  daily: 'd',
  weekly: 'w',
  monthly: 'm',
  yearly: 'y',
}

/**
 * What a rule keeps of `cases`, which are sorted newest first: the first snapshot of each period, if
 * the extent reaches it. If not, no other snapshot of the period takes its place, so the choice stays
 * the same in every run. A count counts periods of the whole series.
 */
function keptBy<T extends Candidate>(
  {rule, extent}: Rule,
  {cases, series}: Judged<T>,
  now: Periods,
): Array<Case<T>> {
  const unit = periodUnits[rule]
  const periodOf = ({rank, periods}: Case<T>): number => (unit === null ? rank : periods[unit])
  // The oldest comes last and replaces the others of its period.
  const firsts = new Map(cases.map((item) => [periodOf(item), item]))
  if ('count' in extent) {
    // Sorted, because days are out of order when a clock is put back across midnight.
    const all = [...new Set(series.map(periodOf))].sort((a, b) => b - a)
    const reached = new Set(all.slice(0, extent.count))
    return [...firsts].filter(([period]) => reached.has(period)).map(([, item]) => item)
  }
  const start = now[extent.unit] - extent.amount
  return [...firsts.values()].filter(({periods}) => periods[extent.unit] >= start)
}

/** `cases` are the ones that count, newest first. */
function giveNewest<T extends Candidate>(cases: ReadonlyArray<Case<T>>, groups: Groups<T>): void {
  const [newest] = cases
  newest?.reasons.add('newest')
  if (cases.length === 1) newest?.reasons.add('only one')
  const labels = labelsIn(cases.map(({snapshot}) => snapshot))
  for (const [name, group] of groups) {
    const held = group.map(({snapshot}) => snapshot)
    const sure = name === null ? undefined : group[surest(name, held)]
    for (const item of [group[0], sure]) {
      if (item !== newest) item?.reasons.add(`newest with ${labels.get(name ?? '') ?? name}`)
    }
  }
}

/** `turns` belong to one series; the one used last comes first. */
function giveNewestInTurn<T extends Candidate>(turns: ReadonlyArray<Judged<T>>): void {
  for (const {cases, series, suffix} of turns.slice(0, selectionLimit)) {
    if (cases[0] !== series[0]) cases[0]?.reasons.add(`newest${suffix}`)
  }
}

/** `judged`: whole series come first. */
function giveRules<T extends Candidate>(
  policy: Policy,
  judged: ReadonlyArray<Judged<T>>,
  now: Periods,
): void {
  for (const rule of policy.rules) {
    const reason = `${rule.rule} ${extentText(rule.extent)}`
    for (const each of judged) {
      const kept = keptBy(rule, each, now).filter(({reasons}) => !reasons.has(reason))
      for (const {reasons} of kept) reasons.add(reason + each.suffix)
    }
  }
}

function giveTags<T extends Candidate>(policy: Policy, cases: ReadonlyArray<Case<T>>): void {
  for (const {snapshot, reasons} of cases) {
    for (const tag of policy.tags) if (snapshot.tags.includes(tag)) reasons.add(`tag ${tag}`)
    if (policy.tags.length > 0 && snapshot.tagsUnreadable === true) reasons.add('tags unreadable')
  }
}

function verdictOf<T extends Candidate>({snapshot, reasons}: Case<T>): Verdict<T> {
  const keep = reasons.size > 0
  const none = isGuard(snapshot) ? guardExpired : 'no rule keeps it'
  return {snapshot, keep, reasons: keep ? [...reasons] : [none]}
}

/**
 * A verdict on each snapshot, newest first. Each series is judged by itself, and so is each selection
 * that takes turns in it; a snapshot that any rule keeps is kept. Unfinished and future snapshots are
 * always kept, and those that cannot be read: no rule judges them, and they do not displace others; nor
 * do guards.
 */
export function judge<T extends Candidate>(
  snapshots: readonly T[],
  policy: Policy,
  now: Date,
  zone: Zone,
): Array<Verdict<T>> {
  const cases = [...snapshots].sort(newestFirst).map((snapshot, index) => ({
    snapshot,
    rank: snapshots.length - index,
    periods: periodsOf(snapshot.instant, zone),
    reasons: new Set<string>(),
  }))
  // In the place of one that cannot be read, a rule would give up another one.
  const eligible = cases.filter(({snapshot}) => counts(snapshot) && snapshot.unreadable !== true)
  const groups = groupsBySource(eligible)
  const turns = turnsIn(groups)
  // A set keeps the order in which reasons were added.
  giveNewest(eligible, groups)
  for (const some of turns) giveNewestInTurn(some)
  for (const {snapshot, reasons} of cases) {
    for (const reason of standing(snapshot, now)) reasons.add(reason)
  }
  const whole = [...groups.values()].map((series) => ({cases: series, series, suffix: ''}))
  giveRules(policy, [...whole, ...turns.flat()], periodsOf(now, zone))
  // Also for guards, because only a user can have given them such a tag.
  const tagged = cases.filter(({snapshot: {finished, future}}) => finished && !future)
  giveTags(policy, tagged)
  return cases.map(verdictOf)
}
