// Whose lock is it, and does the owner still live? Pure: every fact is handed in.
import * as v from 'valibot'
import {printable} from '../base/escape.js'
import type {LockFound} from '../native/native.js'

export interface LockFacts {
  readonly host: string
  /** Identifies this boot of this machine. */
  readonly boot: string
  /** Our own process id. */
  readonly self: number
  /** When a process started, as opaque text; null when there is none. */
  readonly processStart: (pid: number) => string | null
}

/** What a lock says of its owner; the Python tool wrote the process id alone. */
export interface LockOwner {
  readonly pid: number
  readonly host: string | null
  readonly boot: string | null
  readonly start: string | null
  /** UTC, ISO 8601. */
  readonly since: string | null
}

export type LockVerdict =
  | {readonly state: 'stale'; readonly owner: LockOwner | null}
  | {
      readonly state: 'held'
      readonly owner: LockOwner | null
      /** Host, boot and start time match, so that this very process may be signalled. */
      readonly certain: boolean
      /** What the user can do, where we cannot know. */
      readonly hint: string | null
    }

const pidLimit = 2 ** 31 - 1
const removeHint = 'if you are sure that it has ended, remove .backups_lock from the store'

/** The second line of a lock. */
const ownerSchema = v.object({
  host: v.string(),
  boot: v.string(),
  start: v.string(),
  since: v.fallback(v.nullable(v.string()), null),
})

function parsePid(line: string): number | null {
  const pid = /^\d{1,10}$/.test(line) ? Number(line) : 0
  return pid > 0 && pid <= pidLimit ? pid : null
}

/** Null for what is neither our form nor the Python tool's. */
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

/** 'process 4711 on nas since 2025-01-15T10:30:00.000Z', as far as it is known. */
export function ownerText(owner: LockOwner | null): string {
  if (owner === null) return 'another process'
  const host = owner.host === null ? '' : ` on ${printable(owner.host)}`
  const since = owner.since === null ? '' : ` since ${printable(owner.since)}`
  return `process ${owner.pid}${host}${since}`
}

const sameBoot = (owner: LockOwner, facts: LockFacts): boolean =>
  owner.host === facts.host && owner.boot === facts.boot

/** The owner, if it is a process of this boot that still runs: not one with its reused number. */
function isAlive(owner: LockOwner, facts: LockFacts): boolean {
  // A lock without a start time and with our own number was left by a former process: it is not
  // us, who are only about to take it.
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
  // The kernel says that a process has it open and locked, whatever the text says.
  if (flock === 'held') return {state: 'held', owner, certain, hint: null}
  if (flock === 'unknown') return {state: 'held', owner, certain, hint: certain ? null : removeHint}
  if (owner === null) return {state: 'stale', owner}
  if (owner.host === null) {
    return isAlive(owner, facts)
      ? {state: 'held', owner, certain: false, hint: removeHint}
      : {state: 'stale', owner}
  }
  // A FUSE view of the store keeps an owner's flock to itself; but the owner can be seen to live.
  if (certain) return {state: 'held', owner, certain, hint: null}
  // Else its flock would be held: on a local filesystem the kernel shows every one, also of
  // containers with another host name, and of clients of a file server on this machine.
  if (isLocal) return {state: 'stale', owner}
  // Its processes cannot be seen from here, nor can its flock on many network filesystems.
  if (owner.host !== facts.host) return {state: 'held', owner, certain: false, hint: removeHint}
  if (owner.boot !== facts.boot || !isAlive(owner, facts)) return {state: 'stale', owner}
  return {state: 'held', owner, certain: false, hint: null}
}
