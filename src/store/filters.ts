// The filters --source, --host and --tag: which snapshots and sources pass them. Pure.
import {holdingsOf, placeOf, SeriesView, type Holding, type SeriesKey} from './series.js'
import type {Snapshot} from './store.js'
import {isGuard} from '../retention/guards.js'
import {printable} from '../base/escape.js'

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

/** ' with the tag x' and the like, for messages. */
export function filtersText({source, tag, host, at}: Filters): string {
  const texts = [
    ...(source === undefined ? [] : [` of the source ${printable(source)}`]),
    ...(tag === undefined ? [] : [` with the tag ${printable(tag)}`]),
    ...(host === undefined ? [] : [` of the host ${printable(host)}`]),
    ...(at === undefined ? [] : [` at or before ${printable(at)}`]),
  ]
  return texts.join('')
}

/** '/srv/docs/' → '/srv/docs'. */
const trimmed = (path: string): string => path.replace(/(?<=.)\/+$/, '')

/** Whether the source itself passes; of some, only the name is known. */
function isOf(held: Holding | string, {source, host}: Filters): boolean {
  if (typeof held === 'string') return host === undefined && [undefined, held].includes(source)
  const isSource = [undefined, held.name, held.path].includes(source)
  const isPlace = source?.startsWith('/') === true && placeOf(held) === trimmed(source)
  const hosts = held.host === undefined ? [held.machine, held.hostId] : [held.host]
  return (isSource || isPlace) && (host === undefined || hosts.includes(host))
}

/** Its marker tells neither its host nor its path for certain: it belongs to series by its name. */
const isVague = (held: Holding | string): boolean =>
  typeof held === 'string' || held.hostId === null

/** How sources belong to series: a SeriesView or a ReadingSeries. */
interface Series {
  keysOf(held: Holding | string): readonly SeriesKey[]
}

/** The filters --source, --host and --tag, applied to the snapshots of a store. --at does not count. */
export class Sieve {
  private found: {readonly view: Series; readonly keys: ReadonlySet<SeriesKey>} | null = null

  /** `snapshots`: all of the store, the newest first. */
  constructor(
    private readonly snapshots: readonly Snapshot[],
    readonly filters: Filters,
    private readonly given: Series | null = null,
  ) {}

  /** The holdings of a snapshot that pass; null if its holdings are unknown. */
  heldIn(snapshot: Snapshot): ReadonlyArray<Holding | string> | null {
    const passes = (held: Holding | string): boolean =>
      isOf(held, this.filters) || (isVague(held) && this.vagueKeys(held).length > 0)
    return holdingsOf(snapshot)?.filter(passes) ?? null
  }

  /** The series of a holding that passes, without those that no filter means. */
  keysOf(held: Holding | string): readonly SeriesKey[] {
    const {view} = this.series()
    const keys = isVague(held) ? this.vagueKeys(held) : []
    return keys.length > 0 ? keys : view.keysOf(held)
  }

  /** Whether the sources and the tag of a snapshot pass. */
  passes(snapshot: Snapshot): boolean {
    const {source, host, tag} = this.filters
    const narrows = source !== undefined || host !== undefined
    if (narrows && (this.heldIn(snapshot) ?? []).length === 0) return false
    return tag === undefined || snapshot.tags.includes(tag)
  }

  /** Whether a snapshot is listed. Those taken before a restore are listed by their tag only. */
  isListed(snapshot: Snapshot): boolean {
    const isHidden = this.filters.tag === undefined && isGuard(snapshot)
    return !isHidden && this.passes(snapshot)
  }

  private vagueKeys(held: Holding | string): SeriesKey[] {
    const {view, keys} = this.series()
    return view.keysOf(held).filter((key) => keys.has(key))
  }

  /** The series of all holdings that certainly pass. */
  private series() {
    if (this.found !== null) return this.found
    const view = this.given ?? new SeriesView(this.snapshots)
    const held = this.snapshots.flatMap((snapshot) => holdingsOf(snapshot) ?? [])
    const sure = held.filter((item) => !isVague(item) && isOf(item, this.filters))
    this.found = {view, keys: new Set(sure.flatMap((item) => view.keysOf(item)))}
    return this.found
  }
}
