// Chooses the snapshots that a run compares with and links against, and the series it continues.
import {counts} from '../retention/retention.js'
import {withoutGuards} from '../retention/guards.js'
import {holdingsOf, nameOf, SeriesView, type Holding} from './series.js'
import {
  heldAs,
  holds,
  isForeign,
  joining,
  joinNotice,
  movedFrom,
  namedSince,
  refusal,
} from './moves.js'
import {separation, seriesOf, withJoined, type Stored} from './moves.js'
import {earlierThan} from '../retention/turns.js'

const olderLimit = 100

/** The snapshot that one source is compared with and linked against. */
export interface Base {
  /** The name of the source. */
  readonly name: string
  /**
   * The newest snapshot of the source's series; without one, the newest with a source of that name;
   * without one, the newest of the same host, which has the files of a renamed source.
   */
  readonly snapshot: string | null
  /** It is of the source's series. Only then may it be trusted, or replace a missing source. */
  readonly own: boolean
  /** The start of the run that made it. */
  readonly instant: Date | null
  /** Another host made it: only contents are trusted, not inode numbers or times. */
  readonly foreign: boolean
  /** Older snapshots of this series that hold the source, the newest first. */
  readonly older: readonly string[]
  /** The part of `older` that may hold files which `snapshot` excludes or could not read. */
  readonly lookBack: readonly string[]
}

/** The series that the sources of a run continue, and their bases. */
export interface Lineage {
  readonly view: SeriesView
  /** In the order of the sources; each with the keys that its marker must name. */
  readonly holdings: readonly Holding[]
  readonly bases: readonly Base[]
  /**
   * Names of the sources that begin or join a series, or that belong to a newly found clone: they
   * need a snapshot even if nothing differs.
   */
  readonly fresh: readonly string[]
  /** A base holds more sources than this run backs up. */
  readonly narrows: boolean
  /** A fingerprint of the run's exclusions; '' for none. */
  readonly selection: string
  /** Fingerprints used before in these series; see turns.ts. */
  readonly earlier: readonly string[]
  /** Sentences for the user. */
  readonly notices: readonly string[]
}

/** Whether the snapshot holds everything that was in its sources. */
const isWhole = ({marker}: Stored): boolean =>
  marker !== null && marker.counts.excluded === 0 && marker.errors.count === 0

/**
 * Stops at the first whole snapshot, because files missing there did not exist at that time. The
 * newest snapshot with the same exclusions comes first, however many others came in between.
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

/** `usable` is sorted newest first. */
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

/** 'a, b and c' */
const listed = (names: readonly string[]): string =>
  [names.slice(0, -1).join(', '), ...names.slice(-1)].join(' and ')

/** Notices about machines that share an id; `isWanted` picks the ids. */
export const cloneNotices = (view: SeriesView, isWanted: (id: string) => boolean): string[] =>
  [...view.clones] // at least two names each
    .filter(([id]) => isWanted(id))
    .map(
      ([id, names]) =>
        `${listed([...names].sort())} share the machine id ${id || '(none)'} and are told apart by ` +
        'their host names. Give each machine its own id, or use --host.',
    )

/** Only in the run that discovers the clone; later, status reports it. */
function newClones(view: SeriesView, snapshots: readonly Stored[], sources: readonly Holding[]) {
  if (view.clones.size === 0) return []
  const known = new SeriesView(snapshots).clones
  const isNew = (id: string): boolean => known.get(id)?.size !== view.clones.get(id)?.size
  return cloneNotices(view, (id) => isNew(id) && sources.some(({hostId}) => hostId === id))
}

/** A source given as a symlink counts as its target if the store knows only the target. */
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

/** A clone that no marker names yet. Without a snapshot that names it, prune would forget it. */
const isNewClone = (view: SeriesView, usable: readonly Stored[], {hostId, host}: Holding) =>
  hostId !== null &&
  host === undefined &&
  view.clones.has(hostId) &&
  !usable.some(({marker}) => marker?.host_id === hostId && marker.clones !== undefined)

/** `stored` is sorted newest first. */
export function lineageOf(
  stored: readonly Stored[],
  sources: readonly Holding[],
  {moved, selection}: {readonly moved: boolean; readonly selection: string},
): Lineage {
  const snapshots = withoutGuards(stored)
  const usable = snapshots.filter(counts)
  const plan = (holdings: readonly Holding[]): SeriesView =>
    new SeriesView([{marker: null, sources: null, holdings}, ...snapshots])
  const typed = plan(sources)
  const paths = sources.map((held) => settled(typed, usable, held))
  const apart = plan(paths)
  const joins = paths.map((held) => [
    ...namedSince(apart, usable, held),
    ...(moved ? movedFrom(apart, usable, held) : []),
  ])
  const view = plan(paths.map((held, at) => joining(held, joins[at] ?? [])))
  // Each marker names all keys of its series, because older snapshots that name them may be removed.
  const holdings = paths.map((held) => withJoined(held, view.otherKeys(held)))
  const fresh = holdings.filter(
    (held) => !usable.some((member) => holds(view, member, seriesOf(view, held))),
  )
  const unjoined = joins.flat().length === 0 ? holdings : []
  const isMade = (held: Holding, at: number): boolean =>
    fresh.includes(held) || joins[at]?.length !== 0 || isNewClone(view, usable, held)
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
    fresh: holdings.filter(isMade).map(({name}) => name),
    notices: [
      ...fresh.flatMap((held) => separation(view, usable, held)),
      ...holdings.flatMap((held, at) => (joins[at] ?? []).map((end) => joinNotice(held, end))),
      ...(moved ? unjoined : []).flatMap((held) => refusal(view, usable, held)),
      ...newClones(view, snapshots, holdings),
    ],
  }
}
