// Waits for another run that holds the lock of a store, and says which one it is.
import {setTimeout as sleep} from 'node:timers/promises'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {age, localTime} from '../base/units.js'
import type {Following} from '../native/job.js'
import {ownerText, type LockOwner, type LockVerdict} from './lock-judge.js'

type Held = LockVerdict & {readonly state: 'held'}

export interface QueueOptions extends Pick<Following, 'signal' | 'onQueue'> {
  readonly now: Date
  /** How long to wait for another run; absent: not at all; Infinity: as long as it takes. */
  readonly wait_ms?: number
}

const poll_ms = 250

/** Runs that people know by the name of their command. */
const runs: ReadonlySet<string> = new Set(['backup', 'delete', 'prune', 'restore', 'verify'])

/** '17:01' if it was today, else '2026-11-25 17:01'. */
function sinceText(since: Date, now: Date): string {
  const [then, today] = [since, now].map((date) => localTime(date.getTime() / 1000))
  const isToday = then?.slice(0, 10) === today?.slice(0, 10)
  return (isToday ? then?.slice(11) : then) ?? ''
}

/** 'another backup has been running since 17:01 (2 minutes, PID 25847)' */
export function runningText(owner: LockOwner | null, here: string, now: Date): string {
  if (owner === null) return 'another run holds the lock of the store'
  const {pid, host, since, command} = owner
  const run = command !== undefined && runs.has(command) ? command : 'run'
  const where = host === null || host === here ? '' : ` on ${printable(host)}`
  const start = new Date(since ?? NaN)
  if (Number.isNaN(start.getTime())) return `another ${run} is active${where} (PID ${pid})`
  const time_ms = now.getTime() - start.getTime()
  return (
    `another ${run} has been running${where} since ${sinceText(start, now)} ` +
    `(${age(time_ms)}, PID ${pid})`
  )
}

const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

export class LockQueue {
  private readonly start_ms = performance.now()
  private told: number | null = null

  constructor(
    private readonly options: QueueOptions,
    /** The name of this host. */
    private readonly here: string,
  ) {}

  /** The time now, which passes while a run waits. */
  get now(): Date {
    return new Date(this.options.now.getTime() + performance.now() - this.start_ms)
  }

  /** Waits a moment. Throws a CuraError if the time is over, or at once if none is given. */
  async wait(verdict: Held): Promise<void> {
    const {wait_ms = 0, signal, onQueue} = this.options
    const left_ms = wait_ms - (performance.now() - this.start_ms)
    if (left_ms <= 0) throw this.error(verdict)
    const pid = verdict.owner?.pid ?? 0
    if (this.told !== pid) {
      this.told = pid
      onQueue?.(`waiting: ${this.text(verdict)}; Ctrl-C stops waiting`)
    }
    await sleep(Math.min(left_ms, poll_ms), undefined, {signal}).catch(() => undefined)
    signal.throwIfAborted()
  }

  /** The error for a lock that another run holds. */
  error(verdict: Held): CuraError {
    const {hint, certain, owner} = verdict
    const {wait_ms = 0} = this.options
    if (hint !== null) {
      return new CuraError('locked', `the store is locked by ${ownerText(owner)}; ${hint}`)
    }
    const force = certain && owner !== null ? ', or stop it with --force' : ''
    const advice = wait_ms > 0 ? `It did not end in ${age(wait_ms)}` : `Wait with --wait${force}`
    return new CuraError('locked', `${capitalized(this.text(verdict))}. ${advice}.`)
  }

  private text({owner}: Held): string {
    return runningText(owner, this.here, this.now)
  }
}
