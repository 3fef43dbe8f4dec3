// Chooses what moves the data of a run: the addon, or external programs. The code for external
// programs is loaded only when it is needed.
import {prepareNative, type NativeMeans, type PreparedSources} from './engine.js'
import type {External, Programs} from './external/programs.js'
import type {NativeStore, Source} from '../native/native.js'

/** Throws a CuraError if a required program is missing or too old. */
export async function programsFor(external: External): Promise<Programs> {
  if (!external.rsync && !external.hardlink) return {rsync: null, copy: null}
  const {findPrograms} = await import('./external/programs.js')
  return findPrograms(external)
}

/** Throws a CuraError for a source that cannot be backed up. */
export async function prepareSources(
  store: NativeStore,
  sources: readonly Source[],
  {rsync, copy}: Programs,
  means: NativeMeans,
): Promise<PreparedSources> {
  if (rsync !== null) {
    const {prepareRsync} = await import('./external/rsync-engine.js')
    return prepareRsync(store, sources, {rsync, copy})
  }
  const native = prepareNative(store, sources, means)
  if (copy === null) return native
  const {prepareHardlinks} = await import('./external/hardlink.js')
  return prepareHardlinks(store, copy, native)
}
