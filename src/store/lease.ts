// Leases: a reader that takes long keeps its snapshot from being removed meanwhile.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {isNativeError} from '../native/failure.js'
import type {NativeStore} from '../native/native.js'

/** Names of snapshots that no rule keeps, but that a reader has a lease on. */
export const leasedAmong = (store: NativeStore, names: readonly string[]): string[] =>
  names.filter((name) => store.isLeased(name))

/**
 * Keeps the snapshot from being removed while `work` runs; the lease ends with the process at the
 * latest. Throws a CuraError where the snapshot is gone.
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
