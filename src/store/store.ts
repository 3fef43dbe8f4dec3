// Opens a store and lists what is in it: snapshots and leftovers of killed runs.
import {evidenceOf} from './clones.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {isNativeError, nativeErrorText} from '../native/failure.js'
import {markerLimit_bytes, parseMarker, type Marker} from './marker.js'
import {native, type NativeStore, type StoredDirectory} from '../native/native.js'
import {guardTag, isGuard} from '../retention/guards.js'
import {counts, newestFirst} from '../retention/retention.js'
import {holdingsOf, type Holding, type SeriesKey, type SeriesView} from './series.js'
import {parseRemote} from './remote.js'
import {isWorkName, parseSnapshotName, type SnapshotName} from './snapshot-name.js'
import {parseTags} from './tags.js'

export interface Snapshot {
  readonly name: string
  readonly form: 'new' | 'old'
  /** The marker's start; without a marker, the name read as local time. */
  readonly instant: Date
  readonly finished: boolean
  /** Null for an unfinished, old or damaged snapshot. */
  readonly marker: Marker | null
  /** It has a marker that cannot be used. */
  readonly damaged: boolean
  /** Dated after now: never linked against, never counted, never removed. */
  readonly future: boolean
  /** Never removed, because it contains a `.backup_pinned`. */
  readonly pinned: boolean
  /** Of its `.backup_tags`, or of its marker. */
  readonly tags: readonly string[]
  /** Its `.backup_tags` cannot be used, so `tags` may be old. */
  readonly tagsUnreadable?: true
  /** Names of the sources; null if they are unknown. */
  readonly sources: readonly string[] | null
  /** Only for a planned snapshot; for others, the marker has them. */
  readonly holdings?: readonly Holding[]
  /** The keys of its series, and their names for people; see withSeries(). */
  readonly keys?: readonly SeriesKey[] | null
  readonly series?: readonly string[] | null
  /** How surely it holds each of them; see rankOf(). */
  readonly ranks?: readonly number[]
  /** Kept, because without it cloned machines could no longer be distinguished. */
  readonly evidence?: boolean
  /** A fingerprint of the exclusions of its run; null if it is unknown. */
  readonly selection?: string | null
  readonly earlier?: readonly string[]
}

export interface Inventory {
  /** The newest first. */
  readonly snapshots: readonly Snapshot[]
  /** Hidden directories of killed runs. */
  readonly leftovers: readonly string[]
}

function missingText(dir: string): string {
  const start = `there is no directory ${dir}`
  if (parseRemote(dir) === null)
    return `${start}: make it with mkdir, or mount the disk that holds it`
  return (
    `${start}, and a store is a directory of this machine: mount the disk of the other one here ` +
    '(by NFS), or run the backup there, which fetches from here with --external-rsync'
  )
}

/** The message for each way in which a store cannot be opened. */
const openProblems: Readonly<Record<string, (dir: string) => CuraError>> = {
  ENOENT: (dir) => new CuraError('noStore', missingText(dir)),
  ENOTDIR: (dir) => new CuraError('noStore', `${dir} is not a directory`),
  STORE_OWNER: (dir) =>
    new CuraError(
      'failed',
      `${dir} belongs to another user: run as that user, or make a directory of your own`,
    ),
  STORE_WRITABLE: (dir) =>
    new CuraError('failed', `others may write to ${dir}: run chmod go-w ${dir}`),
  STORE_LINK: (dir) =>
    new CuraError(
      'failed',
      `a symbolic link on the way to ${dir} belongs to another user: give the real path`,
    ),
}

/** Throws a CuraError that says what to do. */
export function openStore(path: string): NativeStore {
  if (path === '' || path.includes('\ufffd')) {
    throw new CuraError('usage', `"${printable(path)}" cannot be the path of a store`)
  }
  const addon = native()
  try {
    return addon.openStore(path)
  } catch (error) {
    if (!isNativeError(error)) throw error
    const problem = openProblems[error.code]?.(printable(path))
    throw problem ?? new CuraError('failed', nativeErrorText(error), {cause: error})
  }
}

type Finish = Pick<Snapshot, 'finished' | 'damaged' | 'marker'>

const unfinished: Finish = {finished: false, damaged: false, marker: null}
const silent: Finish = {finished: true, damaged: false, marker: null}
const damaged: Finish = {finished: true, damaged: true, marker: null}

function finishOf({marker, error}: StoredDirectory, form: SnapshotName['form']): Finish {
  // An unreadable marker must not make the snapshot look unfinished, because a user may delete
  // unfinished snapshots.
  if (error !== undefined) return damaged
  if (marker === null) return unfinished
  // The Python tool's markers are empty.
  if (form === 'old' || marker === '') return silent
  return {finished: true, ...parseMarker(marker)}
}

/** Errors that will be the same in the next run, so that the marker counts as damaged. */
const lastingErrors = new Set(['EFBIG', 'EINVAL', 'EISDIR', 'ELOOP', 'ENOTDIR'])

/** Whether another run may be able to read the marker: a disk or a server had trouble. */
const isUnreadable = ({error}: StoredDirectory): boolean =>
  error !== undefined && !lastingErrors.has(error)

/**
 * The names of a snapshot's sources, from its marker, or from its directories if the marker has none;
 * null if both are empty.
 */
function sourcesOf(
  store: NativeStore,
  {name, marker: text, error, directories}: StoredDirectory,
  marker: Marker | null,
): string[] | null {
  const named = marker?.sources.map((source) => source.name) ?? []
  if (named.length > 0) return named
  const isSource = (directory: string): boolean => !directory.startsWith('.backup_')
  const isListed = error !== undefined || text === null || text === ''
  const sources = (isListed ? directories : directoriesIn(store, name)).filter(isSource)
  return sources.length === 0 ? null : sources
}

function directoriesIn(store: NativeStore, name: string): string[] {
  try {
    const entries = store.list(name)
    return entries.filter(({type}) => type === 'directory').map((entry) => entry.name)
  } catch {
    return [] // it is gone or unreadable
  }
}

/** The tags that a user gave later replace those of the marker. */
function tagsOf({tags: text, tagsError}: StoredDirectory, marker: Marker | null) {
  const own = text === null ? null : parseTags(text)
  const isUnreadable = tagsError !== undefined || (text !== null && own === null)
  const given = own ?? marker?.tags ?? []
  // Whatever the file says, a guard remains one.
  const tags = marker?.guard === undefined ? given : [...new Set([guardTag, ...given])]
  return isUnreadable ? ({tags, tagsUnreadable: true} as const) : {tags}
}

function snapshotOf(store: NativeStore, found: StoredDirectory, now: Date): Snapshot | null {
  const {name, pinned} = found
  const parsed = parseSnapshotName(name)
  if (parsed === null) return null
  const finish = finishOf(found, parsed.form)
  const {marker} = finish
  const instant = marker === null ? parsed.instant : new Date(marker.start)
  return {
    name,
    form: parsed.form,
    instant,
    ...finish,
    future: instant > now,
    pinned,
    ...tagsOf(found, marker),
    ...(isUnreadable(found) && {unreadable: true}),
    sources: sourcesOf(store, found, marker),
    // Without a recorded selection, the run counts as one without exclusions.
    selection: marker === null ? null : (marker.selection ?? ''),
    earlier: marker?.earlier ?? [],
  }
}

/** A snapshot that this run is about to make; it has no marker yet. */
export function plannedSnapshot(
  name: string,
  instant: Date,
  holdings: readonly Holding[],
): Snapshot {
  const rest = {form: 'new', future: false, pinned: false, tags: []} as const
  const sources = holdings.map((held) => held.name)
  return {name, instant, ...rest, finished: true, damaged: false, marker: null, sources, holdings}
}

/**
 * Reads the store once; a run keeps the result. Only real directories count. Other entries in the
 * store are ignored.
 */
export function readInventory(store: NativeStore, now: Date): Inventory {
  const directories = store.inventory(markerLimit_bytes)
  const snapshots = directories
    .map((found) => snapshotOf(store, found, now))
    .filter((snapshot) => snapshot !== null)
  return {
    snapshots: snapshots.sort(newestFirst),
    leftovers: directories
      .map(({name}) => name)
      .filter(isWorkName)
      .sort(),
  }
}

/** The newest finished snapshot that is not dated in the future, and no guard. */
export function newestFinished(snapshots: readonly Snapshot[]): Snapshot | null {
  return snapshots.find(counts) ?? null
}

/**
 * How surely a snapshot holds a series of its names: 3 certainly; 2 by its name only, as those of the
 * Python tool and markers without an id; 1 before a restore, which is not kept for long; 0 damaged.
 */
function rankOf(view: SeriesView, snapshot: Snapshot, key: SeriesKey): number {
  if (snapshot.damaged) return 0
  if (isGuard(snapshot)) return 1
  const isCertain = (holdingsOf(snapshot) ?? []).some((held) => {
    const keys = typeof held === 'string' ? [] : view.keysOf(held)
    return keys.length === 1 && keys[0] === key
  })
  return isCertain ? 3 : 2
}

/**
 * Adds to each snapshot the keys and labels of its series. Keys decide, because the label of one
 * series may be the name of another one. A carried source counts only if no other snapshot holds its
 * series; otherwise a missing source would lose its history run by run.
 */
export function withSeries(view: SeriesView, snapshots: readonly Snapshot[]): Snapshot[] {
  const keysOf = (snapshot: Snapshot, isCarried: boolean): SeriesKey[] =>
    (holdingsOf(snapshot) ?? [])
      .filter((held) => (typeof held !== 'string' && held.carried === true) === isCarried)
      .flatMap((held) => view.keysOf(held))
  const real = new Set(snapshots.filter(counts).flatMap((snapshot) => keysOf(snapshot, false)))
  const usable = snapshots.filter(counts)
  const evidence = new Set([...view.clones.keys()].flatMap((id) => evidenceOf(usable, id)))
  return snapshots.map((plain) => {
    const snapshot = evidence.has(plain) ? {...plain, evidence: true} : plain
    const carried = keysOf(snapshot, true).filter((key) => !real.has(key))
    const keys = [...new Set([...keysOf(snapshot, false), ...carried])]
    if (keys.length === 0) return {...snapshot, keys: null, series: null}
    const ranks = keys.map((key) => rankOf(view, snapshot, key))
    return {...snapshot, keys, series: keys.map((key) => view.labelOf(key)), ranks}
  })
}
