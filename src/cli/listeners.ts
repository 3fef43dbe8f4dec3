// Follow an operation: as text with a progress line, as JSON at the end, or as JSON lines.
import type {Change, Omission, RestoreChange} from '../native/native.js'
import {eventJsonLines, eventText} from '../report/events.js'
import type {OperationEvent} from '../operations/events.js'
import type {ProgressLine} from '../report/progress-line.js'
import {Standstill} from '../report/standstill.js'

export interface Listener {
  /** The lists, where they are to be printed at the end. */
  readonly changes: readonly Change[]
  readonly omissions: readonly Omission[]
  readonly restored: readonly RestoreChange[]
  hear(event: OperationEvent): Promise<void>
}

/** Where a listener writes; settles when the output has taken the text. */
type Print = (text: string) => Promise<unknown>

interface TextOutput {
  readonly print: Print
  readonly complain: (text: string) => void
  readonly live: ProgressLine
  /** Shows no progress, and does not say what a run waits for. */
  readonly silent: boolean
}

/** Prints lists as they come, and draws the progress line. */
export class TextListener implements Listener {
  readonly changes = []
  readonly omissions = []
  readonly restored = []
  private readonly standstill: Standstill

  constructor(private readonly output: TextOutput) {
    const say = (text: string): void => {
      this.complain(text)
    }
    this.standstill = new Standstill(() => performance.now(), say)
  }

  async hear(event: OperationEvent): Promise<void> {
    const {live, print, silent} = this.output
    if (event.event === 'wait') this.sayWait(event.text, event.isWished === true)
    if (event.event === 'progress' && !silent) {
      live.update(event.progress)
      this.standstill.hear(event.progress)
    }
    const text = event.event === 'plan' && silent ? '' : eventText(event)
    if (text === '') return
    live.clear()
    await print(text)
  }

  /** From cron, a run that waits as it was told says nothing. */
  private sayWait(text: string, isWished: boolean): void {
    if (!isWished) this.complain(text)
    else if (!this.output.silent) this.output.live.say(`cura-te-ipsum: ${text}`)
  }

  private complain(text: string): void {
    const {live, complain, silent} = this.output
    if (silent) return
    live.clear()
    complain(`cura-te-ipsum: ${text}\n`)
  }
}

/** Keeps the lists for the one object at the end. */
export class JsonListener implements Listener {
  readonly changes: Change[] = []
  readonly omissions: Omission[] = []
  readonly restored: RestoreChange[] = []

  hear(event: OperationEvent): Promise<void> {
    if (event.event === 'change') this.changes.push(...event.changes)
    if (event.event === 'omission') this.omissions.push(...event.omissions)
    if (event.event === 'restore') this.restored.push(...event.changes)
    return Promise.resolve()
  }
}

const progressInterval_ms = 1000

/** Prints every event at once; of progress, at most one line a second, and none if `silent`. */
export class LinesListener implements Listener {
  readonly changes = []
  readonly omissions = []
  readonly restored = []
  private last_ms = -Infinity

  constructor(
    private readonly print: Print,
    private readonly silent: boolean,
    private readonly tick: () => number,
  ) {}

  async hear(event: OperationEvent): Promise<void> {
    if (event.event === 'progress' && this.isTooSoon()) return
    if (this.silent && /^(phase|plan|progress|wait)$/.test(event.event)) return
    const lines = eventJsonLines(event)
    if (lines !== '') await this.print(lines)
  }

  private isTooSoon(): boolean {
    const now_ms = this.tick()
    if (now_ms - this.last_ms < progressInterval_ms) return true
    this.last_ms = now_ms
    return false
  }
}
