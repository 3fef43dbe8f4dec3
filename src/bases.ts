// What the sources of a run are compared with and linked against, and which series they continue.
import {counts, type Candidate} from './retention.js'
import {holdingsOf, hostName, nameOf, placeOf} from './series.js'
import {SeriesView, type Holding, type Member, type SeriesKey} from './series.js'
import {earlierThan} from './turns.js'

const olderLimit = 100

/** The snapshot that one source is compared with and linked against. */
export interface Base {
  /** Of the source. */
  readonly name: string
  /**
   * The newest snapshot of the source's series that holds it; else the newest that holds a source of
   * that name; else the newest of the same host, which has the files of a source that was renamed.
   */
  readonly snapshot: string | null
  /** It is of the source's series: only such a one may be believed, or stand in for the source. */
  readonly own: boolean
  /** When the run that made it began. */
  readonly instant: Date | null
  /** Another host made it: only contents are trusted, no inode numbers or times. */
  readonly foreign: boolean
  /** Older snapshots of this series that hold the source, the newest first. */
  readonly older: readonly string[]
  /** Those of `older` that may hold files which `snapshot` left out or could not read. */
  readonly lookBack: readonly string[]
}

/** A snapshot that may be linked against. */
export type Stored = Member & Candidate

/** Which series the sources of a run continue, and from where. */
export interface Lineage {
  readonly view: SeriesView
  /** In the order of the sources; each with the keys that its marker has to name. */
  readonly holdings: readonly Holding[]
  readonly bases: readonly Base[]
  /** Names of the sources that begin a series: a snapshot is made even where nothing differs. */
  readonly fresh: readonly string[]
  /** A base also holds sources that this run does not back up. */
  readonly narrows: boolean
  /** A fingerprint of what the run leaves out; '' for nothing. */
  readonly selection: string
  /** Others that were used before in these series; see turns.ts. */
  readonly earlier: readonly string[]
  /** Sentences about it for the user. */
  readonly notices: readonly string[]
}

const holds = (view: SeriesView, member: Member, key: SeriesKey): boolean =>
  view.of(member)?.has(key) ?? true

const seriesOf = (view: SeriesView, held: Holding): SeriesKey => view.keysOf(held)[0] ?? ''

/** What a snapshot holds under a name; undefined where it holds none of it. */
const heldAs = (member: Member, name: string): Holding | string | undefined =>
  holdingsOf(member)?.find((item) => nameOf(item) === name)

function isForeign(view: SeriesView, held: Holding, other: Holding | string | undefined): boolean {
  if (other === undefined || typeof other === 'string') return false
  const ids = [view.hostOf(held), view.hostOf(other)]
  return ids.includes(null) ? hostName(held) !== hostName(other) : ids[0] !== ids[1]
}

/** Whether it holds everything that was in its sources. */
const isWhole = ({marker}: Stored): boolean =>
  marker !== null && marker.counts.excluded === 0 && marker.errors.count === 0

/**
 * What a whole snapshot lacks was not there when it was made: older ones say nothing more. The newest
 * that left out the same comes first, however many without its files came in between.
 */
function lookBackFrom(own: Stored, older: readonly Stored[], selection: string): string[] {
  if (isWhole(own)) return []
  const end = older.findIndex(isWhole)
  const useful = end === -1 ? older : older.slice(0, end + 1)
  const like =
    own.selection === selection ? undefined : useful.find((one) => one.selection === selection)
  const names = [...(like === undefined ? [] : [like]), ...useful].map(({name}) => name)
  return [...new Set(names)].slice(0, olderLimit)
}

/** `usable` are the newest first. */
function baseOf(
  view: SeriesView,
  usable: readonly Stored[],
  held: Holding,
  selection: string,
): Base {
  const {name} = held
  const key = seriesOf(view, held)
  const [own, ...older] = usable.filter((member) => holds(view, member, key))
  const [other] = usable.filter((member) => heldAs(member, name) !== undefined)
  const [neighbour] = usable.filter((member) =>
    holdingsOf(member)?.some((item) => !isForeign(view, held, item)),
  )
  const chosen = own ?? other ?? neighbour
  return {
    name,
    snapshot: chosen?.name ?? null,
    own: own !== undefined,
    instant: chosen?.instant ?? null,
    foreign: own === undefined && other !== undefined && isForeign(view, held, heldAs(other, name)),
    older: older.slice(0, olderLimit).map((member) => member.name),
    lookBack: own === undefined ? [] : lookBackFrom(own, older, selection),
  }
}

interface End {
  readonly key: SeriesKey
  readonly held: Holding
  readonly instant: Date
}

/** The newest snapshot of each other series with that name; the most recent comes first. */
function othersOf(view: SeriesView, usable: readonly Stored[], held: Holding): End[] {
  const own = seriesOf(view, held)
  const found = new Map<SeriesKey, End>()
  for (const member of usable) {
    const item = heldAs(member, held.name)
    if (item === undefined || typeof item === 'string') continue
    for (const key of view.keysOf(item)) {
      if (key === own || found.has(key)) continue
      found.set(key, {key: view.ownKey(item), held: item, instant: member.instant})
    }
  }
  return [...found.values()]
}

/**
 * The series that a moved source continues: the most recent one with its name, if it ended before
 * this one began. A series that is still in use belongs to another source.
 */
function movedFrom(view: SeriesView, usable: readonly Stored[], held: Holding): SeriesKey[] {
  const own = seriesOf(view, held)
  // A snapshot of the Python tool belongs to every series, so it does not show when this one began.
  const begin = usable
    .filter((member) => typeof heldAs(member, held.name) === 'object' && holds(view, member, own))
    .at(-1)?.instant
  const [last] = othersOf(view, usable, held)
  return last !== undefined && (begin === undefined || last.instant < begin) ? [last.key] : []
}

const where = (held: Holding, other: Holding): string =>
  placeOf(held) === placeOf(other) || hostName(held) !== hostName(other)
    ? `${placeOf(held)} on ${hostName(held)}`
    : placeOf(held)

function separation(view: SeriesView, usable: readonly Stored[], held: Holding): string[] {
  const [other] = othersOf(view, usable, held)
  if (other === undefined) return []
  const places = `${where(other.held, held)} and ${where(held, other.held)}`
  return [
    `${held.name}: ${places} have separate histories. If it is the same data, moved, ` +
      'add --moved; otherwise there is nothing to do.',
  ]
}

/** The notice for --moved that joined nothing. */
function refusal(view: SeriesView, usable: readonly Stored[], held: Holding): string[] {
  const [other] = othersOf(view, usable, held)
  if (other === undefined) return []
  return [
    `${held.name}: ${where(other.held, held)} was still backed up after ${where(held, other.held)} ` +
      'was, so --moved does not join their histories.',
  ]
}

/** 'a, b and c' */
const listed = (names: readonly string[]): string =>
  [names.slice(0, -1).join(', '), ...names.slice(-1)].join(' and ')

/** On machines that share an id; `isWanted` picks the ids. */
export const cloneNotices = (view: SeriesView, isWanted: (id: string) => boolean): string[] =>
  [...view.clones] // at least two names each
    .filter(([id]) => isWanted(id))
    .map(
      ([id, names]) =>
        `${listed([...names].sort())} share the machine id ${id || '(none)'} and are told apart by ` +
        'their host names. Give each machine its own id, or use --host.',
    )

/** Only in the run that shows it first; later, status says it. */
function newClones(view: SeriesView, snapshots: readonly Stored[], sources: readonly Holding[]) {
  if (view.clones.size === 0) return []
  const known = new SeriesView(snapshots).clones
  const isNew = (id: string): boolean => known.get(id)?.size !== view.clones.get(id)?.size
  return cloneNotices(view, (id) => isNew(id) && sources.some(({hostId}) => hostId === id))
}

/** A source given as a symlink counts as its target if the store only knows the target. */
function settled(view: SeriesView, usable: readonly Stored[], held: Holding): Holding {
  const {realPath = held.path} = held
  const real = {...held, path: realPath}
  const isKnown = (item: Holding): boolean =>
    usable.some((member) => {
      const as = heldAs(member, item.name)
      return typeof as === 'object' && view.keysOf(as).includes(seriesOf(view, item))
    })
  return realPath !== held.path && !isKnown(held) && isKnown(real) ? real : held
}

const withJoined = (held: Holding, keys: readonly SeriesKey[]): Holding =>
  keys.length === 0 ? held : {...held, joined: keys.map((key) => JSON.parse(key) as string[])}

/** `snapshots` are the newest first. */
export function lineageOf(
  snapshots: readonly Stored[],
  sources: readonly Holding[],
  {moved, selection}: {readonly moved: boolean; readonly selection: string},
): Lineage {
  const usable = snapshots.filter(counts)
  const plan = (holdings: readonly Holding[]): SeriesView =>
    new SeriesView([{marker: null, sources: null, holdings}, ...snapshots])
  const typed = plan(sources)
  const paths = sources.map((held) => settled(typed, usable, held))
  const apart = plan(paths)
  const view = plan(
    paths.map((held) => withJoined(held, moved ? movedFrom(apart, usable, held) : [])),
  )
  // Each marker names all keys of its series: older snapshots that name them may be removed.
  const holdings = paths.map((held) => withJoined(held, view.otherKeys(held)))
  const fresh = holdings.filter(
    (held) => !usable.some((member) => holds(view, member, seriesOf(view, held))),
  )
  const bases = holdings.map((held) => baseOf(view, usable, held, selection))
  const keys = holdings.map((held) => seriesOf(view, held))
  const past = usable.filter((member) => keys.some((key) => holds(view, member, key)))
  const names = new Set(holdings.map(({name}) => name))
  const based = new Set(bases.map(({snapshot}) => snapshot))
  return {
    view,
    holdings,
    bases,
    narrows: usable
      .filter(({name}) => based.has(name))
      .some((member) => holdingsOf(member)?.some((item) => !names.has(nameOf(item)))),
    selection,
    earlier: earlierThan(selection, past),
    fresh: fresh.map(({name}) => name),
    notices: [
      ...fresh.flatMap((held) => separation(view, usable, held)),
      ...(moved ? holdings.flatMap((held) => refusal(view, usable, held)) : []),
      ...newClones(view, snapshots, holdings),
    ],
  }
}
