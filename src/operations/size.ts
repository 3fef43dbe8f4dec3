// The operation `size`: what removing snapshots would free, exactly. It takes no lock and writes
// nothing.
import {CuraError} from '../base/errors.js'
import {exitCode} from '../base/exit-code.js'
import type {Freed, SpaceUse} from '../native/native.js'
import {matching} from '../store/selectors.js'
import {selectorsFor, snapshotsFrom} from '../store/operands.js'
import type {Snapshot} from '../store/store.js'
import {ask, type Asking, type Query} from './query.js'

interface SizeOptions extends Asking {
  /** Selectors as in selectors.ts, without paths; none: all snapshots that match the filters. */
  readonly snapshots: readonly string[]
  /** How many of the costliest paths to return. */
  readonly top: number
}

export interface SizeResult {
  readonly storeDir: string
  /** Those asked for, the newest first. */
  readonly snapshots: SpaceUse['snapshots']
  /** What removing all of them together would free. */
  readonly set: Freed & {readonly names: readonly string[]}
  /** The set is the user's choice, not the whole store. */
  readonly isChosen: boolean
  /** What all finished snapshots of the store occupy on disk. */
  readonly store: {readonly snapshots: number; readonly bytes: number; readonly inodes: number}
  readonly top: SpaceUse['top']
  readonly warnings: readonly string[]
  readonly exit: number
}

/** The snapshots asked for, the newest first. */
function chosen(query: Query, {snapshots: given, filters}: SizeOptions): readonly Snapshot[] {
  const snapshots = selectorsFor(given, filters)
  if (snapshots.length === 0) {
    const isFiltered = Object.values(filters).some((value) => value !== undefined)
    return isFiltered ? matching(query.choice) : query.snapshots.filter(({finished}) => finished)
  }
  const found = new Set(snapshotsFrom(snapshots, query.choice, 'measured'))
  return query.snapshots.filter((snapshot) => found.has(snapshot))
}

/** The snapshots that count for every amount: unfinished ones only if the user named them. */
function measured(query: Query, asked: readonly Snapshot[]): string[] {
  const isCounted = (snapshot: Snapshot): boolean => snapshot.finished || asked.includes(snapshot)
  return query.snapshots.filter(isCounted).map(({name}) => name)
}

function unreadText(unread: number): string[] {
  if (unread === 0) return []
  return [`${unread} directories or files could not be looked at: the amounts are too low.`]
}

/** What removing each snapshot alone would free. */
export async function exclusiveSizes(
  query: Query,
): Promise<Map<string, Pick<Freed, 'bytes' | 'inodes'>>> {
  const names = measured(query, [])
  const {snapshots} = await query.measure(names, {set: [], top: 0, topOfSet: false})
  return new Map(snapshots.map(({name, alone}) => [name, alone]))
}

/** Throws a CuraError that carries the exit code. */
export function size(options: SizeOptions): Promise<SizeResult> {
  return ask(options, async (query) => {
    const asked = chosen(query, options)
    if (asked.length === 0) {
      const reason = query.snapshots.length === 0 ? 'make one with backup' : 'status lists them'
      throw new CuraError('notFound', `there is no such snapshot: ${reason}`)
    }
    const set = asked.map(({name}) => name)
    const all = measured(query, asked)
    const isChosen =
      set.length < all.length || options.snapshots.length > 0 || options.filters.at !== undefined
    const use = await query.measure(all, {set, top: options.top, topOfSet: isChosen})
    const snapshots = use.snapshots.filter(({name}) => set.includes(name))
    const names = snapshots.map(({name}) => name)
    return {
      storeDir: options.storeDir,
      snapshots,
      set: {names, ...use.set},
      isChosen,
      store: {
        snapshots: use.snapshots.length,
        bytes: use.all.bytes + use.all.foreignBytes,
        inodes: use.all.inodes + use.all.foreignInodes,
      },
      top: use.top,
      warnings: [...query.warnings, ...unreadText(use.unread)],
      exit: exitCode({incomplete: use.unread > 0}),
    }
  })
}
