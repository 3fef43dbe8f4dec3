// Removes unfinished work: leftovers of a killed run, and the partial of a run that failed.
import {errorText, isNativeError} from '../native/failure.js'
import {follow, type Following} from '../native/job.js'
import type {NativeStore} from '../native/native.js'

const never = new AbortController().signal

/**
 * Removes the leftovers of a killed run. A leftover that cannot be removed must not stop a backup,
 * so it is returned as a warning; only an abort is thrown.
 */
export async function removeLeftovers(
  store: NativeStore,
  names: readonly string[],
  {signal, onProgress}: Following,
): Promise<string[]> {
  const warnings: string[] = []
  for (const name of names) {
    try {
      await follow(store.remove(name), signal, (progress) => {
        onProgress({...progress, doomed: {what: 'leftover'}})
      })
    } catch (error) {
      signal.throwIfAborted()
      warnings.push(`the leftover ${name} could not be removed: ${errorText(error)}`)
    }
  }
  return warnings
}

interface Discarding extends Pick<Following, 'leave' | 'onProgress'> {
  /** How many entries the partial has; 0 if unknown. */
  readonly entries?: number
}

/**
 * Removes the partial of a run that failed, even after an interrupt. Returns a remark for the error's
 * message instead of throwing, because the first error must stay the reported one.
 */
export async function discard(
  store: NativeStore,
  partial: string,
  {onProgress, leave = never, entries: totalEntries = 0}: Discarding,
): Promise<string> {
  try {
    await follow(store.remove(partial), leave, (progress) => {
      onProgress({...progress, totalEntries, doomed: {what: 'unfinished'}})
    })
    return ''
  } catch (error) {
    // The run failed before it made the partial, or after it renamed it.
    if (isNativeError(error) && error.code === 'ENOENT') return ''
    if (leave.aborted) return `; ${partial} is left for the next run to remove`
    return `; ${partial} could not be removed (${errorText(error)}), the next run will try again`
  }
}
