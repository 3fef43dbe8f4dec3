// The one snapshot that a run with rsync compares with and links from.
import type {Base} from '../../store/bases.js'
import {soleBase} from '../engine.js'
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'
import type {FailedSource, NativeStore} from '../../native/native.js'

/**
 * The snapshot that everything is linked from. Throws a CuraError where a source that is to be carried
 * over has its newest content in another one: an older content must never replace it.
 */
export function previousFor(
  store: NativeStore,
  bases: readonly Base[],
  failed: readonly FailedSource[],
): string | null {
  const previous = soleBase(bases)
  for (const {name, path} of failed) {
    const snapshot = bases.find((base) => base.name === name)?.snapshot ?? null
    if (snapshot === null || snapshot === previous) continue
    if (!store.list(snapshot).some((entry) => entry.name === name)) continue
    const what = printable(path)
    throw new CuraError(
      'failed',
      `the source ${what} cannot be read, and --external-rsync cannot keep it as in ${snapshot}, ` +
        `since the other sources are linked from ${String(previous)}; no snapshot was made. Leave ` +
        `out ${what}, or run without --external-rsync`,
    )
  }
  return previous
}
