// Reports once that a run makes no progress, because a disk or a server may not answer.
import type {Progress} from '../native/native.js'
import {wordsOf} from './progress.js'

const patience_ms = 5000

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
