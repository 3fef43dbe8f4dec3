// The operation `ls`: lists a directory of a snapshot, or everything below it, from its record. It
// takes no lock and writes nothing.
import {setImmediate as nextTurn} from 'node:timers/promises'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import type {NextPage, StoredEntry} from '../native/native.js'
import type {Snapshot} from '../store/store.js'
import {ask, type Asking, type Query} from './query.js'

const pageSize = 4000

export const sortKeys = ['name', 'size', 'mtime'] as const
export type SortKey = (typeof sortKeys)[number]

/** What is listed. */
export interface Listing {
  readonly snapshot: string
  /** A path in the snapshot; null: all its sources. */
  readonly path: string | null
}

interface LsOptions extends Asking {
  /** As in selectors.ts: a snapshot, optionally followed by a path; null: the latest. */
  readonly snapshot: string | null
  readonly recursive: boolean
  /** By name (whole paths), size (the largest first) or mtime (the newest first). */
  readonly sort: SortKey
  readonly reverse: boolean
  /** Receives the entries page by page; false ends the list. */
  readonly onPage: (page: readonly StoredEntry[], listing: Listing) => Promise<boolean>
}

export interface LsResult extends Listing {
  readonly warnings: readonly string[]
  readonly exit: number
}

function compareTimes(a: StoredEntry, b: StoredEntry): number {
  if (a.mtime_s !== b.mtime_s) return a.mtime_s - b.mtime_s
  return a.mtime < b.mtime ? -1 : Number(a.mtime > b.mtime)
}

/** Sorts entries that are in the order of their paths. */
function sorted(entries: StoredEntry[], {sort, reverse}: LsOptions): StoredEntry[] {
  if (sort === 'size') entries.sort((a, b) => b.bytes - a.bytes)
  if (sort === 'mtime') entries.sort((a, b) => compareTimes(b, a))
  return reverse ? entries.reverse() : entries
}

function allOf(next: NextPage<StoredEntry>): StoredEntry[] {
  const all: StoredEntry[] = []
  for (let page = next(pageSize); page.length > 0; page = next(pageSize)) {
    for (const entry of page) all.push(entry)
  }
  return all
}

/** The list in pages; of one in the order of the record, only a page is in memory. */
function* pagesOf(next: NextPage<StoredEntry>, options: LsOptions): Generator<StoredEntry[]> {
  if (options.sort === 'name' && !options.reverse) {
    for (let page = next(pageSize); page.length > 0; page = next(pageSize)) yield page
    return
  }
  const all = sorted(allOf(next), options)
  for (let at = 0; at < all.length; at += pageSize) yield all.slice(at, at + pageSize)
}

/** Names the last snapshot before this one that has the path. */
export async function refuseMissing(query: Query, snapshot: Snapshot, top: Buffer): Promise<never> {
  const older = query.snapshots.filter(
    ({instant, finished}) => finished && instant < snapshot.instant,
  )
  const names = older.map(({name}) => name)
  const last = await query.withRecords(names, {whole: false}, (records) =>
    Promise.resolve(records.opened().find((_, at) => records.lookup(at, top) !== null)?.snapshot),
  )
  const hint = last === undefined ? '' : `; it was last in ${last}`
  throw new CuraError('notFound', `there is no ${printable(top)} in ${snapshot.name}${hint}`)
}

/** Throws a CuraError that carries the exit code. */
export function ls(options: LsOptions): Promise<LsResult> {
  const {recursive, onPage, signal} = options
  return ask(options, async (query) => {
    const {path, snapshot} = query.resolve(options.snapshot)
    const listing = {snapshot: snapshot.name, path}
    const top = Buffer.from(path ?? '')
    // One directory is read whole before any of it is shown, so its damage is found in time.
    await query.withRecord(snapshot.name, {whole: recursive}, async (records) => {
      const next = records.list(0, top, {recursive})
      if (next === null) {
        return refuseMissing(query, snapshot, top)
      }
      for (const page of pagesOf(next, options)) {
        signal.throwIfAborted()
        if (!(await onPage(page, listing))) return
        await nextTurn() // lets a signal in
        signal.throwIfAborted()
      }
    })
    return {...listing, warnings: query.warnings, exit: exitCode({})}
  })
}
