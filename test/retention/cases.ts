// Zones, and snapshots described by a line of text, for the tests of retention.
import {policyFrom, type Policy} from '../../src/retention/policy.js'
import {judge, type Candidate, type Verdict, type Zone} from '../../src/retention/retention.js'

export const places = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
]

const formats = new Map(
  places.map((place) => [
    place,
    new Intl.DateTimeFormat('sv-SE', {timeZone: place, dateStyle: 'short', timeStyle: 'medium'}),
  ]),
)
const shown = new Map<string, string>()

/** The local time in a zone: '2025-01-15T10:30:00'. */
export function wallTime(place: string, instant: Date): string {
  const key = `${instant.getTime()} ${place}`
  const text = shown.get(key) ?? formats.get(place)?.format(instant).replace(' ', 'T')
  if (text === undefined) throw new Error(`${place} is not among the places of these tests`)
  shown.set(key, text)
  return text
}

export const zoneOf =
  (place: string): Zone =>
  (instant) => {
    const text = wallTime(place, instant)
    const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number)
    const ahead_ms = Date.parse(`${text}Z`) - Math.floor(instant.getTime() / 1000) * 1000
    return {year, month, day, offset_min: ahead_ms / 60_000}
  }

export const utc = zoneOf('UTC')
export const berlin = zoneOf('Europe/Berlin')

/** '2025-01-15T10:30' is UTC, unless the text has an offset. */
export const at = (text: string): Date => new Date(/T.*[-+]/.test(text) ? text : `${text}Z`)

/** 'daily 30d, tag x'; '' is a policy without rules, which the command line refuses. */
export function policyOf(text: string): Policy {
  if (text === '') return {rules: [], tags: []}
  const words = text.split(', ').map((part) => part.split(' '))
  const tags = words.flatMap(([rule, value = '']) => (rule === 'tag' ? [value] : []))
  const flags = new Map(words.map(([rule, value = '']) => [`keep-${rule}`, value]))
  return policyFrom({...Object.fromEntries(flags), 'keep-tag': tags})
}

/**
 * '2025-01-15T10:30 [etc,home] #x pinned'; '[?]' if the sources are unknown. '-e:v' excludes v, '-e:'
 * excludes nothing; 'after:v' means that v was used before.
 */
export function candidate(text: string, now: Date): Candidate {
  const [time = '', ...words] = text.split(' ')
  const told = (start: string): string | undefined =>
    words.find((word) => word.startsWith(start))?.slice(start.length)
  const sources = words.find((word) => word.startsWith('['))?.slice(1, -1) ?? 'home'
  return {
    name: text,
    instant: at(time),
    finished: !words.includes('unfinished'),
    future: at(time) > now,
    pinned: words.includes('pinned'),
    tags: words.filter((word) => word.startsWith('#')).map((word) => word.slice(1)),
    selection: told('-e:') ?? null,
    earlier: told('after:')?.split(',') ?? [],
    sources: sources === '?' ? null : sources.split(',').filter((name) => name !== ''),
  }
}

/** The oldest first, so that the result does not depend on the order of the input. */
export function judged(
  rows: readonly string[],
  policy: string,
  time: string,
  zone: Zone,
): Verdict[] {
  const now = at(time)
  const store = rows.map((row) => candidate(row, now)).reverse()
  return judge(store, policyOf(policy), now, zone)
}

export const picture = (verdicts: readonly Verdict[]): string[] =>
  verdicts.map(({snapshot, keep}) => `${keep ? '+' : '-'}${snapshot.name}`)

export type Row = [what: string, policy: string, now: string, rows: string[]]

export const hour_ms = 3_600_000

/** Every `step_h` hours, from one time until just before another. */
export function series(from: string, until: string, step_h: number): Candidate[] {
  const end = at(until)
  const times: Date[] = []
  for (let time = at(from); time < end; time = new Date(time.getTime() + step_h * hour_ms)) {
    times.push(time)
  }
  return times.map((time) => candidate(time.toISOString().slice(0, -1), end))
}

export const namesKept = (verdicts: readonly Verdict[]): string[] =>
  verdicts.filter(({keep}) => keep).map(({snapshot}) => snapshot.name)

/** Times at which local clocks in these zones change or behave unusually. */
export const nows = [
  '2025-10-26T03:07', // after an hour that occurs twice in Berlin
  '2025-03-30T03:30', // just after an hour that Berlin skips
  '2025-01-01T04:00', // still 2024 in New York
  '2024-02-29T22:59',
  '2021-01-03T12:00', // week 53 of 2020
  '2025-10-04T20:00', // after half an hour that Lord Howe skips
  '2011-12-31T01:00', // after the day that Samoa skips
  '2010-11-07T04:00', // after a midnight that came twice in Newfoundland
].map(at)
