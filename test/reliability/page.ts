// The page of shared memory in which a test plans faults for the addon's twin, and reads the
// outcome. seam/page.h has the same offsets.
import {closeSync, openSync, readSync, writeSync} from 'node:fs'

const actions = {
  none: 0,
  error: 1,
  short: 2,
  delay: 3,
  signal: 4,
  powerCut: 5,
  skip: 6,
  follow: 7,
} as const

const size_bytes = 4096
const at = {calls: 0, hits: 8, first: 16, last: 24, action: 32, value: 36, flags: 40} as const
const only = {at: 48, length: 32}
const hit = {at: 80, length: 32}
const mount = {at: 112, length: 256}
const weaken = {at: 368, length: 64}

/** Longer than any test. */
export const forGood = Number.MAX_SAFE_INTEGER

export interface Plan {
  readonly action: keyof typeof actions
  /** An errno, a signal number, milliseconds, or what a power cut spares. */
  readonly value?: number
  /** The first call to hit, counted from 1 over all threads. By default calls are only counted. */
  readonly first?: number
  /** By default the same as `first`. */
  readonly last?: number
  /** Counts only calls that change a filesystem. */
  readonly mutating?: boolean
  /** The addon uses one thread, so that runs are alike. */
  readonly oneThread?: boolean
  /** Counts only calls of this name. */
  readonly only?: string
  /** The directory on whose filesystem the power is cut. */
  readonly mount?: string
  /**
   * Calls that always report success without doing anything, as a control. `fsid`: all filesystems
   * look the same; `clock`: all times look long past.
   */
  readonly weaken?: readonly string[]
}

/** The outcome of a plan. */
export interface Outcome {
  readonly calls: number
  readonly hits: number
  /** The name of the first call that was hit, or ''. */
  readonly hit: string
}

export class FaultPage {
  readonly #fd: number

  constructor(readonly path: string) {
    this.#fd = openSync(path, 'w+', 0o666)
    this.plan({action: 'none'})
  }

  /** The environment that a process needs before it loads the twin. */
  get environment(): {readonly CURA_FAULTS: string} {
    return {CURA_FAULTS: this.path}
  }

  /** Starts a plan, and counts from zero. */
  plan(plan: Plan): void {
    const page = Buffer.alloc(size_bytes)
    const first = plan.first ?? 0
    page.writeBigUInt64LE(BigInt(first), at.first)
    page.writeBigUInt64LE(BigInt(plan.last ?? first), at.last)
    page.writeUInt32LE(actions[plan.action], at.action)
    page.writeInt32LE(plan.value ?? 0, at.value)
    const flags = (plan.mutating === true ? 1 : 0) | (plan.oneThread === true ? 2 : 0)
    page.writeUInt32LE(flags, at.flags)
    page.write(plan.only ?? '', only.at, only.length - 1, 'latin1')
    page.write(plan.mount ?? '', mount.at, mount.length - 1, 'utf8')
    const names = (plan.weaken ?? []).map((name) => `${name} `).join('')
    page.write(names, weaken.at, weaken.length - 1, 'latin1')
    writeSync(this.#fd, page, 0, size_bytes, 0)
  }

  outcome(): Outcome {
    const page = Buffer.alloc(size_bytes)
    readSync(this.#fd, page, 0, size_bytes, 0)
    const name = page.toString('latin1', hit.at, hit.at + hit.length)
    return {
      calls: Number(page.readBigUInt64LE(at.calls)),
      hits: Number(page.readBigUInt64LE(at.hits)),
      hit: name.slice(0, name.indexOf('\0')),
    }
  }

  close(): void {
    closeSync(this.#fd)
  }
}
