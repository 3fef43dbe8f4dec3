// The operation `find`: finds paths in all snapshots of each history.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import {isNativeError} from '../native/failure.js'
import {native, type FindConditions, type Match, type NativeRecords} from '../native/native.js'
import {historiesOf, type History} from '../store/histories.js'
import {patternBelow} from '../store/live-pattern.js'
import {ask, type Asking, type Query} from './query.js'

const findPage = 1000
const slash = 0x2f

export interface FoundPath extends Match {
  /** The names of the first and the last snapshot in which the conditions hold. */
  readonly first: string
  readonly last: string
  /** The label of its history. */
  readonly history: string
}

/** Receives the matches page by page; false ends the search. */
type OnPage = (page: readonly FoundPath[]) => Promise<boolean>

/** What a path must fulfil. */
export type Conditions = Omit<FindConditions, 'firstIsExtra'>

export interface FindOptions extends Asking {
  readonly conditions: Conditions
  readonly onPage: OnPage
}

export interface FindResult {
  /** The number of matches. */
  readonly found: number
  /** How many paths could not be compared by digest. */
  readonly undigested: number
  /** The number of snapshots that were searched. */
  readonly searched: number
  readonly warnings: readonly string[]
  readonly exit: number
}

/** The pattern, and if it is a path of this machine, the same in the snapshots of a source. */
function withLive(pattern: string, {name, places}: History, ignoreCase: boolean): string[] {
  const matches = (part: string, component: string): boolean =>
    native().globMatches(part, component, ignoreCase)
  const live = places.map((place) => patternBelow(pattern, {name, place}, matches))
  return [pattern, ...live.filter((one) => one !== null)]
}

/** What to search, and where. */
export interface Search {
  readonly history: History
  /** The directory in the snapshots; the source's name for all of it. */
  readonly top: Buffer
  readonly conditions: Conditions
  readonly onPage: OnPage
}

/** In the order of a search a directory is followed by what is in it: '/' is the lowest byte. */
function isBehind(path: Buffer, last: Buffer): boolean {
  const end = Math.min(path.length, last.length)
  let at = 0
  while (at < end && path[at] === last[at]) at += 1
  const rank = (byte: number | undefined): number => (byte === slash ? 0 : (byte ?? -1))
  return rank(path[at]) > rank(last[at])
}

/** One search. If a record proves damaged, it runs again with another one, behind the last match. */
export class Searcher {
  found = 0
  undigested = 0
  private last: Buffer | null = null

  constructor(
    private readonly what: Search,
    private readonly signal: AbortSignal,
  ) {}

  /** Returns false if the receiver accepts no more. */
  async run(records: NativeRecords): Promise<boolean> {
    const {history, top, conditions, onPage} = this.what
    const numbers = new Map(records.opened().map(({snapshot}, number) => [snapshot, number]))
    const firstIsExtra = history.snapshots[0] !== history.newest
    const names = [...(firstIsExtra ? [history.newest] : []), ...history.snapshots]
      .map(({name}) => name)
      .filter((name) => numbers.has(name))
    const chosen = names.map((name) => numbers.get(name) ?? 0)
    const finder = records.find(chosen, top, {...conditions, firstIsExtra})
    const {last} = this
    for (let page = finder.next(findPage); page !== null; page = finder.next(findPage)) {
      this.signal.throwIfAborted()
      const fresh = last === null ? page : page.filter(({path}) => isBehind(path, last))
      this.undigested = finder.undigested()
      if (!(await this.pass(fresh.map((match) => named(match, names, history)), onPage))) return false // prettier-ignore
      // Lets a signal in.
      await new Promise((settle) => setImmediate(settle))
    }
    return true
  }

  private async pass(matches: readonly FoundPath[], onPage: OnPage): Promise<boolean> {
    if (matches.length === 0) return true
    this.found += matches.length
    this.last = matches.at(-1)?.path ?? null
    return onPage(matches)
  }
}

const named = (match: Match, names: readonly string[], {label}: History): FoundPath => ({
  ...match,
  first: names[match.oldest] ?? '',
  last: names[match.newest] ?? '',
  history: label,
})

async function searchAll(query: Query, options: FindOptions): Promise<FindResult> {
  const {conditions, onPage, signal} = options
  const {ignoreCase} = conditions
  const histories = historiesOf(query.choice)
  const searches = histories.map((history) => {
    const patterns = conditions.patterns.flatMap((pattern) =>
      withLive(pattern, history, ignoreCase),
    )
    const top = Buffer.from(history.name)
    return new Searcher({history, top, conditions: {...conditions, patterns}, onPage}, signal)
  })
  const all = histories.flatMap(({snapshots, newest}) => [newest, ...snapshots])
  const names = [...new Set(all.map(({name}) => name))]
  let done = 0
  return query.withRecords(names, {whole: false}, async (records) => {
    for (const search of searches.slice(done)) {
      if (!(await search.run(records))) break
      done += 1
    }
    const found = searches.reduce((sum, search) => sum + search.found, 0)
    const undigested = searches.reduce((sum, search) => sum + search.undigested, 0)
    const searched = records.opened().length
    const exit = exitCode({nothing: found === 0, incomplete: undigested > 0})
    return {found, undigested, searched, warnings: query.warnings, exit}
  })
}

/** Throws a CuraError that carries the exit code. */
export async function find(options: FindOptions): Promise<FindResult> {
  try {
    return await ask(options, (query) => searchAll(query, options))
  } catch (error) {
    const {cause} = error instanceof CuraError ? error : {cause: error}
    if (!isNativeError(cause) || cause.code !== 'BAD_PATTERN') throw error
    const pattern = printable(cause.pathBytes ?? '')
    throw new CuraError('usage', `"${pattern}" is not a pattern: ${cause.message}`, {cause})
  }
}
