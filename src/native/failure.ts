// Turns errors of the addon into sentences.
import {getSystemErrorMap} from 'node:util'
import {errnoTexts} from './errno-texts.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import type {NativeError} from './native.js'

/** Our own codes. */
const ownTexts: Readonly<Record<string, string>> = {
  CHANGED: 'changed while it was read',
  EMPTIED: 'is empty now, but was not before',
  UNREACHABLE: 'its host cannot be reached',
  MOUNTED: 'something is mounted there',
  FOREIGN_LINK: 'a symlink in this path belongs to another user: give the real path',
  IN_STORE: 'this place is in the store, where snapshots never change: choose another directory',
  SHORT: 'has fewer bytes than its size says',
  NOT_STORED: 'the store cannot hold it, as in the last run',
  LISTED_TWICE: 'its directory lists this name more than once',
  UNFINISHED: 'some directories were not finished; this is a bug, please report it',
  DAMAGED_MANIFEST:
    'the record of this snapshot was damaged during the run: check the disk, then run the backup ' +
    'again, which rebuilds the record from the tree',
  NO_HARDLINKS:
    'the filesystem of the store cannot hardlink files, and snapshots are made of hardlinks: ' +
    'use ext4, xfs, btrfs, zfs or APFS',
  SYMLINKS_FOLLOWED:
    'the filesystem of the store changes the target of a symlink instead of the symlink, as ' +
    'sshfs does, so a backup would change files outside the store: run the backup on the ' +
    'machine that has the disk, or mount it by NFS',
}

let systemTexts: ReadonlyMap<string, string> | undefined

/**
 * 'ENOSPC' → 'no space left on device', 'errno 4000' → 'unknown error 4000'. A code without a text
 * is returned as it is.
 */
export function errnoText(code: string): string {
  systemTexts ??= new Map(getSystemErrorMap().values())
  const text = ownTexts[code] ?? errnoTexts[code] ?? systemTexts.get(code)
  return text ?? code.replace(/^errno (?=\d+$)/, 'unknown error ')
}

export function isNativeError(error: unknown): error is NativeError {
  return (
    error instanceof Error &&
    !(error instanceof CuraError) &&
    'code' in error &&
    typeof error.code === 'string'
  )
}

/** Such as 'linkat 2025-01-15_10-30-00/a.txt: no space left on device (ENOSPC)'. */
export function nativeErrorText(error: NativeError): string {
  const path = error.pathBytes === undefined ? '' : ` ${printable(error.pathBytes)}`
  const text = errnoText(error.code)
  const reason = text === error.code ? printable(error.message) : text
  const where = error.syscall === undefined ? '' : `${error.syscall}${path}: `
  return `${where}${reason} (${error.code})`
}

/** The text of any error, to quote in another message. */
export function errorText(error: unknown): string {
  if (isNativeError(error)) return nativeErrorText(error)
  return error instanceof Error ? error.message : String(error)
}

/** The store has no room: blocks, inodes or quota. */
export const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

/** Safety rules of the addon. */
const refusals: ReadonlySet<string> = new Set(['FOREIGN_LINK', 'IN_STORE'])

/** True if the store has no room: blocks, inodes or quota. */
export const isFull = (error: unknown): error is NativeError =>
  isNativeError(error) && fullCodes.has(error.code)

/** True if the error means that the job stopped because of the signal. */
export const isStop = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted &&
  (error === signal.reason || (isNativeError(error) && error.code === 'ABORT_ERR'))

/**
 * The error to end a run with, and its consequence for the store. An interrupt is reported only if
 * the job stopped because of it. A bug is returned unchanged.
 */
export function explain(error: unknown, signal: AbortSignal, consequence: string): unknown {
  if (isStop(error, signal)) {
    const reason: unknown = signal.reason
    if (!(reason instanceof CuraError)) return reason
    return new CuraError(reason.code, `${reason.message}; ${consequence}`)
  }
  if (!isNativeError(error)) return error
  const code = refusals.has(error.code) ? 'refused' : isFull(error) ? 'noSpace' : 'failed'
  return new CuraError(code, `${nativeErrorText(error)}; ${consequence}`, {cause: error})
}
