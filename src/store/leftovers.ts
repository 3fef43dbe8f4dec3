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
      await follow(store.remove(name), signal, onProgress)
    } catch (error) {
      signal.throwIfAborted()
      warnings.push(`the leftover ${name} could not be removed: ${errorText(error)}`)
    }
  }
  return warnings
}

/**
 * Removes the partial of a run that failed, even after an interrupt. Returns a remark for the error's
 * message instead of throwing, because the first error must stay the reported one.
 */
export async function discard(
  store: NativeStore,
  partial: string,
  {onProgress}: Pick<Following, 'onProgress'>,
): Promise<string> {
  try {
    await follow(store.remove(partial), never, onProgress)
    return ''
  } catch (error) {
    // The run failed before it made the partial, or after it renamed it.
    if (isNativeError(error) && error.code === 'ENOENT') return ''
    return `; ${partial} could not be removed (${errorText(error)}), the next run will try again`
  }
}
