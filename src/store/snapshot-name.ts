// Names of snapshots and of unfinished work: pure conversions between dates and names.

const newForm = /^(\d{4})-(\d{2})-(\d{2})_(\d{2})-(\d{2})-(\d{2})$/
const oldForm = /^(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})$/
const hiddenForm = /^\.(partial|trash|incomplete)-(.*)$/

export interface SnapshotName {
  /** 'old' is the form of the Python tool: 20250115_103000. */
  readonly form: 'new' | 'old'
  /** The name read as local time. */
  readonly instant: Date
}

const two = (value: number): string => String(value).padStart(2, '0')

function localParts(date: Date): {day: [string, string, string]; time: [string, string, string]} {
  const year = String(date.getFullYear()).padStart(4, '0')
  return {
    day: [year, two(date.getMonth() + 1), two(date.getDate())],
    time: [two(date.getHours()), two(date.getMinutes()), two(date.getSeconds())],
  }
}

/** Local time for people: 2025-01-15_10-30-00. */
export function formatSnapshotName(date: Date): string {
  const {day, time} = localParts(date)
  return `${day.join('-')}_${time.join('-')}`
}

function formatOldName(date: Date): string {
  const {day, time} = localParts(date)
  return `${day.join('')}_${time.join('')}`
}

/** Null if it is not the name of a snapshot. */
export function parseSnapshotName(name: string): SnapshotName | null {
  const form = newForm.test(name) ? 'new' : 'old'
  const match = (form === 'new' ? newForm : oldForm).exec(name)
  if (match === null) return null
  const numbers = match.slice(1).map(Number)
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = numbers
  if (month < 1 || month > 12 || hours > 23 || minutes > 59 || seconds > 59) return null
  // Not `new Date(year, …)`, which reads the years 0 to 99 as 1900 to 1999. An hour that the local
  // zone skips is allowed, because the name may come from another zone.
  const instant = new Date(2000, 0, 1)
  instant.setFullYear(year, month - 1, day)
  if (instant.getMonth() !== month - 1 || instant.getDate() !== day) return null
  instant.setHours(hours, minutes, seconds)
  return {form, instant}
}

export const partialName = (snapshot: string): string => `.partial-${snapshot}`
/** The snapshot that a partial will become. */
export const snapshotOf = (partial: string): string => partial.slice(partialName('').length)
export const trashName = (snapshot: string): string => `.trash-${snapshot}`

/** True for a hidden directory with unfinished work. */
export function isWorkName(name: string): boolean {
  const match = hiddenForm.exec(name)
  return match !== null && parseSnapshotName(match[2] ?? '') !== null
}

/**
 * The name for a snapshot that starts at `now`: its second, or the next free second. `taken` contains
 * every name in the store.
 */
export function nextFreeName(now: Date, taken: ReadonlySet<string>): string {
  // When clocks are put back, a local second occurs twice, so each taken name can block twice.
  const tries = 2 * taken.size + 1
  for (let second = 0; second < tries; second += 1) {
    const date = new Date(now.getTime() + second * 1000)
    const name = formatSnapshotName(date)
    const names = [name, formatOldName(date), partialName(name), trashName(name)]
    if (!names.some((candidate) => taken.has(candidate))) return name
  }
  throw new Error(`no free snapshot name after ${now.toISOString()}`)
}
