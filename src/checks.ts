// What must hold before a snapshot is made: pure judgements over a comparison.
import {CuraError} from './errors.js'
import {printable} from './escape.js'
import type {Comparison, Source, Space} from './native.js'
import {count, counted, size} from './units.js'

/**
 * A source that had entries and now has none is most likely a disk that is not mounted, and a
 * snapshot of nothing would push the good ones out in time. Throws a CuraError.
 */
export function refuseEmptied(
  comparison: Comparison,
  sources: readonly Source[],
  previous: string,
): void {
  const emptied = comparison.sources.find(({now, before}) => now === 0 && before > 0)
  if (emptied === undefined) return
  const path = sources.find(({name}) => name === emptied.name)?.path ?? emptied.name
  const cause = comparison.omitted > 0 ? 'does a pattern exclude too much, or is' : 'is'
  throw new CuraError(
    'failed',
    `the source ${printable(path)} is empty now, but had ${counted(emptied.before, 'entry', 'entries')}` +
      ` in ${previous}: ${cause} its disk not mounted? To back it up as it is, use --allow-empty`,
  )
}

/**
 * Why the copies will not fit into the store, or null when they will. Mounts of rclone say that no
 * inode is free: where that is so, making the first directory fails at once.
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
