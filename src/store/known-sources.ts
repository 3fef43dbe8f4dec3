// Refuses a --source that no snapshot holds. Pure.
import {Sieve} from './filters.js'
import type {Choice} from './selectors.js'
import {holdingsOf, nameOf} from './series.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'

/** Throws a CuraError 'notFound'. A snapshot with unknown sources may hold any. */
export function refuseUnknownSource({
  snapshots,
  filters: {source},
}: Pick<Choice, 'filters' | 'snapshots'>): void {
  if (source === undefined || snapshots.length === 0) return
  const sieve = new Sieve(snapshots, {source})
  const isPossible = snapshots.some((snapshot) => sieve.heldIn(snapshot)?.length !== 0)
  if (isPossible) return
  const held = snapshots.flatMap((snapshot) => holdingsOf(snapshot) ?? [])
  const names = [...new Set(held.map(nameOf))].sort().map((name) => printable(name))
  throw new CuraError(
    'notFound',
    `no snapshot has a source ${printable(source)}; there are: ${names.join(', ')}`,
  )
}
