// The operation `find`: finds paths in all snapshots of each history.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import {isNativeError} from '../native/failure.js'
import type {FindConditions, Match, NativeRecords} from '../native/native.js'
import {historiesOf, type History} from '../store/histories.js'
import {ask, type Asking, type Query} from './query.js'

const findPage = 1000

export interface FoundPath extends Match {
  /** The names of the first and the last snapshot in which the conditions hold. */
  readonly first: string
  readonly last: string
  /** The label of its history. */
  readonly history: string
}

/** Receives the matches page by page; false ends the search. */
type OnPage = (page: readonly FoundPath[]) => Promise<boolean>

export interface FindOptions extends Asking {
  readonly conditions: FindConditions
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

const globs = /[*?[\]\\]/g
const asPattern = (name: string): string => name.replace(globs, '\\$&')

/** A pattern that is a path of this machine becomes one in the snapshots of its source. */
function translated(pattern: string, {name, place}: History): string {
  if (place === null || !pattern.startsWith('/')) return pattern
  const above = place === '/' ? '' : asPattern(place)
  if (pattern === above || pattern === `${above}/`) return `/${asPattern(name)}`
  const isBelow = pattern.startsWith(`${above}/`)
  return isBelow ? `/${asPattern(name)}${pattern.slice(above.length)}` : pattern
}

/** What to search, and where. */
export interface Search {
  readonly history: History
  /** The directory in the snapshots; the source's name for all of it. */
  readonly top: Buffer
  readonly conditions: FindConditions
  readonly onPage: OnPage
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
    const names = history.snapshots.map(({name}) => name).filter((name) => numbers.has(name))
    const finder = records.find(names.map((name) => numbers.get(name) ?? 0), top, conditions) // prettier-ignore
    let past = this.last
    for (let page = finder.next(findPage); page !== null; page = finder.next(findPage)) {
      this.signal.throwIfAborted()
      const at = past === null ? -1 : page.findIndex(({path}) => past?.equals(path))
      const fresh = past !== null && at === -1 ? [] : page.slice(at + 1)
      if (at !== -1) past = null
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
  const histories = historiesOf(query.choice)
  const searches = histories.map((history) => {
    const patterns = conditions.patterns.map((pattern) => translated(pattern, history))
    const top = Buffer.from(history.name)
    return new Searcher({history, top, conditions: {...conditions, patterns}, onPage}, signal)
  })
  const names = [...new Set(histories.flatMap(({snapshots}) => snapshots.map(({name}) => name)))]
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
