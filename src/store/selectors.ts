// Finds the snapshot that a user means: latest, latest~2, oldest, a name or the start of one, each
// optionally followed by a path. Pure.
import {lastSecondOf} from './at-time.js'
import {holds} from './moves.js'
import {pathIn, pathInside, type Place, type SnapshotPath} from './snapshot-path.js'
import {holdingsOf, placeOf, SeriesView, type Holding, type Host} from './series.js'
import type {Snapshot} from './store.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {counts, type Zone} from '../retention/retention.js'

/** The tag of a snapshot that was taken before a restore in place. */
export const guardTag = 'before-restore'

/** Filters for the choice, as the user typed them. */
export interface Filters {
  /** The name of a source, or its path. */
  readonly source?: string
  readonly tag?: string
  /** The name or id of a machine, or a remote host. */
  readonly host?: string
  /** Chooses the newest snapshot at or before that time. */
  readonly at?: string
}

export interface Choice {
  /** All snapshots of the store, the newest first. */
  readonly snapshots: readonly Snapshot[]
  /** This machine, to which paths that begin with a slash belong. */
  readonly host: Host
  readonly now: Date
  readonly zone: Zone
  readonly filters: Filters
}

export interface Selected {
  readonly snapshot: Snapshot
  /** A path in the snapshot, beginning with the source's name; null: the whole snapshot. */
  readonly path: string | null
}

type Selector =
  | {readonly kind: 'latest'; readonly back: number}
  | {readonly kind: 'oldest'}
  | {readonly kind: 'name'; readonly start: string}

interface Operand {
  readonly text: string
  readonly selector: Selector
  readonly path: SnapshotPath | null
}

function usage(message: string): never {
  throw new CuraError('usage', message)
}

function notFound(message: string): never {
  throw new CuraError('notFound', message)
}

function parseSelector(text: string): Selector {
  const latest = /^latest(?:~(\d{1,9}))?$/.exec(text)
  if (latest !== null) return {kind: 'latest', back: Number(latest[1] ?? 0)}
  if (text === 'oldest') return {kind: 'oldest'}
  if (/^\d[\d_-]*$/.test(text)) return {kind: 'name', start: text}
  usage(
    `"${printable(text)}" is not a snapshot: write latest, latest~2, oldest, or a name or its ` +
      'beginning, such as 2026-11-21',
  )
}

/** A path without a selector begins with a slash and means the latest snapshot. */
function parseOperand(text: string): Operand {
  const colon = text.startsWith('/') ? 0 : text.indexOf(':')
  const selector = colon === 0 ? 'latest' : colon === -1 ? text : text.slice(0, colon)
  const path = colon === -1 ? '' : text.slice(text.startsWith('/') ? 0 : colon + 1)
  if (text.startsWith(':')) usage(`"${printable(text)}" names no snapshot before its colon`)
  return {text, selector: parseSelector(selector), path: pathIn(path)}
}

/** '/srv/docs/' → '/srv/docs'. */
const trimmed = (path: string): string => path.replace(/(?<=.)\/+$/, '')

function isOf(held: Holding | string, {source, host}: Filters): boolean {
  if (typeof held === 'string') return host === undefined && [undefined, held].includes(source)
  const isSource = [undefined, held.name, held.path].includes(source)
  const isPlace = source?.startsWith('/') === true && placeOf(held) === trimmed(source)
  const hosts = held.host === undefined ? [held.machine, held.hostId] : [held.host]
  return (isSource || isPlace) && (host === undefined || hosts.includes(host))
}

/** The holdings of a snapshot that match the filters; null if its holdings are unknown. */
export const heldOf = (snapshot: Snapshot, filters: Filters) =>
  holdingsOf(snapshot)?.filter((held) => isOf(held, filters)) ?? null

/** Whether a snapshot is listed with these filters; --at does not count. */
export function isListed(snapshot: Snapshot, filters: Filters): boolean {
  const {source, host, tag} = filters
  const narrows = source !== undefined || host !== undefined
  if (narrows && (heldOf(snapshot, filters) ?? []).length === 0) return false
  return tag === undefined ? !snapshot.tags.includes(guardTag) : snapshot.tags.includes(tag)
}

/** Whether a snapshot may be chosen without its full name. */
const isCandidate = (snapshot: Snapshot, filters: Filters): boolean =>
  isListed(snapshot, filters) && (filters.tag !== undefined || counts(snapshot))

const secondOf = ({instant}: Snapshot): number => Math.floor(instant.getTime() / 1000)

/** ' with the tag x' and the like, for messages. */
function filtersText({source, tag, host, at}: Filters): string {
  const texts = [
    ...(source === undefined ? [] : [` of the source ${printable(source)}`]),
    ...(tag === undefined ? [] : [` with the tag ${printable(tag)}`]),
    ...(host === undefined ? [] : [` of the host ${printable(host)}`]),
    ...(at === undefined ? [] : [` at or before ${printable(at)}`]),
  ]
  return texts.join('')
}

/** The places that match a path in these snapshots, the newest first. */
function placesIn(
  candidates: readonly Snapshot[],
  path: SnapshotPath,
  view: SeriesView,
  {host, filters}: Choice,
): Place[] {
  const own = filters.host === undefined ? host : null
  return candidates.flatMap((snapshot) =>
    (heldOf(snapshot, filters) ?? []).flatMap((held) => pathInside(path, held, {view, host: own})),
  )
}

/** The longest source wins. */
const longest = (places: readonly Place[]): Place[] => {
  const length = Math.max(...places.map((place) => place.length))
  return places.filter((place) => place.length === length)
}

/** The one series that holds a path, and the path in its snapshots; null if there is none. */
function seriesOf(places: readonly Place[], view: SeriesView, operand: Operand) {
  const best = longest(places)
  const series = new Map<string, string>()
  for (const {held, inner} of [...best].reverse()) {
    const keys = view.keysOf(held)
    // A holding that may belong to several series adds none.
    if (keys.length === 1) series.set(keys[0] ?? '', inner)
  }
  const [first] = best
  if (first === undefined) return null
  if (series.size === 0) return {key: view.keysOf(first.held)[0] ?? '', inner: first.inner}
  if (series.size > 1) {
    const labels = [...series.keys()].map((key) => printable(view.labelOf(key)))
    usage(
      `${printable(operand.text)} matches several histories: ${labels.join('; ')}. Choose one ` +
        'with --source or --host',
    )
  }
  const [[key, inner] = ['', '']] = series
  return {key, inner}
}

/** The candidates that hold the path's series, with the path in each. */
function withPath(candidates: readonly Snapshot[], operand: Operand, choice: Choice): Selected[] {
  const {path} = operand
  if (path === null) return candidates.map((snapshot) => ({snapshot, path: null}))
  const view = new SeriesView(choice.snapshots)
  const found = seriesOf(placesIn(candidates, path, view, choice), view, operand)
  if (found !== null) {
    const isKnown = (snapshot: Snapshot): boolean => holds(view, snapshot, found.key)
    return candidates.filter(isKnown).map((snapshot) => ({snapshot, path: found.inner}))
  }
  if (path.isLive) return []
  const unknown = candidates.filter((snapshot) => holdingsOf(snapshot) === null)
  return unknown.map((snapshot) => ({snapshot, path: path.parts.join('/')}))
}

function refuseMissingPath({text, path}: Operand, filters: Filters): never {
  const hint =
    path?.isLive === true
      ? 'no source of this machine contains it; paths in a snapshot begin with the name of a source'
      : 'paths in a snapshot begin with the name of a source, or with a slash as on this machine'
  notFound(`no snapshot${filtersText(filters)} holds ${printable(text)}: ${hint}`)
}

/** The snapshot with this full name; host and source only choose the source that a path is in. */
function named(snapshot: Snapshot, operand: Operand, choice: Choice): Selected {
  const {host, source} = choice.filters
  const filters = {...(host !== undefined && {host}), ...(source !== undefined && {source})}
  const [selected] = withPath([snapshot], operand, {...choice, filters})
  return selected ?? refuseMissingPath(operand, filters)
}

function byPrefix(start: string, found: readonly Selected[]): Selected | undefined {
  const [only, ...more] = found.filter(({snapshot}) => snapshot.name.startsWith(start))
  if (more.length === 0) return only
  const names = found.map(({snapshot}) => snapshot.name).filter((name) => name.startsWith(start))
  usage(`"${start}" is the beginning of ${names.length} snapshots: ${names.join(', ')}`)
}

function pick(selector: Selector, found: readonly Selected[]): Selected | undefined {
  if (selector.kind === 'latest') return found[selector.back]
  return selector.kind === 'oldest' ? found.at(-1) : byPrefix(selector.start, found)
}

/** Reports why nothing was found. */
function refuseMissing(operand: Operand, found: readonly Selected[], choice: Choice): never {
  const {selector, path, text} = operand
  const all = choice.snapshots
  if (!all.some(counts) && selector.kind !== 'name') {
    notFound('there is no finished snapshot: make one with backup')
  }
  if (path !== null && found.length === 0) refuseMissingPath(operand, choice.filters)
  const which = filtersText(choice.filters)
  const left = all.filter(({name}) => selector.kind === 'name' && name.startsWith(selector.start))
  const hint =
    left.length === 0
      ? 'status lists the snapshots'
      : `to use ${left.map(({name}) => name).join(' or ')}, write the full name`
  notFound(`there is no snapshot "${printable(text)}"${which}: ${hint}`)
}

/** All snapshots that match the filters and may be chosen without their full names, newest first. */
export function matching(choice: Choice): Snapshot[] {
  const {at} = choice.filters
  const last = at === undefined ? Infinity : lastSecondOf(at, choice.now, choice.zone)
  return choice.snapshots
    .filter((snapshot) => isCandidate(snapshot, choice.filters))
    .filter((snapshot) => secondOf(snapshot) <= last)
}

/**
 * Chooses one snapshot; null means latest. Unfinished snapshots, those dated in the future and those
 * taken before a restore are chosen only by full name or by tag. With a path, only snapshots that hold
 * the history of its source count. Throws a CuraError: 'usage' if several match, 'notFound' if none
 * does.
 */
export function resolve(text: string | null, choice: Choice): Selected {
  const operand = parseOperand(text ?? 'latest')
  const {selector} = operand
  if (selector.kind === 'name') {
    if (choice.filters.at !== undefined)
      usage('give either the name of a snapshot or --at, not both')
    const exact = choice.snapshots.find(({name}) => name === selector.start)
    if (exact !== undefined) return named(exact, operand, choice)
  }
  const start = selector.kind === 'name' ? selector.start : ''
  const candidates = matching(choice).filter(({name}) => name.startsWith(start))
  const found = withPath(candidates, operand, choice)
  return pick(selector, found) ?? refuseMissing(operand, found, choice)
}

/**
 * All snapshots that match the filters and hold the history of the path's source, newest first, with
 * the path in each. The path need not exist in them. Throws a CuraError: 'usage' if it matches several
 * histories, 'notFound' if none.
 */
export function snapshotsWith(text: string, choice: Choice): Selected[] {
  const operand: Operand = {text, selector: {kind: 'latest', back: 0}, path: pathIn(text)}
  const found = withPath(matching(choice), operand, choice)
  return found.length > 0 ? found : refuseMissingPath(operand, choice.filters)
}

/** Whether a source of a snapshot passes the filters. */
export const isHeldFor = (held: Holding | string, filters: Filters): boolean => isOf(held, filters)
