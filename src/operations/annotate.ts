// The operations `pin`, `unpin` and `tag`: change what a user adds to published snapshots. The marker
// of a snapshot is never rewritten, so pin and tags are files of their own.
import {CuraError} from '../base/errors.js'
import {exitCode} from '../base/exit-code.js'
import {explain} from '../native/failure.js'
import type {NativeStore} from '../native/native.js'
import {withLock} from '../store/lock.js'
import {selectorsFor, snapshotsFrom} from '../store/operands.js'
import {openStore, type Snapshot} from '../store/store.js'
import {formatTags} from '../store/tags.js'
import {followingOf} from './events.js'
import {Query, type Asking} from './query.js'

/** What is changed; a tag that is added and removed is refused by the command. */
export type Annotation =
  | {readonly kind: 'pin'; readonly pinned: boolean}
  | {readonly kind: 'tag'; readonly add: readonly string[]; readonly remove: readonly string[]}

interface AnnotateOptions extends Asking {
  /** As in selectors.ts, without paths. */
  readonly selectors: readonly string[]
  readonly annotation: Annotation
  readonly dryRun: boolean
  /** As --force. */
  readonly force: boolean
  /** How long to wait for another run; absent: not at all. */
  readonly wait_ms?: number
}

export interface Annotated extends Pick<Snapshot, 'name' | 'pinned' | 'tags'> {
  /** False if it was so before. */
  readonly changed: boolean
  /** Its tags could not be read, and those of its marker are used instead. */
  readonly isRepaired: boolean
  /** Tags to add that it already had. */
  readonly had?: readonly string[]
  /** Tags to remove that it did not have. */
  readonly lacked?: readonly string[]
}

export interface AnnotateResult {
  readonly dryRun: boolean
  /** In the order of the operands, as they are now, or would be. */
  readonly snapshots: readonly Annotated[]
  readonly exit: number
}

function refuseUnfinished(snapshots: readonly Snapshot[]): void {
  const [unfinished] = snapshots.filter(({finished}) => !finished)
  if (unfinished === undefined) return
  throw new CuraError(
    'refused',
    `${unfinished.name} is not finished, so it cannot be pinned or tagged; nothing was changed`,
  )
}

/** How a snapshot will be. */
function annotated(snapshot: Snapshot, annotation: Annotation): Annotated {
  const {name, pinned, tags} = snapshot
  if (annotation.kind === 'pin') {
    const changed = pinned !== annotation.pinned
    return {name, tags, pinned: annotation.pinned, changed, isRepaired: false}
  }
  const {add, remove} = annotation
  const now = [...new Set([...tags, ...add])].filter((tag) => !remove.includes(tag))
  const isSame = now.length === tags.length && now.every((tag) => tags.includes(tag))
  const isRepaired = snapshot.tagsUnreadable === true
  const had = add.filter((tag) => tags.includes(tag))
  const lacked = remove.filter((tag) => !tags.includes(tag))
  return {
    ...{name, pinned, tags: now, changed: !isSame || isRepaired, isRepaired},
    ...(had.length > 0 && {had}),
    ...(lacked.length > 0 && {lacked}),
  }
}

function write(store: NativeStore, kind: Annotation['kind'], {name, pinned, tags}: Annotated) {
  if (kind === 'pin') store.setPinned(name, pinned)
  else store.writeTags(name, formatTags(tags))
}

function work(store: NativeStore, options: AnnotateOptions): AnnotateResult {
  const {selectors, annotation, dryRun, signal, filters} = options
  const wanted = selectorsFor(selectors, filters)
  if (wanted.length === 0) {
    throw new CuraError('usage', 'name the snapshots, such as latest, or choose one with --at TIME')
  }
  const chosen = snapshotsFrom(wanted, new Query(store, options).choice)
  refuseUnfinished(chosen)
  const snapshots = chosen.map((snapshot) => annotated(snapshot, annotation))
  for (const snapshot of snapshots.filter(({changed}) => changed && !dryRun)) {
    signal.throwIfAborted()
    write(store, annotation.kind, snapshot)
  }
  return {dryRun, snapshots, exit: exitCode({})}
}

/** Throws a CuraError that carries the exit code. */
export async function annotate(options: AnnotateOptions): Promise<AnnotateResult> {
  const {storeDir, dryRun, signal} = options
  const store = openStore(storeDir)
  try {
    if (dryRun) return work(store, options)
    const locking = {...options, ...followingOf(options), command: options.annotation.kind}
    // An await, so that the store is not closed before the work has ended.
    return await withLock(store, locking, () => Promise.resolve(work(store, options)))
  } catch (error) {
    throw explain(error, signal, 'the same command again does the rest')
  } finally {
    store.close()
  }
}
