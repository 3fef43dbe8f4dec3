// Parses --at, --newer and --older: converts a time as people write it into a second. Pure.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import type {Zone} from '../retention/retention.js'

const second_ms = 1000
const minute_ms = 60 * second_ms
const hour_ms = 60 * minute_ms
const day_ms = 24 * hour_ms

const clock = String.raw`(\d{1,2}):(\d{2})(?::(\d{2}))?`
const dateForm = new RegExp(String.raw`^(\d{4})-(\d{2})-(\d{2})(?:[ T]${clock})?$`)
const nearForm = new RegExp(String.raw`^(today|yesterday)(?: ${clock})?$`)
const agoForm = /^(\d{1,4})([hdwmy])$/
/** A time with its zone, as in our JSON. */
const exactForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/

function refuse(text: string, flag: string): never {
  throw new CuraError(
    'usage',
    `${flag} "${printable(text)}" is not a time: write 2026-11-21, "2026-11-21 14:00", ` +
      '"2026-11-21 14:00:05", 3d, 2h, today, yesterday or "yesterday 18:00"',
  )
}

/**
 * A local time as milliseconds since 1970 on the local clock, to calculate with. A day that does not
 * exist gives NaN.
 */
function wallOf(year: number, month: number, day: number): number {
  // Not Date.UTC, which reads the years 0 to 99 as 1900 to 1999.
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : NaN
}

const offsetAt = (instant_ms: number, zone: Zone): number =>
  zone(new Date(instant_ms)).offset_min * minute_ms

/** The last second before the clocks were put forward between two instants. */
function lastBeforeJump(early_ms: number, late_ms: number, zone: Zone): number {
  const before = offsetAt(early_ms, zone)
  let [from, to] = [early_ms, late_ms]
  while (to - from > second_ms) {
    const middle = from + Math.floor((to - from) / 2 / second_ms) * second_ms
    if (offsetAt(middle, zone) === before) from = middle
    else to = middle
  }
  return from
}

/**
 * The last instant with this local time. For a time that the clocks skip, the last second before the
 * jump.
 */
function instantOf(wall_ms: number, zone: Zone): number {
  if (!Number.isFinite(wall_ms)) return NaN
  const offsets = [wall_ms - day_ms, wall_ms + day_ms].map((about) => offsetAt(about, zone))
  const instants = offsets.map((offset) => wall_ms - offset)
  const real = instants.filter((instant) => instant + offsetAt(instant, zone) === wall_ms)
  if (real.length > 0) return Math.max(...real)
  return lastBeforeJump(Math.min(...instants), Math.max(...instants), zone)
}

/** What a day without a time means: its last second, or the second before it. */
type BareDay = 'end' | 'before'

/** A time of day in milliseconds. */
function timeOfDay(parts: ReadonlyArray<string | undefined>, bareDay: BareDay): number {
  const [hours, minutes, seconds = '0'] = parts
  if (hours === undefined) return (bareDay === 'end' ? day_ms : 0) - second_ms
  const [h, m, s] = [hours, minutes, seconds].map(Number)
  if (h === undefined || m === undefined || s === undefined) return NaN
  return h > 23 || m > 59 || s > 59 ? NaN : h * hour_ms + m * minute_ms + s * second_ms
}

/** This number of months earlier; the last day of the month if that month is too short. */
function monthsBefore(wall_ms: number, months: number): number {
  const date = new Date(wall_ms)
  const day = date.getUTCDate()
  date.setUTCMonth(date.getUTCMonth() - months, 1)
  const last = new Date(date)
  last.setUTCMonth(last.getUTCMonth() + 1, 0)
  date.setUTCDate(Math.min(day, last.getUTCDate()))
  return date.getTime()
}

/** Hours are exact; days and longer units keep the local time of day. */
function ago(amount: number, unit: string, now: Date, zone: Zone): number {
  const now_ms = now.getTime()
  if (unit === 'h') return now_ms - amount * hour_ms
  const wall_ms = now_ms + offsetAt(now_ms, zone)
  if (unit === 'd') return instantOf(wall_ms - amount * day_ms, zone)
  if (unit === 'w') return instantOf(wall_ms - 7 * amount * day_ms, zone)
  return instantOf(monthsBefore(wall_ms, unit === 'm' ? amount : 12 * amount), zone)
}

function instantFrom(text: string, now: Date, zone: Zone, bareDay: BareDay): number {
  const past = agoForm.exec(text)
  if (past !== null) return ago(Number(past[1]), past[2] ?? '', now, zone)
  if (exactForm.test(text)) {
    // Date.parse takes 30 February for 2 March.
    const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number)
    return Number.isNaN(wallOf(year, month, day)) ? NaN : Date.parse(text)
  }
  const date = dateForm.exec(text)
  if (date !== null) {
    const [year = 0, month = 0, day = 0] = date.slice(1, 4).map(Number)
    return instantOf(wallOf(year, month, day) + timeOfDay(date.slice(4), bareDay), zone)
  }
  const near = nearForm.exec(text)
  if (near === null) return NaN
  const {year, month, day} = zone(now)
  const days = near[1] === 'yesterday' ? 1 : 0
  const time_ms = timeOfDay(near.slice(2), bareDay)
  return instantOf(wallOf(year, month, day) - days * day_ms + time_ms, zone)
}

function secondOf(text: string, instant_ms: number, flag: string): number {
  return Number.isFinite(instant_ms) ? Math.floor(instant_ms / second_ms) : refuse(text, flag)
}

/** In seconds since 1970; a day without a time means its end. Throws a usage error. */
export const lastSecondOf = (text: string, now: Date, zone: Zone): number =>
  secondOf(text, instantFrom(text.trim(), now, zone, 'end'), '--at')

/**
 * In seconds since 1970; for a day without a time, the last second before it began. Throws a usage
 * error that names `flag`.
 */
export const lastSecondBefore = (text: string, now: Date, zone: Zone, flag: string): number =>
  secondOf(text, instantFrom(text.trim(), now, zone, 'before'), flag)
