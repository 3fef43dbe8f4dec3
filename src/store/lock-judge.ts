// Decides who owns a lock and whether the owner still runs. Pure: every fact is passed in.
import * as v from 'valibot'
import {printable} from '../base/escape.js'
import type {LockFound} from '../native/native.js'

export interface LockFacts {
  readonly host: string
  /** Identifies this boot of this machine. */
  readonly boot: string
  /** Our own process id. */
  readonly self: number
  /** When a process started, as opaque text; null if there is no such process. */
  readonly processStart: (pid: number) => string | null
}

/** The owner as the lock names it; the Python tool wrote only the process id. */
export interface LockOwner {
  readonly pid: number
  readonly host: string | null
  readonly boot: string | null
  readonly start: string | null
  /** UTC, ISO 8601. */
  readonly since: string | null
  /** The command that runs; locks of older versions have none. */
  readonly command?: string | undefined
}

export type LockVerdict =
  | {readonly state: 'stale'; readonly owner: LockOwner | null}
  | {
      readonly state: 'held'
      readonly owner: LockOwner | null
      /** Host, boot and start time match, so this process may be signalled. */
      readonly certain: boolean
      /** Advice for the user if it is unknown whether the owner runs. */
      readonly hint: string | null
    }

const pidLimit = 2 ** 31 - 1
const removeHint = 'if you are sure that it has exited, remove .backups_lock from the store'

/** The second line of a lock. */
const ownerSchema = v.object({
  host: v.string(),
  boot: v.string(),
  start: v.string(),
  since: v.fallback(v.nullable(v.string()), null),
  command: v.fallback(v.optional(v.string()), undefined),
})

function parsePid(line: string): number | null {
  const pid = /^\d{1,10}$/.test(line) ? Number(line) : 0
  return pid > 0 && pid <= pidLimit ? pid : null
}

/** Null if the text is neither in our form nor in the Python tool's. */
export function parseLock(text: string): LockOwner | null {
  const [first = '', second = ''] = text.split('\n', 2)
  const pid = parsePid(first.trim())
  if (pid === null) return null
  if (second.trim() === '') return {pid, host: null, boot: null, start: null, since: null}
  try {
    const {success, output} = v.safeParse(ownerSchema, JSON.parse(second))
    return success ? {pid, ...output} : null
  } catch {
    return null
  }
}

/** Such as 'process 4711 on nas since 2025-01-15T10:30:00.000Z', as far as it is known. */
export function ownerText(owner: LockOwner | null): string {
  if (owner === null) return 'another process'
  const host = owner.host === null ? '' : ` on ${printable(owner.host)}`
  const since = owner.since === null ? '' : ` since ${printable(owner.since)}`
  return `process ${owner.pid}${host}${since}`
}

const sameBoot = (owner: LockOwner, facts: LockFacts): boolean =>
  owner.host === facts.host && owner.boot === facts.boot

/** Whether the owner still runs; another process with a reused number does not count. */
function isAlive(owner: LockOwner, facts: LockFacts): boolean {
  // A lock without a start time but with our own number was left by an earlier process, because we
  // have not taken it yet.
  if (owner.start === null)
    return owner.pid !== facts.self && facts.processStart(owner.pid) !== null
  return facts.processStart(owner.pid) === owner.start
}

export function judgeLock({text, flock, isLocal}: LockFound, facts: LockFacts): LockVerdict {
  const owner = parseLock(text)
  const certain =
    owner !== null &&
    owner.start !== null &&
    owner.pid !== facts.self &&
    sameBoot(owner, facts) &&
    isAlive(owner, facts)
  // The kernel says that a process holds it, whatever the text says.
  if (flock === 'held') return {state: 'held', owner, certain, hint: null}
  if (flock === 'unknown') return {state: 'held', owner, certain, hint: certain ? null : removeHint}
  if (owner === null) return {state: 'stale', owner}
  if (owner.host === null) {
    return isAlive(owner, facts)
      ? {state: 'held', owner, certain: false, hint: removeHint}
      : {state: 'stale', owner}
  }
  // A FUSE view of the store hides the owner's flock, but its process is visible.
  if (certain) return {state: 'held', owner, certain, hint: null}
  // On a local filesystem the kernel shows every flock, even of containers with another host name
  // and of clients of a file server on this machine. So a free one proves that the owner is gone.
  if (isLocal) return {state: 'stale', owner}
  // The processes of another host are invisible here, and so is its flock on many network filesystems.
  if (owner.host !== facts.host) return {state: 'held', owner, certain: false, hint: removeHint}
  if (owner.boot !== facts.boot || !isAlive(owner, facts)) return {state: 'stale', owner}
  return {state: 'held', owner, certain: false, hint: null}
}
