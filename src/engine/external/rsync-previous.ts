// Chooses the one snapshot that a run with rsync compares with and links from.
import type {Base} from '../../store/bases.js'
import {soleBase} from '../engine.js'
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'
import type {FailedSource, NativeStore} from '../../native/native.js'

/**
 * The snapshot that everything is linked from. Throws a CuraError if the newest content of a source
 * to carry over is in another snapshot, because older content must never replace newer content.
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
        `because it links the other sources from ${String(previous)}; no snapshot was made. Leave ` +
        `out ${what}, or run without --external-rsync`,
    )
  }
  return previous
}
