// The path that follows a snapshot: a path in the snapshot, or a path of this machine below a source.
// Pure.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {isOfHost} from './moves.js'
import {nameOf, placeOf, type Holding, type Host, type SeriesView} from './series.js'

export interface SnapshotPath {
  readonly parts: readonly string[]
  /** It begins with a slash: a path of this machine, which may no longer exist. */
  readonly isLive: boolean
}

/** Where a path lies in a source that a snapshot holds. */
export interface Place {
  readonly held: Holding | string
  /** The path in the snapshot, beginning with the source's name. */
  readonly inner: string
  /** The number of parts in the source's own path; 0 for a path in the snapshot. */
  readonly length: number
}

const partsOf = (path: string): string[] =>
  path.split('/').filter((part) => part !== '' && part !== '.')

/** How to search for a path that is unknown here. */
export function searchHint(path: Buffer | string): string {
  const name = partsOf(String(path)).at(-1) ?? ''
  // A question mark matches any character, also those that patterns and shells treat specially.
  return `to search for it: find '*${printable(name.replace(/[*?[\]\\'\ufffd]/g, '?'))}*'`
}

/** Null for the whole snapshot. Throws a usage error. */
export function pathIn(text: string): SnapshotPath | null {
  const parts = partsOf(text)
  if (parts.includes('..') || text.includes('\ufffd')) {
    const why = parts.includes('..') ? 'must not contain ".."' : 'is not valid UTF-8'
    throw new CuraError('usage', `the path "${printable(text)}" ${why}`)
  }
  const isLive = text.startsWith('/')
  return parts.length === 0 && !isLive ? null : {parts, isLive}
}

/**
 * Returns none or one. Only live paths of `host` count; null if the snapshots were already chosen by
 * their host.
 */
export function pathInside(
  {parts, isLive}: SnapshotPath,
  held: Holding | string,
  {view, host}: {readonly view: SeriesView; readonly host: Host | null},
): Place[] {
  if (!isLive) {
    return nameOf(held) === parts[0] ? [{held, inner: parts.join('/'), length: 0}] : []
  }
  if (typeof held === 'string' || (host !== null && !isOfHost(view, held, host))) return []
  const place = partsOf(placeOf(held))
  if (!place.every((part, at) => parts[at] === part)) return []
  const inner = [held.name, ...parts.slice(place.length)].join('/')
  return [{held, inner, length: place.length}]
}
