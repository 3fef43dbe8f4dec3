// Finds cloned machines, which share an id. Pure.
import {holdingsOf, type Member} from './holdings.js'

/** Whether the system chose the id, not the user: from machine-id(5), from a Mac, or empty. */
export const isGiven = (id: string): boolean => /^(|[\da-f]{32})$/i.test(id)

/**
 * The ids of cloned machines with their host names. Names that alternate under one id belong to
 * clones, since a renamed machine never returns to its old name. Markers repeat the names, because
 * older snapshots may be removed. `members` is sorted newest first.
 */
export function clones(members: readonly Member[]): Map<string, Set<string>> {
  const last = new Map<string, string>()
  const seen = new Map<string, Set<string>>()
  const found = new Map<string, Set<string>>()
  const local = members.flatMap((member) =>
    (holdingsOf(member) ?? []).filter((held) => typeof held !== 'string'),
  )
  for (const {hostId, host, machine, clones: known = []} of local.reverse()) {
    if (hostId === null || host !== undefined || !isGiven(hostId)) continue
    if (known.length > 0) {
      const names = seen.get(hostId) ?? new Set()
      seen.set(hostId, names)
      found.set(hostId, names)
      for (const name of known) names.add(name)
    }
    if (last.get(hostId) === machine) continue
    last.set(hostId, machine)
    const names = seen.get(hostId) ?? new Set()
    if (names.has(machine)) found.set(hostId, names)
    seen.set(hostId, names.add(machine))
  }
  return found
}

/**
 * The snapshots that prove the clones of that id: the newest one that names them, or without one,
 * the newest ones until a name returns. `members` is sorted newest first.
 */
export function evidenceOf<M extends Member>(members: readonly M[], id: string): M[] {
  const local = members.flatMap((member) => {
    const {marker} = member
    const isOf = marker?.host_id === id && marker.sources.some(({host}) => host === undefined)
    return isOf ? [{member, host: marker.host, tells: marker.clones !== undefined}] : []
  })
  const told = local.find(({tells}) => tells)
  if (told !== undefined) return [told.member]
  const turns = local.filter(({host}, at) => host !== local[at - 1]?.host)
  const end = turns.findIndex(({host}, at) => turns.slice(0, at).some((one) => one.host === host))
  return turns.slice(0, end + 1).map(({member}) => member)
}
