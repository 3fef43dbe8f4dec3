// Leases: a long reader protects its snapshot from removal.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {isNativeError} from '../native/failure.js'
import type {NativeStore} from '../native/native.js'

/** The names among these on which a reader has a lease. */
export const leasedAmong = (store: NativeStore, names: readonly string[]): string[] =>
  names.filter((name) => store.isLeased(name))

/**
 * Protects the snapshot from removal while `work` runs, at most until the process ends. Throws a
 * CuraError if the snapshot is gone.
 */
export async function withLease<T>(
  store: NativeStore,
  snapshot: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    store.lease(snapshot)
  } catch (error) {
    if (!isNativeError(error) || error.code !== 'ENOENT') throw error
    throw new CuraError(
      'notFound',
      `the snapshot ${printable(snapshot)} was removed by another run`,
    )
  }
  try {
    return await work()
  } finally {
    store.release(snapshot)
  }
}
