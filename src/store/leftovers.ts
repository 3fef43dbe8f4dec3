// Removes work in progress: what a killed run left behind, and what this run cannot finish.
import {errorText, isNativeError} from '../native/failure.js'
import {follow, type Following} from '../native/job.js'
import type {NativeStore} from '../native/native.js'

const never = new AbortController().signal

/**
 * Finishes what a killed run left. That something cannot be removed is no reason not to back up,
 * so it comes back as sentences; only an abort is thrown.
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
 * Removes the partial of a run that failed; not even an interrupt stops that. Comes back with
 * what to add to the error's message: the first error must stay the one that is told.
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
    // The failure came before the partial was made, or after it had been renamed.
    if (isNativeError(error) && error.code === 'ENOENT') return ''
    return `; ${partial} could not be removed (${errorText(error)}), the next run will try again`
  }
}
