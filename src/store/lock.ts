// The lock of a store: taken for the time of a run, judged when it is somebody else's.
import {randomUUID} from 'node:crypto'
import {constants, hostname} from 'node:os'
import {setTimeout as sleep} from 'node:timers/promises'
import {CuraError} from '../base/errors.js'
import {errorText, isFull} from '../native/failure.js'
import type {Following} from '../native/job.js'
import {judgeLock, ownerText} from './lock-judge.js'
import type {LockFacts, LockOwner, LockVerdict} from './lock-judge.js'
import {markerFile, oldMarkerFile} from './marker.js'
import {native, type LockAttempt, type NativeStore} from '../native/native.js'
import {parseSnapshotName} from './snapshot-name.js'

const attemptLimit = 100
const patience_ms = 5000
const poll_ms = 50

interface LockOptions extends Pick<Following, 'signal' | 'onWait'> {
  /** Ends a living owner, where it is certain that it is the owner. */
  readonly force: boolean
  readonly now: Date
}

export function currentFacts(): LockFacts {
  const addon = native()
  return {
    host: hostname(),
    boot: addon.bootId(),
    self: process.pid,
    processStart: (pid) => addon.processStart(pid),
  }
}

/** What a lock is called while it is not one yet, or no longer; no other starter has that name. */
const privateName = (): string => `.backups_lock-${process.pid}-${randomUUID()}`

/** The first line is what the Python tool reads, the second what we do. */
function lockText(facts: LockFacts, now: Date): string {
  const {host, boot, self} = facts
  const start = facts.processStart(self)
  return `${self}\n${JSON.stringify({host, boot, start, since: now.toISOString()})}\n`
}

function lockedError({owner, certain, hint}: LockVerdict & {state: 'held'}): CuraError {
  const canEnd = certain && owner !== null
  const advice = hint ?? (canEnd ? 'wait for it, or end it with --force' : null)
  const text = `the store is locked by ${ownerText(owner)}`
  return new CuraError('locked', advice === null ? text : `${text}; ${advice}`)
}

interface Holding {
  readonly owner: LockOwner
  /** What the lock said when it was judged. */
  readonly text: string
}

/**
 * A process with several threads may be gone by its number while its last thread still holds the
 * flock, and where there is no flock only the number tells: so both have to say so.
 */
function isGone(store: NativeStore, {owner, text}: Holding): boolean {
  const lock = store.readLock()
  if (lock?.state !== 'exists' || lock.text !== text) return true
  return lock.flock !== 'held' && native().processStart(owner.pid) !== owner.start
}

/** Waits until the owner has ended or has let the lock go; false when it did not in time. */
async function letsGo(store: NativeStore, holding: Holding, signal: AbortSignal): Promise<boolean> {
  for (let waited_ms = 0; waited_ms < patience_ms; waited_ms += poll_ms) {
    if (isGone(store, holding)) return true
    signal.throwIfAborted()
    await sleep(poll_ms)
  }
  return false
}

/** Asks the owner to end, then makes it. The caller has checked that it is the owner. */
async function evict(
  store: NativeStore,
  holding: Holding,
  {signal, onWait}: LockOptions,
): Promise<void> {
  const {owner} = holding
  const {SIGTERM, SIGKILL} = constants.signals
  for (const number of [SIGTERM, SIGKILL]) {
    try {
      native().signalProcess(owner.pid, owner.start ?? '', number)
    } catch (error) {
      const message = `${ownerText(owner)} holds the lock and cannot be ended: ${errorText(error)}`
      throw new CuraError('locked', message, {cause: error})
    }
    if (await letsGo(store, holding, signal)) return
    onWait?.(`${ownerText(owner)} did not exit within 5 s and still holds the lock`)
  }
  throw new CuraError('locked', `${ownerText(owner)} holds the lock and does not end, even killed`)
}

function refuseDirectory(): never {
  throw new CuraError(
    'failed',
    'a directory called .backups_lock is in the way in the store: look what it is, and remove it',
  )
}

/** Where there is no room for a lock of our own, pruning must be possible all the same. */
function borrowLock(store: NativeStore, full: unknown): LockAttempt {
  for (const {name} of store.list()) {
    const form = parseSnapshotName(name)?.form
    if (form === undefined) continue
    try {
      return store.borrowLock(name, form === 'old' ? oldMarkerFile(name) : markerFile)
    } catch {
      // It has no marker, or cannot lend it: perhaps the next one can.
    }
  }
  throw full
}

function tryLock(store: NativeStore, text: string): LockAttempt {
  try {
    return store.tryLock(text, privateName())
  } catch (error) {
    if (isFull(error)) return borrowLock(store, error)
    throw error
  }
}

/** Comes back once the lock is ours. */
async function takeLock(store: NativeStore, options: LockOptions): Promise<void> {
  const facts = currentFacts()
  const text = lockText(facts, options.now)
  let mayForce = options.force
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    options.signal.throwIfAborted()
    const found = tryLock(store, text)
    if (found.state === 'created') return
    if (found.state === 'odd') {
      if (found.type === 'directory') refuseDirectory()
      store.breakLock(null, privateName())
      continue
    }
    const verdict = judgeLock(found, facts)
    if (verdict.state === 'held') {
      if (!mayForce || !verdict.certain || verdict.owner === null) throw lockedError(verdict)
      // Only once: whoever takes the lock after that came by it honestly.
      mayForce = false
      await evict(store, {owner: verdict.owner, text: found.text}, options)
    } else if (!store.breakLock(found.text, privateName())) {
      // Others are after it too; a moment apart, one of us gets on.
      await sleep(Math.random() * 10)
    }
  }
  throw new CuraError('locked', 'the store is locked by others again and again: try later')
}

/** Holds the store's lock while `work` runs. Throws a CuraError when another process holds it. */
export async function withLock<T>(
  store: NativeStore,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await takeLock(store, options)
  const release = (): void => {
    try {
      store.unlock()
    } catch {
      // What stays behind is a lock without an owner, which the next run removes.
    }
  }
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}
