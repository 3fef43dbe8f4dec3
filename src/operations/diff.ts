// The operation `diff`: what differs between two snapshots, or between a snapshot and the sources. It
// takes no lock and writes nothing.
import {setImmediate as nextTurn} from 'node:timers/promises'
import {followingOf} from './events.js'
import type {Found, NextChanges} from './diff-live.js'
import {ask, type Asking, type Query} from './query.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import {follow} from '../native/job.js'
import type {Change, NativeRecords, TreeDifference} from '../native/native.js'
import type {Selected} from '../store/selectors.js'

const pageLimit = 1000

/** `from` is the previous path of a renamed entry. */
export interface DiffChange extends Change {
  /** With `content`: a unified diff, or why there is none; null if it is no changed file. */
  readonly content?: string | null
}

export interface DiffOptions extends Asking {
  /** As in selectors.ts; null: latest~1, or with `live` latest. */
  readonly from: string | null
  /** Null: latest, of the same path as `from`. */
  readonly to: string | null
  /** Compares `from` with the sources as they are now. */
  readonly live: boolean
  /** Whether changes of metadata are listed; they are always counted. */
  readonly metadata: boolean
  /** Whether differences end with an exit code of their own. */
  readonly exitCode: boolean
  /** Whether the contents of changed text files are compared. */
  readonly content: boolean
  /** Receives the changes in the order of their paths; false ends the list. */
  readonly onPage: (page: readonly DiffChange[]) => Promise<boolean>
}

export interface DiffResult extends Omit<Found, 'incomplete'> {
  readonly from: string
  /** Null: the sources as they are now. */
  readonly to: string | null
  readonly warnings: readonly string[]
  readonly exit: number
}

/** 'latest:PATH', with the path of another operand. */
function latestOf(operand: string): string {
  if (operand.startsWith('/')) return operand
  const colon = operand.indexOf(':')
  return colon === -1 ? 'latest' : `latest${operand.slice(colon)}`
}

/** The two operands, with their defaults. */
export function operandsOf(options: Pick<DiffOptions, 'from' | 'to' | 'live' | 'content'>) {
  const {from, to, live, content} = options
  if (live && content) {
    throw new CuraError('usage', '--content compares two snapshots: leave out --live')
  }
  if (live && to !== null) {
    throw new CuraError('usage', '--live compares one snapshot with the sources: name only one')
  }
  if (live) return {from: from ?? 'latest', to: null}
  if (from === null) return {from: 'latest~1', to: 'latest'}
  if (to !== null) return {from, to}
  return {from: from.startsWith('/') ? `latest~1:${from}` : from, to: latestOf(from)}
}

const differs = ({counts: {files, directories}}: Found): boolean =>
  [...Object.values(files), ...Object.values(directories)].some((number) => number > 0)

/** Passes the changes on until there are no more, or nobody reads them. */
async function list(
  next: NextChanges,
  {metadata, content, onPage, signal}: DiffOptions,
  contentIn: (change: Change) => Promise<string | null> = () => Promise.resolve(null),
): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    // Contents are larger than paths.
    const all = next(content ? 1 : pageLimit)
    if (all.length === 0) return
    const page: DiffChange[] = []
    for (const change of all) {
      const {kind, type, path, bytes} = change
      if (kind === 'metadata' && !metadata) continue
      const shown = kind === 'renamed' ? change : {kind, type, path, bytes}
      page.push(content ? {...shown, content: await contentIn(change)} : shown)
    }
    if (page.length > 0 && !(await onPage(page))) return
    await nextTurn()
  }
}

const bytesOf = ({path}: Selected): Buffer => Buffer.from(path ?? '')

/** Names the snapshot that lacks the path. */
function refuseMissing(records: NativeRecords, trees: readonly Selected[]): never {
  for (const [at, tree] of trees.entries()) {
    const top = bytesOf(tree)
    if (top.length === 0 || records.lookup(at, top) !== null) continue
    throw new CuraError('notFound', `there is no ${printable(top)} in ${tree.snapshot.name}`)
  }
  throw new Error('the addon found no path, but there is one')
}

async function compared(
  records: NativeRecords,
  trees: readonly [Selected, Selected],
  options: DiffOptions,
): Promise<TreeDifference> {
  const [gone] = records.gone()
  if (gone !== undefined) {
    throw new CuraError('notFound', `the snapshot ${printable(gone)} was removed by another run`)
  }
  const [before, after] = trees
  const {signal, onProgress} = followingOf(options)
  const job = records.diff(0, bytesOf(before), 1, bytesOf(after))
  return (await follow(job, signal, onProgress)) ?? refuseMissing(records, trees)
}

async function stored(
  query: Query,
  trees: readonly [Selected, Selected],
  options: DiffOptions,
): Promise<Found> {
  const names = trees.map(({snapshot}) => snapshot.name)
  return query.withRecords(names, {whole: false}, async (records) => {
    const {files, directories, bytes, changes} = await compared(records, trees, options)
    const [from = '', to = ''] = names
    let incomplete = false
    await list(changes, options, async (change) => {
      const {contentOf} = await import('./diff-content.js')
      return contentOf(query.store, change, [from, to], (text) => {
        query.warnings.push(text)
        incomplete = true
      })
    })
    return {counts: {files, directories}, bytes, incomplete}
  })
}

/** Throws a CuraError that carries the exit code. */
export function diff(options: DiffOptions): Promise<DiffResult> {
  const operands = operandsOf(options)
  return ask(options, async (query) => {
    const from = query.resolve(operands.from)
    const to = operands.to === null ? null : query.resolve(operands.to)
    let found: Found
    if (to === null) {
      const {compareLive} = await import('./diff-live.js')
      found = await compareLive(query, from, options, (next) => list(next, options))
    } else {
      found = await stored(query, [from, to], options)
    }
    const {counts, bytes, incomplete} = found
    return {
      from: from.snapshot.name,
      to: to?.snapshot.name ?? null,
      counts,
      bytes,
      warnings: query.warnings,
      exit: exitCode({incomplete, differs: options.exitCode && differs(found)}),
    }
  })
}
