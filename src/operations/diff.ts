// The operation `diff`: what differs between two snapshots, or between a snapshot and the sources. It
// takes no lock and writes nothing.
import {setImmediate as nextTurn} from 'node:timers/promises'
import {followingOf} from './events.js'
import type {Found, NextChanges} from './diff-live.js'
import {joined, sharedSources} from './diff-sources.js'
import {ask, type Asking, type Query} from './query.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import {follow} from '../native/job.js'
import type {Change, NativeRecords, TreeDifference} from '../native/native.js'
import {resolve, type Selected} from '../store/selectors.js'

const pageLimit = 1000

/** `from` is the previous path of a renamed entry. */
export interface DiffChange extends Change {
  /** With `content`: a unified diff, or why there is none; null if it is no changed file. */
  readonly content?: string | null
}

export interface DiffOptions extends Asking {
  /** As in selectors.ts; null: latest~1, with `live` latest, with --at the snapshot of that time. */
  readonly from: string | null
  /** Null: latest. A path of one operand counts for both. */
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
  /** Learns what is compared, before the first change; `to` as in the result. */
  readonly onStart?: (compared: Pick<DiffResult, 'from' | 'to'>) => void
}

export interface DiffResult extends Omit<Found, 'incomplete'> {
  readonly from: string
  /** Null: the sources as they are now. */
  readonly to: string | null
  readonly warnings: readonly string[]
  readonly exit: number
}

/** An operand's snapshot and its path, which is empty or keeps its colon. */
function partsOf(operand: string): {readonly snapshot: string; readonly path: string} {
  if (operand.startsWith('/')) return {snapshot: '', path: `:${operand}`}
  const colon = operand.indexOf(':')
  const end = colon === -1 ? operand.length : colon
  return {snapshot: operand.slice(0, end), path: operand.slice(end)}
}

/** Refuses operands that name a snapshot besides the one that --at chooses. */
function refuseTwoChoices({from, to, filters}: Named): void {
  if (filters.at === undefined) return
  if (to === null && (from === null || partsOf(from).snapshot === '')) return
  throw new CuraError(
    'usage',
    '--at chooses the snapshot to compare with the newest: give it without another snapshot, ' +
      'alone or with a path of this machine',
  )
}

type Named = Pick<DiffOptions, 'from' | 'to' | 'filters'>

/** The two operands, with their defaults; a path of one side counts for both. */
export function operandsOf(options: Named & Pick<DiffOptions, 'live' | 'content'>) {
  const {from, to, live, content, filters} = options
  if (live && content) {
    throw new CuraError('usage', '--content compares two snapshots: leave out --live')
  }
  if (live && to !== null) {
    throw new CuraError('usage', '--live compares one snapshot with the sources: name only one')
  }
  if (live) return {from: from ?? 'latest', to: null}
  refuseTwoChoices(options)
  const [first, second] = [partsOf(from ?? ''), partsOf(to ?? '')]
  // A single path is compared in the two newest snapshots that hold it.
  const older = to === null && filters.at === undefined ? 'latest~1' : 'latest'
  return {
    from: `${first.snapshot || older}${first.path || second.path}`,
    to: `${second.snapshot || 'latest'}${second.path || first.path}`,
  }
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

type Pair = readonly [Selected, Selected]

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

/** The trees to compare: the whole path, or each source that both snapshots hold. */
function treesOf(records: NativeRecords, trees: Pair, warnings: string[]): Array<[Buffer, Buffer]> {
  const [before, after] = trees
  if (before.path !== null || after.path !== null) return [[bytesOf(before), bytesOf(after)]]
  const {both, only} = sharedSources(records)
  if (only.length === 0) return [[bytesOf(before), bytesOf(after)]]
  const names = [before.snapshot.name, after.snapshot.name]
  const texts = only.map(({source, record}) => `${printable(source)} is only in ${names[record]}`)
  if (both.length === 0) {
    throw new CuraError(
      'notFound',
      `${names.join(' and ')} have no source in common: ${texts.join(', ')}. Choose others, or ` +
        'use --source NAME',
    )
  }
  const sentences = texts.map((text) => `${text}, so it is not compared.`)
  // The work runs again if a record proves damaged.
  warnings.push(...sentences.filter((text) => !warnings.includes(text)))
  return both.map((source) => [source, source])
}

async function compared(
  records: NativeRecords,
  trees: Pair,
  warnings: string[],
  options: DiffOptions,
): Promise<TreeDifference> {
  const [gone] = records.gone()
  if (gone !== undefined) {
    throw new CuraError('notFound', `the snapshot ${printable(gone)} was removed by another run`)
  }
  const {signal, onProgress} = followingOf(options)
  const found: TreeDifference[] = []
  for (const [before, after] of treesOf(records, trees, warnings)) {
    const job = records.diff(0, before, 1, after)
    found.push((await follow(job, signal, onProgress)) ?? refuseMissing(records, trees))
  }
  return joined(found)
}

async function stored(query: Query, trees: Pair, options: DiffOptions): Promise<Found> {
  const names = trees.map(({snapshot}) => snapshot.name)
  return query.withRecords(names, {whole: false}, async (records) => {
    const {files, directories, bytes, changes} = await compared(
      records,
      trees,
      query.warnings,
      options,
    )
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

/** The second operand, which --at does not choose. */
function newest({choice}: Query, operand: string): Selected {
  const filters = Object.entries(choice.filters).filter(([name]) => name !== 'at')
  return resolve(operand, {...choice, filters: Object.fromEntries(filters)})
}

/** Throws a CuraError that carries the exit code. */
export function diff(options: DiffOptions): Promise<DiffResult> {
  const operands = operandsOf(options)
  return ask(options, async (query) => {
    const from = query.resolve(operands.from)
    const to = operands.to === null ? null : newest(query, operands.to)
    const compares = {from: from.snapshot.name, to: to?.snapshot.name ?? null}
    options.onStart?.(compares)
    let found: Found
    if (to === null) {
      const {compareLive} = await import('./diff-live.js')
      found = await compareLive(query, from, options, (next) => list(next, options))
    } else {
      found = await stored(query, [from, to], options)
    }
    const {counts, bytes, incomplete} = found
    return {
      ...compares,
      counts,
      bytes,
      warnings: query.warnings,
      exit: exitCode({incomplete, differs: options.exitCode && differs(found)}),
    }
  })
}
