// Finds the snapshot that a user means: latest, latest~2, oldest, a name or the start of one, each
// optionally followed by a path. Pure.
import {lastSecondOf} from './at-time.js'
import {filtersText, Sieve, type Filters} from './filters.js'
import {holdersOf, severalText, type Holder} from './path-holders.js'
import {ReadingSeries} from './reading-series.js'
import {missingPathText} from './missing-path.js'
import {pathIn, type SnapshotPath} from './snapshot-path.js'
import {holdingsOf, type Host, type SeriesKey} from './series.js'
import type {Snapshot} from './store.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {counts, type Zone} from '../retention/retention.js'

export type {Filters}

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

function selectorIn(text: string): Selector | null {
  const latest = /^latest(?:~(\d{1,9}))?$/.exec(text)
  if (latest !== null) return {kind: 'latest', back: Number(latest[1] ?? 0)}
  if (text === 'oldest') return {kind: 'oldest'}
  return /^\d[\d_-]*$/.test(text) ? {kind: 'name', start: text} : null
}

/** Whether the text can mean a snapshot, without a path. */
export const isSelector = (text: string): boolean => selectorIn(text) !== null

function parseSelector(text: string): Selector {
  const selector = selectorIn(text)
  if (selector !== null) return selector
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

/** Whether a snapshot may be chosen without its full name. */
const isCandidate = (snapshot: Snapshot, sieve: Sieve): boolean =>
  sieve.isListed(snapshot) && (sieve.filters.tag !== undefined || counts(snapshot))

const secondOf = ({instant}: Snapshot): number => Math.floor(instant.getTime() / 1000)

/** The histories that hold a path in these snapshots. */
function holdersIn(candidates: readonly Snapshot[], path: SnapshotPath, choice: Choice) {
  const {filters, host} = choice
  const series = new ReadingSeries(choice.snapshots)
  const sieve = new Sieve(choice.snapshots, filters, series)
  const held = candidates.flatMap((snapshot) => sieve.heldIn(snapshot) ?? [])
  const own = filters.host === undefined ? host : null
  const passing = {view: series.view, keysOf: sieve.keysOf.bind(sieve)}
  return {series, holders: holdersOf(path, held, {series: passing, host: own})}
}

/** The candidates that hold a history, with the path in each. */
const ofHolder = (
  candidates: readonly Snapshot[],
  series: ReadingSeries,
  {key, inner}: Holder,
): Selected[] =>
  candidates
    .filter((snapshot) => series.isIn(snapshot, key))
    .map((snapshot) => ({snapshot, path: inner}))

/** Snapshots with unknown sources may hold a path. */
const unknownWith = (candidates: readonly Snapshot[], path: SnapshotPath): Selected[] =>
  path.isLive
    ? []
    : candidates
        .filter((snapshot) => holdingsOf(snapshot) === null)
        .map((snapshot) => ({snapshot, path: path.parts.join('/')}))

/** The candidates that hold the path's history, with the path in each. */
function withPath(candidates: readonly Snapshot[], operand: Operand, choice: Choice): Selected[] {
  const {path, text} = operand
  if (path === null) return candidates.map((snapshot) => ({snapshot, path: null}))
  const {series, holders} = holdersIn(candidates, path, choice)
  const [only, ...more] = holders
  if (more.length > 0) usage(severalText(holders, series, text))
  return only === undefined ? unknownWith(candidates, path) : ofHolder(candidates, series, only)
}

function refuseMissingPath({text, path}: Operand, choice: Choice): never {
  const held = matching(choice).flatMap((snapshot) => holdingsOf(snapshot) ?? [])
  const {view} = new ReadingSeries(choice.snapshots)
  notFound(missingPathText({text, path}, {held, view}, choice))
}

/** The snapshot with this full name, which must pass the filters, too. */
function named(snapshot: Snapshot, operand: Operand, choice: Choice): Selected {
  const {snapshots, filters} = choice
  if (!new Sieve(snapshots, filters).passes(snapshot)) {
    const which = filtersText(filters)
    notFound(`${snapshot.name} is not a snapshot${which}: choose another, or leave the filter out`)
  }
  const [selected] = withPath([snapshot], operand, choice)
  return selected ?? refuseMissingPath(operand, choice)
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
  if (path !== null && found.length === 0) refuseMissingPath(operand, choice)
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
  const sieve = new Sieve(choice.snapshots, choice.filters)
  const last = at === undefined ? Infinity : lastSecondOf(at, choice.now, choice.zone)
  return choice.snapshots
    .filter((snapshot) => isCandidate(snapshot, sieve))
    .filter((snapshot) => secondOf(snapshot) <= last)
}

/** Refuses a time before the first snapshot. */
function refuseTooEarly(choice: Choice): void {
  const {at, ...filters} = choice.filters
  if (at === undefined || matching(choice).length > 0) return
  const oldest = matching({...choice, filters}).at(-1)
  if (oldest === undefined) return
  notFound(`there is no snapshot${filtersText(choice.filters)}: the oldest is ${oldest.name}`)
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
  refuseTooEarly(choice)
  const start = selector.kind === 'name' ? selector.start : ''
  const candidates = matching(choice).filter(({name}) => name.startsWith(start))
  const found = withPath(candidates, operand, choice)
  return pick(selector, found) ?? refuseMissing(operand, found, choice)
}

/** The snapshots of one history that may have a path, newest first, with the path in each. */
export interface HistoryOfPath {
  /** Null if the sources of the snapshots are unknown. */
  readonly key: SeriesKey | null
  readonly label: string | null
  readonly selected: readonly [Selected, ...Selected[]]
}

/**
 * The histories whose source contains the path; it need not exist in them. Throws a CuraError
 * 'notFound' if there is none.
 */
export function historiesWith(text: string, choice: Choice): HistoryOfPath[] {
  const path = pathIn(text)
  const candidates = matching(choice)
  const operand: Operand = {text, selector: {kind: 'latest', back: 0}, path}
  const {series, holders} = path === null ? {series: null, holders: []} : holdersIn(candidates, path, choice) // prettier-ignore
  const groups =
    series === null || holders.length === 0
      ? [{key: null, label: null, selected: withPath(candidates, operand, choice)}]
      : holders.map((holder) => ({
          key: holder.key,
          label: series.labelOf(holder.key),
          selected: ofHolder(candidates, series, holder),
        }))
  const found = groups.flatMap(({selected: [first, ...rest], ...group}) =>
    first === undefined ? [] : [{...group, selected: [first, ...rest] as const}],
  )
  return found.length > 0 ? found : refuseMissingPath(operand, choice)
}
