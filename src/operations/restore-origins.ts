// Where the sources of a snapshot are on this machine, and whether a restore may go there.
import type {Query} from './query.js'
import type {Origin} from './restore-operands.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {native} from '../native/native.js'
import {Sieve} from '../store/filters.js'
import {isOfHost} from '../store/moves.js'
import {parseRemote} from '../store/remote.js'
import {holdingsOf, hostName, nameOf, placeOf, SeriesView, type Holding} from '../store/series.js'
import type {Snapshot} from '../store/store.js'

function refuse(message: string): never {
  throw new CuraError('refused', `${message}; nothing was restored`)
}

const elsewhere = 'restore it into a directory with --to DIR'

/** The names of the sources that the filters admit; null if the snapshot does not record them. */
export function sourceNames({choice}: Query, snapshot: Snapshot): string[] | null {
  const held = new Sieve(choice.snapshots, choice.filters).heldIn(snapshot)
  return held === null ? null : held.map(nameOf)
}

/** A remote source has a path on its own host, but not one in a module of a daemon. */
function isPlain({path, host}: Holding): boolean {
  if (host === undefined) return path.startsWith('/')
  const remote = parseRemote(path)
  return remote?.daemon === false && remote.path.startsWith('/')
}

/** Throws a CuraError 'refused' if the source is one of another host, unless the user named it. */
function refuseForeign({choice, snapshots}: Query, snapshot: Snapshot, held: Holding): void {
  if (choice.filters.host !== undefined) return
  if (isOfHost(new SeriesView(snapshots), held, choice.host)) return
  const [name, host] = [printable(held.name), printable(hostName(held))]
  refuse(
    `${name} in ${snapshot.name} came from ${host}, not from this machine: ${elsewhere}, or add ` +
      `--host ${host} to restore it here`,
  )
}

/** A disk that is not mounted would be restored into the directory below it. */
function refuseUnmounted({name, path, mounted}: Holding): void {
  if (mounted !== true || native().isMountPoint(path)) return
  const [shown, place] = [name, path].map(printable)
  refuse(
    `${place} was a mount point when ${shown} was backed up, and nothing is mounted there now: ` +
      `mount it, or ${elsewhere}`,
  )
}

/** Throws a CuraError 'refused' if it may not be restored to where it was. */
export function originOf(
  query: Query,
  snapshot: Snapshot,
  {name, isDirectory}: {readonly name: string; readonly isDirectory: boolean},
): Origin {
  const held = holdingsOf(snapshot)?.find((one) => nameOf(one) === name)
  if (held === undefined || typeof held === 'string' || !isPlain(held)) {
    const why = snapshot.damaged
      ? `the marker of ${snapshot.name}, which records where ${printable(name)} was, cannot be read`
      : `${snapshot.name} does not record where ${printable(name)} was`
    refuse(`${why}: ${elsewhere}`)
  }
  refuseForeign(query, snapshot, held)
  refuseUnmounted(held)
  return {path: placeOf(held), isDirectory}
}
