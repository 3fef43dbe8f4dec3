// Series: the snapshots that form the history of one source. Pure; docs/retention.md explains them.
import {parseRemote} from './remote.js'
import {clones, isGiven} from './clones.js'
import {holdingsOf, type Holding, type Member} from './holdings.js'

export {holdingsOf, type Holding, type Member}

/** The JSON of its parts: [host id, name, path], or [host id, name] of a source given as NAME=PATH. */
export type SeriesKey = string

/** The machine that runs the backup. */
export interface Host {
  readonly name: string
  /** The user's --host, or the machine's own id; '' if there is neither. */
  readonly id: string
}

export const nameOf = (held: Holding | string): string =>
  typeof held === 'string' ? held : held.name

/** The path on its own host. */
export function placeOf({path, host}: Holding): string {
  const place = host === undefined ? path : (parseRemote(path)?.path ?? path)
  return place.length > 1 ? place.replace(/\/+$/, '') || '/' : place
}

/** Groups keys that stand for one series. */
export class Classes {
  private readonly parents = new Map<SeriesKey, SeriesKey>()

  find(key: SeriesKey): SeriesKey {
    let at = key
    for (let up = this.parents.get(at); up !== undefined; up = this.parents.get(at)) at = up
    return at
  }

  join(a: SeriesKey, b: SeriesKey): void {
    const [first, second] = [this.find(a), this.find(b)].sort()
    if (first !== undefined && second !== undefined && first !== second) {
      this.parents.set(second, first)
    }
  }
}

const keyFrom = (...parts: readonly string[]): SeriesKey => JSON.stringify(parts)

/** The key by which a marker without an id joins a series. */
const oldKey = ({machine, name, path}: Holding): SeriesKey => keyFrom('', name, path, machine)

/** The key of a series that ended at that time. */
const endedKey = (key: SeriesKey, until_ms: number): SeriesKey =>
  keyFrom(...(JSON.parse(key) as string[]), new Date(until_ms).toISOString(), 'joined')

/** The keys that a holding joins, each with the end of its use. */
function joinsOf({
  joined = [],
  joined_until,
  time_ms = Infinity,
}: Holding): Array<[string, number]> {
  return joined.map((parts, at) => {
    const until = joined_until?.[at]
    return [keyFrom(...parts), until === undefined ? time_ms : Date.parse(until)]
  })
}

/** The series of a store, computed from all its snapshots. */
export class SeriesView {
  /** Ids that several machines share, with the machines' names. */
  readonly clones: ReadonlyMap<string, ReadonlySet<string>>
  private readonly classes = new Classes()
  private readonly byName = new Map<string, Set<SeriesKey>>()
  private readonly byOldKey = new Map<SeriesKey, Set<SeriesKey>>()
  /** When keys that others joined were last used. */
  private readonly ends = new Map<SeriesKey, number[]>()
  private readonly labels = new Map<SeriesKey, string>()
  private readonly ownKeys = new WeakMap<Holding, SeriesKey>()

  /** `members` is sorted newest first, with a planned one at the start. */
  constructor(members: readonly Member[]) {
    this.clones = clones(members)
    const held = members.flatMap((member) => holdingsOf(member) ?? [])
    const all = held.filter((item) => typeof item !== 'string')
    for (const [key, until_ms] of all.flatMap(joinsOf)) {
      if (Number.isFinite(until_ms)) this.ends.set(key, [...(this.ends.get(key) ?? []), until_ms])
    }
    for (const item of all) this.index(item)
    // A source without an id that joins no other is a series by itself.
    for (const item of all.filter(({hostId}) => hostId === null)) {
      if (!this.byOldKey.has(oldKey(item))) add(this.byName, item.name, this.ownKey(item))
    }
    this.label(all, new Set(held.map(nameOf)))
  }

  /** What distinguishes the source's host from others. */
  hostOf({hostId, host, machine}: Holding): string | null {
    if (hostId === null || host !== undefined || !this.clones.has(hostId)) return hostId
    return `${hostId}/${machine}`
  }

  /** Its own key, even if other keys stand for the same series. */
  ownKey(held: Holding): SeriesKey {
    const known = this.ownKeys.get(held)
    if (known !== undefined) return known
    const plain = this.plainKey(held)
    const {time_ms = Infinity} = held
    const ends = (this.ends.get(plain) ?? []).filter((until_ms) => until_ms >= time_ms)
    const key = ends.length === 0 ? plain : endedKey(plain, Math.min(...ends))
    this.ownKeys.set(held, key)
    return key
  }

  /** The same, before any other series joined it. */
  plainKey(held: Holding): SeriesKey {
    const host = this.hostOf(held)
    if (host === null) return oldKey(held)
    return held.named === true ? keyFrom(host, held.name) : keyFrom(host, held.name, placeOf(held))
  }

  /** Its series; several only if it is unknown which one. */
  keysOf(held: Holding | string): readonly SeriesKey[] {
    const name = nameOf(held)
    let keys: Iterable<SeriesKey> | undefined = this.byName.get(name)
    if (typeof held !== 'string') {
      const own = this.ownKey(held)
      keys = held.hostId === null ? (this.byOldKey.get(oldKey(held)) ?? [own]) : [own]
    }
    return [...new Set([...(keys ?? [keyFrom(name)])].map((key) => this.classes.find(key)))]
  }

  /** All series that a snapshot belongs to; null means every series. */
  of(member: Member): ReadonlySet<SeriesKey> | null {
    const held = holdingsOf(member)
    if (held === null || held.length === 0) return null
    return new Set(held.flatMap((item) => this.keysOf(item)))
  }

  /** All series of the store. */
  get all(): readonly SeriesKey[] {
    const keys = [...this.byName.values()].flatMap((some) => [...some])
    return [...new Set(keys.map((key) => this.classes.find(key)))]
  }

  /** The other keys of its series and when they were last used; a marker must name them. */
  otherKeys(held: Holding): Array<[SeriesKey, number]> {
    const series = this.classes.find(this.ownKey(held))
    return [...this.ends].flatMap(([key, ends]) =>
      [...new Set(ends)]
        .filter((until_ms) => this.classes.find(endedKey(key, until_ms)) === series)
        .map((until_ms): [SeriesKey, number] => [key, until_ms]),
    )
  }

  /** The name for people; no two series share one. */
  labelOf(key: SeriesKey): string {
    return this.labels.get(key) ?? String((JSON.parse(key) as string[]).at(-1))
  }

  private index(held: Holding): void {
    if (held.hostId === null) return
    const own = this.ownKey(held)
    add(this.byName, held.name, own)
    add(this.byOldKey, oldKey(held), own)
    for (const [key, until_ms] of joinsOf(held)) {
      if (Number.isFinite(until_ms)) this.classes.join(own, endedKey(key, until_ms))
    }
  }

  private label(all: readonly Holding[], names: ReadonlySet<string>): void {
    for (const name of names) {
      const newest = this.newestOf(all.filter((held) => held.name === name))
      const texts = [...newest].map(([key, held]) => [key, this.whereIs(held, newest)] as const)
      for (const [at, [key, text]] of texts.entries()) {
        const isTwin = texts.slice(0, at).some(([, other]) => other === text)
        const label = newest.size === 1 ? name : `${name} (${text}${isTwin ? `, ${at + 1}` : ''})`
        this.labels.set(key, label)
      }
      if (newest.size === 0) this.labels.set(keyFrom(name), name)
    }
  }

  /** Each series with its first holding among these. */
  private newestOf(held: readonly Holding[]): Map<SeriesKey, Holding> {
    const pairs = held.flatMap((item) => this.keysOf(item).map((key) => [key, item] as const))
    return new Map(pairs.reverse())
  }

  /** What distinguishes it from others with the same name: the path, the host, or both. */
  private whereIs(held: Holding, others: ReadonlyMap<SeriesKey, Holding>): string {
    const holdings = [...others.values()]
    const differ = (texts: readonly string[]): boolean => new Set(texts).size > 1
    const path = differ(holdings.map(placeOf)) ? placeOf(held) : ''
    const host = differ(holdings.map(hostName)) ? hostName(held) : ''
    return [path, host].filter((text) => text !== '').join(' on ') || placeOf(held)
  }
}

/** The host's name for people. */
export const hostName = ({host, hostId, machine}: Holding): string =>
  host ?? (hostId === null || isGiven(hostId) ? machine : hostId)

function add(map: Map<string, Set<SeriesKey>>, at: string, key: SeriesKey): void {
  map.set(at, (map.get(at) ?? new Set()).add(key))
}
