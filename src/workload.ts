// Chooses who moves the data of a run: the addon, or programs that the user wants to do it.
import {nativeWorkload, type Workload} from './engine.js'
import {rsyncWorkload} from './external/rsync-engine.js'
import {hardlinkWorkload} from './external/hardlink.js'
import type {NativeStore, Source} from './native.js'
import type {Programs} from './external/programs.js'

/** Throws a CuraError for a source that cannot be backed up. */
export function workloadFor(
  store: NativeStore,
  sources: readonly Source[],
  programs: Programs,
): Workload {
  const {rsync, copy} = programs
  if (rsync !== null) return rsyncWorkload(store, sources, {rsync, copy})
  const native = nativeWorkload(store, sources)
  return copy === null ? native : hardlinkWorkload(store, copy, native)
}
