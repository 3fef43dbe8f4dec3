// What is true after a restore that ended early.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {count} from '../base/units.js'
import {undoIntroduction} from './restore-undo.js'
import {errnoText, explain, isNativeError, isStop} from '../native/failure.js'

interface Early {
  /** Entries that are restored and stay. */
  readonly done: number
  readonly total: number
  readonly guard: string | null
  readonly undo: string | null
}

const undoText = (undo: string | null): string =>
  undo === null ? '' : `\n${undoIntroduction}\n  ${undo}`

function stopText({done, total, undo}: Early): string {
  if (done === 0) return 'nothing was restored, and the same command starts again'
  const share = `${count(done)} of ${count(total)}`
  const entries = total === 1 ? 'entry is' : 'entries are'
  return `${share} ${entries} restored and whole, and the same command goes on${undoText(undo)}`
}

/** Errors that come before anything was restored, in a sentence; null for others. */
function plainText(error: unknown): string | null {
  if (!isNativeError(error) || error.pathBytes === undefined) return null
  const path = printable(error.pathBytes)
  if (error.syscall === 'mkdirat' && path.startsWith('/')) {
    return `cannot make ${path.replace(/^\/+/, '/')}: ${errnoText(error.code)}`
  }
  if (error.syscall === 'openat' && ['ENOTDIR', 'ELOOP'].includes(error.code)) {
    return (
      `${path} was a directory and is something else now, and a restore follows no symlinks: ` +
      'move it away, or restore with --to DIR'
    )
  }
  return null
}

/** The error to end with if the comparison or the restore could not begin. */
export function beforeRestore(error: unknown, signal: AbortSignal): unknown {
  const text = plainText(error)
  if (text === null) return explain(error, signal, 'nothing was restored')
  return new CuraError('failed', `${text}; nothing was restored`, {cause: error})
}

/** The error to end with if the restore stopped in the middle. */
export function duringRestore(error: unknown, signal: AbortSignal, early: Early): unknown {
  const {done, guard, undo} = early
  const details = {restored: done, guard, undo}
  if (isStop(error, signal)) {
    const known = explain(error, signal, stopText(early))
    return known instanceof CuraError ? new CuraError(known.code, known.message, {details}) : known
  }
  if (plainText(error) !== null) return beforeRestore(error, signal)
  const known = explain(
    error,
    signal,
    'every file is whole, the old or the new one, and the same command goes on once the cause is ' +
      `gone${undoText(undo)}`,
  )
  if (!(known instanceof CuraError)) return known
  return new CuraError(known.code, known.message, {cause: error, details: {guard, undo}})
}
