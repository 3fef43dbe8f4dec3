// Chooses who moves the data of a run: the addon, or programs that the user wants to do it. What
// knows of those programs is loaded only for them.
import {nativeWorkload, type Workload} from './engine.js'
import type {External, Programs} from './external/programs.js'
import type {NativeStore, Source} from './native.js'

/** Throws a CuraError where a program that is wanted is missing or too old. */
export async function programsFor(external: External): Promise<Programs> {
  if (!external.rsync && !external.hardlink) return {rsync: null, copy: null}
  const {findPrograms} = await import('./external/programs.js')
  return findPrograms(external)
}

/** Throws a CuraError for a source that cannot be backed up. */
export async function workloadFor(
  store: NativeStore,
  sources: readonly Source[],
  {rsync, copy}: Programs,
  digests: boolean,
): Promise<Workload> {
  if (rsync !== null) {
    const {rsyncWorkload} = await import('./external/rsync-engine.js')
    return rsyncWorkload(store, sources, {rsync, copy})
  }
  const native = nativeWorkload(store, sources, digests)
  if (copy === null) return native
  const {hardlinkWorkload} = await import('./external/hardlink.js')
  return hardlinkWorkload(store, copy, native)
}
