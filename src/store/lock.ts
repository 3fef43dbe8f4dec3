// The lock of a store: takes it for one run, and judges a lock that is already there.
import {randomUUID} from 'node:crypto'
import {constants, hostname} from 'node:os'
import {setTimeout as sleep} from 'node:timers/promises'
import {CuraError} from '../base/errors.js'
import {errorText, isFull} from '../native/failure.js'
import type {Following} from '../native/job.js'
import {judgeLock, ownerText} from './lock-judge.js'
import type {LockFacts, LockOwner} from './lock-judge.js'
import {LockQueue, type QueueOptions} from './lock-queue.js'
import {markerFile, oldMarkerFile} from './marker.js'
import {native, type LockAttempt, type NativeStore} from '../native/native.js'
import {parseSnapshotName} from './snapshot-name.js'

const attemptLimit = 100
const patience_ms = 5000
const poll_ms = 50

export interface LockOptions extends QueueOptions, Pick<Following, 'onWait'> {
  /** Stops a living owner, if the process is proven to be the owner. */
  readonly force: boolean
  /** The command that takes the lock, for those that find it held. */
  readonly command?: string
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

/** A unique name for a lock file before it becomes the lock, or after it is broken. */
const privateName = (): string => `.backups_lock-${process.pid}-${randomUUID()}`

/** The first line is for the Python tool, the second for us. */
function lockText(facts: LockFacts, now: Date, command: string | undefined): string {
  const {host, boot, self} = facts
  const start = facts.processStart(self)
  return `${self}\n${JSON.stringify({host, boot, start, since: now.toISOString(), command})}\n`
}

interface Holding {
  readonly owner: LockOwner
  /** The text of the lock when it was judged. */
  readonly text: string
}

/**
 * Both the process id and the flock must be gone: a process with several threads can vanish while
 * its last thread still holds the flock, and some filesystems have no flock.
 */
function isGone(store: NativeStore, {owner, text}: Holding): boolean {
  const lock = store.readLock()
  if (lock?.state !== 'exists' || lock.text !== text) return true
  return lock.flock !== 'held' && native().processStart(owner.pid) !== owner.start
}

/** Waits until the owner has exited or released the lock; false after a timeout. */
async function letsGo(store: NativeStore, holding: Holding, signal: AbortSignal): Promise<boolean> {
  for (let waited_ms = 0; waited_ms < patience_ms; waited_ms += poll_ms) {
    if (isGone(store, holding)) return true
    signal.throwIfAborted()
    await sleep(poll_ms)
  }
  return false
}

/** Sends SIGTERM, then SIGKILL. The caller has proven that the process is the owner. */
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
      const message = `${ownerText(owner)} holds the lock and cannot be stopped: ${errorText(error)}`
      throw new CuraError('locked', message, {cause: error})
    }
    if (await letsGo(store, holding, signal)) return
    onWait?.(`${ownerText(owner)} did not exit within 5 s and still holds the lock`)
  }
  throw new CuraError('locked', `${ownerText(owner)} holds the lock and did not exit after SIGKILL`)
}

function refuseDirectory(): never {
  throw new CuraError(
    'failed',
    'a directory named .backups_lock blocks the store: inspect it and remove it',
  )
}

/** On a full disk there is no room for a lock file, but pruning must still work. */
function borrowLock(store: NativeStore, full: unknown): LockAttempt {
  for (const {name} of store.list()) {
    const form = parseSnapshotName(name)?.form
    if (form === undefined) continue
    try {
      return store.borrowLock(name, form === 'old' ? oldMarkerFile(name) : markerFile)
    } catch {
      // No marker, or it cannot be linked: try the next snapshot.
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

/** Returns when this process holds the lock. */
async function takeLock(store: NativeStore, options: LockOptions): Promise<void> {
  const facts = currentFacts()
  const queue = new LockQueue(options, facts.host)
  let mayForce = options.force
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    options.signal.throwIfAborted()
    const found = tryLock(store, lockText(facts, queue.now, options.command))
    if (found.state === 'created') return
    if (found.state === 'odd') {
      if (found.type === 'directory') refuseDirectory()
      store.breakLock(null, privateName())
      continue
    }
    const verdict = judgeLock(found, facts)
    if (verdict.state === 'held') {
      if (mayForce && verdict.certain && verdict.owner !== null) {
        // Only once: the next owner won the lock in a fair race.
        mayForce = false
        await evict(store, {owner: verdict.owner, text: found.text}, options)
        continue
      }
      await queue.wait(verdict)
      attempt = 0
    } else if (!store.breakLock(found.text, privateName())) {
      // Other processes are trying too; a random pause lets one of them win.
      await sleep(Math.random() * 10)
    }
  }
  throw new CuraError('locked', 'other runs keep taking the lock of the store: try again later')
}

/** Holds the store's lock while `work` runs. Throws a CuraError if another process holds it. */
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
      // The lock file remains without an owner, and the next run removes it.
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
