// Draws the progress on a terminal: one or two lines that are replaced in place, and removed at the
// end.
import {printable} from '../base/escape.js'
import type {Progress} from '../native/native.js'
import {progressText, rateOf, stoppingLines, type Room, type Sample} from './progress.js'

/** The part of process.stderr that the lines need. */
interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface ProgressLook {
  /** The terminal understands escape sequences. */
  readonly isCapable: boolean
  readonly hasSigns: boolean
  readonly dim: (text: string) => string
}

/** Older samples say little about the rest of the run. */
const window_ms = 10_000

/** In a narrower terminal, the directory would say too little. */
const leastForPath = 60

const erase = '\u001b[J'
const eraseRest = '\u001b[K'
const up = '\u001b[A'
/** Too long a line is cut instead of wrapped: the terminal may have become narrower just now. */
const [noWrap, wrap] = ['\u001b[?7l', '\u001b[?7h']

/** At most so many columns of the end of a path; characters outside of ASCII count as two. */
function endOfPath(path: string, width: number, ellipsis: string): string {
  const characters = [...path]
  const columns = (character: string): number => (character < '\u0080' ? 1 : 2)
  if (characters.reduce((sum, one) => sum + columns(one), 0) <= width) return path
  let used = 0
  let at = characters.length
  while (at > 0 && used + columns(characters[at - 1] ?? '') <= width - ellipsis.length) {
    at -= 1
    used += columns(characters[at] ?? '')
  }
  return ellipsis + characters.slice(at).join('')
}

/**
 * Draws on a capable terminal only. Between two drawings, the cursor is at the start of the first
 * line, where it stays when a resized terminal wraps the lines anew.
 */
export class ProgressLine {
  private samples: Sample[] = []
  private last: Progress | null = null
  private isDrawn = false
  private isStopping = false

  /** `tick` is a monotonic clock in milliseconds. */
  constructor(
    private readonly terminal: Terminal,
    private readonly tick: () => number,
    private readonly look: ProgressLook,
  ) {}

  update(progress: Progress): void {
    if (progress.phase !== this.last?.phase) this.samples = []
    this.last = progress
    const time_ms = this.tick()
    this.samples.push({time_ms, entries: progress.entries, bytes: progress.bytes})
    this.samples = this.samples.filter((sample) => time_ms - sample.time_ms <= window_ms)
    this.draw(this.isStopping ? stoppingLines(progress, this.room) : this.lines(progress))
  }

  /** From now on the lines say what is still to be done before the run ends. */
  stop(): void {
    this.isStopping = true
    this.draw(stoppingLines(this.last, this.room))
  }

  clear(): void {
    if (this.isDrawn) this.terminal.write(`\r${erase}`)
    this.isDrawn = false
  }

  /** Prints a line above the progress, on a terminal only. */
  say(text: string): void {
    if (this.terminal.isTTY !== true) return
    this.clear()
    this.terminal.write(`${text}\n`)
  }

  private get room(): Room {
    // The last column stays free, because some terminals wrap when it is written.
    // A terminal of unknown size reports 0 columns.
    return {width: (this.terminal.columns || 80) - 1, hasSigns: this.look.hasSigns}
  }

  private lines(progress: Progress): string[] {
    const {room} = this
    const text = progressText(progress, rateOf(this.samples), room)
    const {directory, phase} = progress
    if (directory === undefined || phase === 'sync' || room.width < leastForPath) return [text]
    const ellipsis = room.hasSigns ? '…' : '...'
    return [text, this.look.dim(endOfPath(printable(directory), room.width, ellipsis))]
  }

  private draw([first = '', second]: readonly string[]): void {
    if (this.terminal.isTTY !== true || !this.look.isCapable) return
    const below = second === undefined ? erase : `${eraseRest}\n${second}${erase}${up}`
    this.terminal.write(`${noWrap}\r${first}${below}\r${wrap}`)
    this.isDrawn = true
  }
}
