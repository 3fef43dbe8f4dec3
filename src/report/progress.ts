// The progress line on a terminal, and its arithmetic: rate and time to go.
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

/** Older samples say little about the rest of the run. */
const window_ms = 10_000
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

/** Seconds to go, from entries and bytes together; null if unknown. */
export function secondsToGo(progress: Progress, rate: Rate | null): number | null {
  if (rate === null || progress.totalEntries === 0) return null
  const entries = Math.max(progress.totalEntries - progress.entries, 0)
  const bytes = Math.max(progress.totalBytes - progress.bytes, 0)
  const speed = rate.entriesPerSecond * entryCost_bytes + rate.bytesPerSecond
  const left = entries * entryCost_bytes + bytes
  if (left === 0) return 0
  return speed > 0 ? left / speed : null
}

const knownPhases: Readonly<Record<KnownPhase, string>> = {
  scan: 'Scanning',
  apply: 'Copying',
  restore: 'Restoring',
  sync: 'Writing to disk',
  remove: 'Removing',
  read: 'Reading records',
}

/** A phase without words of its own is shown by its name. */
const wordsOf = (phase: Phase): string =>
  (knownPhases as Readonly<Record<string, string>>)[phase] ?? phase

/** '12,345 of 117,745 entries', or without the total if it is unknown. */
const ofTotal = (part: string, total: string | null, unit: string): string =>
  `${part}${total === null ? '' : ` of ${total}`}${unit}`

export function progressText(progress: Progress, rate: Rate | null): string {
  const {phase, entries, bytes, totalEntries, totalBytes} = progress
  const left = secondsToGo(progress, rate)
  const parts = [wordsOf(phase)]
  const total = totalEntries > 0 ? count(totalEntries) : null
  if (entries > 0) parts.push(ofTotal(count(entries), total, ' entries'))
  if (bytes > 0) parts.push(ofTotal(size(bytes), totalBytes > 0 ? size(totalBytes) : null, ''))
  if (rate !== null && bytes > 0) parts.push(`${size(Math.max(rate.bytesPerSecond, 0))}/s`)
  if (left !== null) parts.push(`${clockTime(left)} left`)
  return parts.join('  ')
}

const patience_ms = 5000

/** Reports once that the addon makes no progress, because a server may not answer. */
export class Standstill {
  private state = ''
  private since_ms = 0
  private told = false

  constructor(
    private readonly tick: () => number,
    private readonly say: (text: string) => void,
  ) {}

  hear(progress: Progress): void {
    const {phase, entries, bytes, reads} = progress
    // Writing to disk may take long, and no progress can be counted during it.
    if (this.told || reads === undefined || phase === 'sync') return
    const state = [phase, entries, bytes, reads].join(' ')
    const now_ms = this.tick()
    if (state !== this.state) {
      this.state = state
      this.since_ms = now_ms
    } else if (now_ms - this.since_ms >= patience_ms) {
      this.told = true
      this.say(`${wordsOf(phase)}: no progress for 5 s, waiting for a disk or a server`)
    }
  }
}

/** The part of process.stderr that the line needs. */
interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Draws on a terminal only; `clear` erases the line, so that other text can be printed. */
export class ProgressLine {
  private samples: Sample[] = []
  private phase: Progress['phase'] | null = null
  private drawn = false

  /** `tick` is a monotonic clock in milliseconds. */
  constructor(
    private readonly terminal: Terminal,
    private readonly tick: () => number,
  ) {}

  update(progress: Progress): void {
    if (this.terminal.isTTY !== true) return
    if (progress.phase !== this.phase) this.samples = []
    this.phase = progress.phase
    const time_ms = this.tick()
    this.samples.push({time_ms, entries: progress.entries, bytes: progress.bytes})
    this.samples = this.samples.filter((sample) => time_ms - sample.time_ms <= window_ms)
    this.draw(progressText(progress, rateOf(this.samples)))
  }

  clear(): void {
    if (this.drawn) this.terminal.write('\r\u001b[K')
    this.drawn = false
  }

  /** Prints a line above the progress line, on a terminal only. */
  say(text: string): void {
    if (this.terminal.isTTY !== true) return
    this.clear()
    this.terminal.write(`${text}\n`)
  }

  private draw(text: string): void {
    // The last column stays free, because some terminals wrap when it is written.
    // A terminal of unknown size reports 0 columns.
    const width = (this.terminal.columns || 80) - 1
    this.terminal.write(`\r${text.slice(0, width)}\u001b[K`)
    this.drawn = true
  }
}
