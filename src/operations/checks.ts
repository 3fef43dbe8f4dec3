// Checks a comparison before a snapshot is made. Pure.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import type {Comparison, Source, Space} from '../native/native.js'
import {count, counted, size} from '../base/units.js'

/** Sources that are empty now but had entries in the previous snapshot. */
export function emptiedSources(
  comparison: Comparison,
  sources: readonly Source[],
): readonly Source[] {
  const names = new Set(
    comparison.sources.filter(({now, before}) => now === 0 && before > 0).map(({name}) => name),
  )
  return sources.filter(({name}) => names.has(name))
}

/** Such as 'the source /mnt/usb is empty now, but had 7 entries'. */
export function emptiedText(
  comparison: Comparison,
  sources: readonly Source[],
  name: string,
): string {
  const path = sources.find((source) => source.name === name)?.path ?? name
  const before = comparison.sources.find((source) => source.name === name)?.before ?? 0
  return `the source ${printable(path)} is empty now, but had ${counted(before, 'entry', 'entries')}`
}

/**
 * An emptied source is most likely a disk that is not mounted, and empty snapshots would in time
 * replace the good ones. Throws a CuraError.
 */
export function refuseEmptied(
  comparison: Comparison,
  sources: readonly Source[],
  previous: string,
): void {
  const [emptied] = emptiedSources(comparison, sources)
  if (emptied === undefined) return
  const cause = comparison.omitted > 0 ? 'does a pattern exclude too much, or is' : 'is'
  throw new CuraError(
    'failed',
    `${emptiedText(comparison, sources, emptied.name)} in ${previous}: ${cause} its disk not ` +
      'mounted? To back it up as it is, use --allow-empty',
  )
}

/** Errors that mean that the top directory of a source, its server or its disk is gone. */
const goneCodes: ReadonlySet<string> = new Set([
  'ECONNABORTED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EIO',
  'ENODEV',
  'ENOENT',
  'ENOTCONN',
  'ENOTDIR',
  'ENXIO',
  'ESTALE',
  'ETIMEDOUT',
])
/**
 * Sources whose top can no longer be read, so the scan proves nothing. A failure below the top
 * concerns that entry only: a dead mount inside a home does not break the home.
 */
export function unreadableSources(
  {failures}: Comparison,
  sources: readonly Source[],
): ReadonlyArray<{readonly name: string; readonly path: string; readonly code: string}> {
  return sources.flatMap(({name, path: operand}) => {
    const top = Buffer.from(name)
    const failure = failures.list.find(({path, code}) => path.equals(top) && goneCodes.has(code))
    return failure === undefined ? [] : [{name, path: operand, code: failure.code}]
  })
}

/**
 * Why the copies will not fit into the store, or null if they will. rclone mounts always report 0
 * free inodes; if that is true, making the first directory fails at once.
 */
export function shortageOf({need}: Comparison, space: Space): string | null {
  if (need.allocatedBytes > space.freeBytes) {
    return `${size(need.allocatedBytes)} are needed, but only ${size(space.freeBytes)} are free`
  }
  if (space.totalInodes > 0 && space.freeInodes > 0 && need.inodes > space.freeInodes) {
    return `${count(need.inodes)} inodes are needed, but only ${count(space.freeInodes)} are free`
  }
  return null
}
