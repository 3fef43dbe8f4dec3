// Decides which other series a source continues after it was moved or given a name. Pure.
import {CuraError} from '../base/errors.js'
import type {Candidate} from '../retention/retention.js'
import {holdingsOf, hostName, nameOf, placeOf} from './series.js'
import type {Holding, Host, Member, SeriesKey, SeriesView} from './series.js'

/** A snapshot that may be linked against. */
export type Stored = Member & Candidate

export const holds = (view: SeriesView, member: Member, key: SeriesKey): boolean =>
  view.of(member)?.has(key) ?? true

export const seriesOf = (view: SeriesView, held: Holding): SeriesKey => view.keysOf(held)[0] ?? ''

/** The source of that name in a snapshot; undefined if there is none. */
export const heldAs = (member: Member, name: string): Holding | string | undefined =>
  holdingsOf(member)?.find((item) => nameOf(item) === name)

export function isForeign(
  view: SeriesView,
  held: Holding,
  other: Holding | string | undefined,
): boolean {
  if (other === undefined || typeof other === 'string') return false
  const ids = [view.hostOf(held), view.hostOf(other)]
  return ids.includes(null) ? hostName(held) !== hostName(other) : ids[0] !== ids[1]
}

/** Whether the source is a local one of that host. */
export const isOfHost = (view: SeriesView, held: Holding, {name, id}: Host): boolean =>
  held.host === undefined &&
  !isForeign(view, {name: '', path: '/', machine: name, hostId: id}, held)

interface End {
  readonly key: SeriesKey
  readonly held: Holding
  readonly instant: Date
}

/** The newest snapshot of each other series of that name, most recent first. */
function othersOf(view: SeriesView, usable: readonly Stored[], held: Holding): End[] {
  const own = seriesOf(view, held)
  const found = new Map<SeriesKey, End>()
  for (const member of usable) {
    const item = heldAs(member, held.name)
    if (item === undefined || typeof item === 'string') continue
    for (const key of view.keysOf(item)) {
      if (key === own || found.has(key)) continue
      found.set(key, {key: view.plainKey(item), held: item, instant: member.instant})
    }
  }
  return [...found.values()]
}

const isSameHost = (view: SeriesView, held: Holding, {held: other}: End): boolean =>
  !isForeign(view, held, other)

const isSamePlace = (held: Holding, {held: other}: End): boolean => placeOf(held) === placeOf(other)

/** Whether a snapshot certainly holds it; those of the Python tool belong to every series. */
const isIn = (view: SeriesView, member: Member, held: Holding): boolean =>
  typeof heldAs(member, held.name) === 'object' && holds(view, member, seriesOf(view, held))

/**
 * The series that a moved source continues. It must have ended before this one began, because a
 * series still in use belongs to another source. A series of the same machine wins, or of the same
 * path on another machine. Throws a usage error if several are left.
 */
export function movedFrom(view: SeriesView, usable: readonly Stored[], held: Holding): End[] {
  const own = usable.filter((member) => isIn(view, member, held))
  // It was moved in an earlier run; series that began since then do not matter.
  const hasJoined = own.some((member) => {
    const item = heldAs(member, held.name)
    return typeof item === 'object' && item.joined !== undefined
  })
  if (hasJoined && own.some((member) => isItself(view, heldAs(member, held.name), held))) return []
  const begin = own.at(-1)?.instant
  const ended = othersOf(view, usable, held).filter(
    ({instant}) => begin === undefined || instant < begin,
  )
  const near = ended.filter(
    (end) => isSameHost(view, held, end) || (begin === undefined && isSamePlace(held, end)),
  )
  const left = near.length > 0 || begin !== undefined ? near : ended
  if (left.length < 2) return left
  const places = left.map((end) => `${placeOf(end.held)} on ${hostName(end.held)}`)
  throw new CuraError(
    'usage',
    `--moved: ${held.name} could continue several histories: ${places.join('; ')}. Run ` +
      'without --moved to begin a new one; no snapshot was made',
  )
}

/** Whether it has the source's own key, not a joined one. */
const isItself = (view: SeriesView, item: Holding | string | undefined, held: Holding): boolean =>
  typeof item === 'object' && view.ownKey(item) === view.ownKey(held)

/** A source continues its series when the user writes it as NAME=PATH for the first time. */
export function namedSince(view: SeriesView, usable: readonly Stored[], held: Holding): End[] {
  if (held.named !== true || usable.some((member) => isIn(view, member, held))) return []
  return othersOf(view, usable, held).filter(
    (end) => end.held.named !== true && isSameHost(view, held, end) && isSamePlace(held, end),
  )
}

const where = (held: Holding, other: Holding): string =>
  placeOf(held) === placeOf(other) || hostName(held) !== hostName(other)
    ? `${placeOf(held)} on ${hostName(held)}`
    : placeOf(held)

export function separation(view: SeriesView, usable: readonly Stored[], held: Holding): string[] {
  const [other] = othersOf(view, usable, held)
  if (other === undefined) return []
  const places = `${where(other.held, held)} and ${where(held, other.held)}`
  return [
    `${held.name}: ${places} have separate histories. If it is the same data, moved, ` +
      'add --moved; otherwise there is nothing to do.',
  ]
}

/** Tells the user which series was joined. */
export const joinNotice = (held: Holding, {held: other}: End): string =>
  `${held.name} continues the history of ${placeOf(other)} on ${hostName(other)}.`

/** The notice for a --moved that joined nothing. */
export function refusal(view: SeriesView, usable: readonly Stored[], held: Holding): string[] {
  const [other] = othersOf(view, usable, held)
  if (other === undefined) return []
  return [
    `${held.name}: ${where(other.held, held)} was still backed up after ${where(held, other.held)} ` +
      'was, so --moved does not join their histories.',
  ]
}

export function withJoined(
  held: Holding,
  keys: ReadonlyArray<readonly [SeriesKey, number]>,
): Holding {
  if (keys.length === 0) return held
  const joined = keys.map(([key]) => JSON.parse(key) as string[])
  return {...held, joined, joined_until: keys.map(([, end_ms]) => new Date(end_ms).toISOString())}
}

export const joining = (held: Holding, ends: readonly End[]): Holding =>
  withJoined(
    held,
    ends.map(({key, instant}) => [key, instant.getTime()]),
  )
