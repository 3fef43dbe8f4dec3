// Numbers as people read and write them: counts, sizes, durations and ages.
import {CuraError} from './errors.js'
import {printable} from './escape.js'

/** 117745 → '117,745'. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** '1 file', '2 files'. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

const sizeUnits = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const

/** Decimal units, as rsync and disk makers use them: '999 B', '2.4 GB', '120 MB'. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`
  let value = bytes
  let unit = 'B'
  for (const next of sizeUnits) {
    // 999.95 kB would print as 1000 kB, so it is already 1.0 MB.
    if (value < 999.5) break
    value /= 1000
    unit = next
  }
  return `${value < 99.95 ? value.toFixed(1) : value.toFixed(0)} ${unit}`
}

/** How long something took: '0.3 s', '2 min 5 s', '1 h 3 min'. */
export function duration(ms: number): string {
  if (ms < 59_950) return `${(Math.max(ms, 0) / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const ageUnits = [
  ['day', 'd', 86_400],
  ['hour', 'h', 3600],
  ['min', 'min', 60],
] as const

/** How long ago, in the largest unit of at least two: '36 hours', '2 days', '4 min', '90 s'. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  for (const [unit, , length] of ageUnits) {
    const times = Math.floor(seconds / length)
    if (times >= 2) return unit === 'min' ? `${times} min` : counted(times, unit)
  }
  return `${seconds} s`
}

/** The same for a column: '3 d', '36 h'; 'future' if it is negative. */
export function shortAge(ms: number): string {
  if (ms < 0) return 'future'
  const seconds = Math.floor(ms / 1000)
  for (const [, unit, length] of ageUnits) {
    if (seconds >= 2 * length) return `${count(Math.floor(seconds / length))} ${unit}`
  }
  return `${seconds} s`
}

const periods_s: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  min: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
}

/** '26h' → 93,600,000 ms. Throws a usage error. */
export function parsePeriod(text: string, flag: string): number {
  const match = /^(\d{1,6}) ?([a-z]+)$/.exec(text.trim())
  const seconds = Number(match?.[1]) * (periods_s[match?.[2] ?? ''] ?? NaN)
  if (seconds > 0) return seconds * 1000
  throw new CuraError(
    'usage',
    `${flag} "${printable(text)}" is not a period: write it as 90s, 30min, 26h, 3d or 2w`,
  )
}

/** Time to go, for the progress line: '0:07', '12:30', '1:02:03'. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** Powers of 1,024, as k and KiB; KB is a power of 1,000. */
const scales: ReadonlyMap<string, number> = new Map(
  ['k', 'm', 'g', 't', 'p'].flatMap((letter, place) => [
    [letter, 1024 ** (place + 1)],
    [`${letter}ib`, 1024 ** (place + 1)],
    [`${letter}b`, 1000 ** (place + 1)],
  ]),
)

/** '20M' and '20MiB' → 20,971,520 bytes, '20MB' → 20,000,000. Throws a usage error. */
export function parseSize(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim())
  const unit = match?.[2]?.toLowerCase() ?? ''
  const scale = unit === '' || unit === 'b' ? 1 : scales.get(unit)
  const bytes = Math.floor(Number(match?.[1]) * (scale ?? NaN))
  if (Number.isSafeInteger(bytes)) return bytes
  throw new CuraError(
    'usage',
    `${flag} "${printable(text)}" is not a size: write it as 500k, 20M, 4GiB or 4GB`,
  )
}

const two = (value: number): string => String(value).padStart(2, '0')

/** '2026-11-21 14:00', in local time. */
export function localTime(seconds: number): string {
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) return '-'
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** RFC 3339 in UTC, for JSON; null stays null. */
export const timeJson = (seconds: number | null): string | null =>
  seconds === null ? null : new Date(seconds * 1000).toISOString().replace('.000', '')
