// The text of the progress line, and its arithmetic: share done, rate and time to go.
import type {KnownPhase, Phase, Progress} from '../native/native.js'
import {clockTime, count, size} from '../base/units.js'

export interface Sample {
  readonly time_ms: number
  readonly entries: number
  readonly bytes: number
}

interface Rate {
  readonly entriesPerSecond: number
  readonly bytesPerSecond: number
}

const shortest_ms = 500

/** Null until the samples span enough time. */
export function rateOf(samples: readonly Sample[]): Rate | null {
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined) return null
  const seconds = (last.time_ms - first.time_ms) / 1000
  if (seconds * 1000 < shortest_ms) return null
  return {
    entriesPerSecond: (last.entries - first.entries) / seconds,
    bytesPerSecond: (last.bytes - first.bytes) / seconds,
  }
}

/** The cost of creating an entry (about 50 µs), as a number of bytes. */
const entryCost_bytes = 16_384

/** Entries and bytes as one amount. */
const work = (entries: number, bytes: number): number => entries * entryCost_bytes + bytes

/** The part that is done, from 0 to 1; null if unknown. */
export function shareDone({entries, bytes, totalEntries, totalBytes}: Progress): number | null {
  if (totalEntries === 0) return null
  const total = work(totalEntries, totalBytes)
  return work(Math.min(entries, totalEntries), Math.min(bytes, totalBytes)) / total
}

/** Seconds to go, from entries and bytes together; null if unknown. */
export function secondsToGo(progress: Progress, rate: Rate | null): number | null {
  if (rate === null || progress.totalEntries === 0) return null
  const entries = Math.max(progress.totalEntries - progress.entries, 0)
  const bytes = Math.max(progress.totalBytes - progress.bytes, 0)
  const speed = work(rate.entriesPerSecond, rate.bytesPerSecond)
  const left = work(entries, bytes)
  if (left === 0) return 0
  return speed > 0 ? left / speed : null
}

const knownPhases: Readonly<Record<KnownPhase, string>> = {
  scan: 'Scanning',
  apply: 'Copying',
  save: 'Saving what is there now',
  restore: 'Restoring',
  sync: 'Writing to disk',
  remove: 'Removing',
  read: 'Reading',
  check: 'Checking',
  find: 'Naming damage',
  heal: 'Healing',
}

/** A phase without words of its own is shown by its name. */
export const wordsOf = (phase: Phase): string =>
  (knownPhases as Readonly<Record<string, string>>)[phase] ?? phase

/** While a snapshot is made, entries are linked whenever no bytes are copied. */
function isLinking({phase, bytes, totalBytes}: Progress, rate: Rate | null): boolean {
  if (phase !== 'apply') return false
  if (bytes >= totalBytes) return true
  return rate !== null && rate.bytesPerSecond === 0 && rate.entriesPerSecond > 0
}

/** What is being done, in long and short words. */
function headOf(progress: Progress, rate: Rate | null): readonly [string, string] {
  const {phase, doomed} = progress
  const words = isLinking(progress, rate) ? 'Linking' : wordsOf(phase)
  switch (doomed?.what) {
    case undefined:
      return [words, words]
    case 'snapshot': {
      const part = `${count(doomed.number)} of ${count(doomed.of)}`
      return [`${words} snapshot ${part}`, `${words} ${part}`]
    }
    case 'leftover':
      return [`${words} what an interrupted run left`, words]
    case 'unfinished':
      return [`${words} the unfinished snapshot`, words]
  }
}

/** '12,345 of 117,745 entries', or without the total if it is unknown. */
const ofTotal = (part: string, total: string | null, unit: string): string =>
  `${part}${total === null ? '' : ` of ${total}`}${unit}`

const barLength = 10
const blocks = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

/** '████▌·····' */
function barOf(share: number): string {
  const eighths = Math.floor(share * barLength * 8)
  const bar = '█'.repeat(Math.floor(eighths / 8)) + (blocks[eighths % 8] ?? '')
  return bar.padEnd(barLength, '·')
}

/** How much room the line has, and whether the locale has signs. */
export interface Room {
  readonly width: number
  readonly hasSigns: boolean
}

/** A part of the line; the ones of the lowest rank get their room first. */
type Part = readonly [rank: number, text: string]

/** The parts in their order, without those for which there is no room. */
function fitted(parts: readonly Part[], width: number): string {
  const kept = new Set<Part>()
  let left = width
  for (const part of [...parts].sort(([a], [b]) => a - b)) {
    const needed = part[1].length + (kept.size === 0 ? 0 : gap.length)
    if (needed > left && kept.size > 0) continue
    kept.add(part)
    left -= needed
  }
  const texts = parts.filter((part) => kept.has(part)).map(([, text]) => text)
  return texts.join(gap).slice(0, width)
}

const gap = '  '
const wide = 60

function amounts(progress: Progress, rate: Rate | null): Part[] {
  const {entries, bytes, totalEntries, totalBytes} = progress
  const parts: Part[] = []
  const total = totalEntries > 0 ? count(totalEntries) : null
  if (entries > 0) parts.push([5, ofTotal(count(entries), total, ' entries')])
  if (bytes === 0 || isLinking(progress, rate)) return parts
  if (rate !== null) parts.unshift([4, `${size(Math.max(rate.bytesPerSecond, 0))}/s`])
  return [...parts, [6, ofTotal(size(bytes), totalBytes > 0 ? size(totalBytes) : null, '')]]
}

/** The line: what is done, how much of it, how long it takes, and if there is room, the amounts. */
export function progressText(progress: Progress, rate: Rate | null, room: Room): string {
  const {width, hasSigns} = room
  const [long, short] = headOf(progress, rate)
  const parts: Part[] = [[0, width < wide ? short : long]]
  if (progress.phase === 'sync') return fitted(parts, width) // nothing is counted in this phase
  const share = shareDone(progress)
  const left = secondsToGo(progress, rate)
  if (share !== null) parts.push([1, `${Math.floor(share * 100)}%`.padStart(4)])
  if (share !== null && hasSigns) parts.push([3, barOf(share)])
  if (left !== null) parts.push([2, `${clockTime(left)} left`])
  return fitted([...parts, ...amounts(progress, rate)], width)
}

/** The line after a stop, in long and short words. */
function stoppingWords({
  phase,
  entries,
  totalEntries,
  doomed,
}: Progress): readonly [string, string] {
  if (doomed?.what === 'unfinished') {
    const part = ofTotal(count(entries), totalEntries > 0 ? count(totalEntries) : null, '')
    return [`Stopping: removing the unfinished snapshot, ${part}`, `Stopping: removing ${part}`]
  }
  if (phase === 'apply') return ['Stopping: removing the unfinished snapshot', 'Stopping']
  if (phase === 'remove') return ['Stopping: the next run removes the rest', 'Stopping']
  return ['Stopping', 'Stopping']
}

const leaving = 'Ctrl-C again leaves that to the next run'

/** Two lines where one is too narrow. `null`: nothing was reported before the stop. */
export function stoppingLines(progress: Progress | null, {width}: Room): string[] {
  if (progress === null) return ['Stopping']
  const [long, short] = stoppingWords(progress)
  const isLeft = progress.doomed?.what === 'unfinished' || progress.phase === 'apply'
  const words = (long.length <= width ? long : short).slice(0, width)
  if (!isLeft) return [words]
  const whole = `${long} (${leaving})`
  return whole.length <= width ? [whole] : [words, leaving.slice(0, width)]
}
