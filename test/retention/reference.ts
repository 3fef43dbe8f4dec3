// A naive version of src/retention/retention.ts, which compares each snapshot with every other.
import type {Policy, Rule, Unit} from '../../src/retention/policy.js'
import type {Candidate} from '../../src/retention/retention.js'

interface Times {
  readonly now: Date
  /** The local time: '2025-01-15T10:30:00'. */
  readonly wall: (instant: Date) => string
}

/** The day on which a period begins, or its hour; or that of the period `back` before. */
function period(unit: Unit, instant: Date, {wall}: Times, back = 0): string {
  const at = new Date(`${wall(instant)}Z`)
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  if (unit === 'h') {
    // Minutes in local time, hours in UTC, where no hour occurs twice.
    const ahead_min = (60 + at.getUTCMinutes() - instant.getUTCMinutes()) % 60
    at.setTime(instant.getTime() + (ahead_min - 60 * back) * 60_000)
  } else if (unit === 'd') at.setUTCDate(day - back)
  else if (unit === 'w') at.setUTCDate(day - ((at.getUTCDay() + 6) % 7) - 7 * back)
  else if (unit === 'm') at.setUTCMonth(month - back, 1)
  else at.setUTCFullYear(year - back, 0, 1)
  return at.toISOString().slice(0, unit === 'h' ? 13 : 10)
}

const units = {hourly: 'h', daily: 'd', weekly: 'w', monthly: 'm', yearly: 'y'} as const
const age = ({instant, name}: Candidate): string =>
  `${String(instant.getTime()).padStart(15)} ${name}`

type Group = readonly Candidate[]

interface Judged {
  readonly group: Group
  /** The snapshots whose periods a count counts. */
  readonly series: Group
}

const isKnown = ({selection}: Candidate): boolean => typeof selection === 'string'

/** A selection came back after another: these two take turns. */
export function inTurn(selection: Candidate['selection'], series: Group): boolean {
  const known = series.filter(isKnown)
  return known.some((back) =>
    known.some((between) => {
      if (age(between) >= age(back) || between.selection === back.selection) return false
      if (![back.selection, between.selection].includes(selection)) return false
      const before = known.some(
        (one) => age(one) < age(between) && one.selection === back.selection,
      )
      return before || between.earlier?.includes(back.selection ?? '') === true
    }),
  )
}

function ruleKeeps(
  {rule, extent}: Rule,
  at: Candidate,
  {group, series}: Judged,
  times: Times,
): boolean {
  const periodOf = (one: Candidate): string =>
    rule === 'last' || rule === 'all' ? age(one) : period(units[rule], one.instant, times)
  const mine = periodOf(at)
  if (group.some((other) => age(other) < age(at) && periodOf(other) === mine)) return false
  if ('count' in extent)
    return new Set(series.map(periodOf).filter((text) => text > mine)).size < extent.count
  const start = period(extent.unit, times.now, times, extent.amount)
  return period(extent.unit, at.instant, times) >= start
}

export function isKept(at: Candidate, store: Group, {rules, tags}: Policy, times: Times): boolean {
  if (!at.finished || at.future || at.pinned || at.tags.some((tag) => tags.includes(tag)))
    return true
  const all = store.filter(({finished, future}) => finished && !future)
  const names = [...new Set(all.flatMap(({sources}) => sources ?? []))]
  const holds = ({sources}: Candidate, name: string): boolean =>
    sources === null || sources.length === 0 || sources.includes(name)
  const mine = names.filter((name) => holds(at, name))
  const groups = mine.map((name) => all.filter((one) => holds(one, name)))
  const sure = mine.map((name) => all.filter(({sources}) => sources?.includes(name)))
  const isNewest = (group: Group): boolean =>
    group.includes(at) && group.every((other) => age(other) <= age(at))
  const whole = (names.length === 0 ? [all] : groups).map((group) => ({group, series: group}))
  const turns = whole
    .filter(({series}) => isKnown(at) && inTurn(at.selection, series))
    .map(({series}) => ({
      group: series.filter(({selection}) => selection === at.selection),
      series,
    }))
  return (
    [all, ...groups, ...sure, ...turns.map(({group}) => group)].some(isNewest) ||
    [...whole, ...turns].some((judged) => rules.some((rule) => ruleKeeps(rule, at, judged, times)))
  )
}
