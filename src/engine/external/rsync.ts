// Runs rsync once, parses its output and interprets its exit status.
import {runChild} from './child.js'
import {UnreadableSource} from '../engine.js'
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'
import type {ErrorLog} from './rsync-errors.js'
import {LineSplitter, parseItem, type Item} from './rsync-items.js'
import type {Rsync} from './programs.js'
import {rsyncArguments, type RsyncRun, type RsyncSource} from './rsync-arguments.js'

const namesAtOnce = 10_000
const exits = {done: 0, partial: 23, vanished: 24} as const
/** The protocol failed to start, socket errors, a broken stream, timeouts, and ssh's own status. */
const unreachable: ReadonlySet<number | null> = new Set([5, 10, 12, 30, 35, 255])

/** Shared by all runs of one backup. */
export interface RsyncSession {
  readonly rsync: Rsync
  /** The store; rsync runs there. */
  readonly directory: string
  readonly errors: ErrorLog
  readonly signal: AbortSignal
}

/** Converts a path in rsync's message into a path in the snapshot, if possible. */
function nameIn(path: string, {source: {name, root, isDirectory}, into}: RsyncRun): string {
  const top = Buffer.from(name).toString('latin1')
  const from = Buffer.from(root).toString('latin1')
  if (path === from || path === `${from}/` || path === `${from}/.`) return top
  if (isDirectory && path.startsWith(`${from}/`)) return `${top}/${path.slice(from.length + 1)}`
  const mark = `/${into}/`
  const at = path.indexOf(mark)
  return at === -1 ? path : path.slice(at + mark.length)
}

function failure(what: string, log: ErrorLog, code: 'failed' | 'noSpace' = 'failed'): CuraError {
  const words = log.lastWords()
  const why = words === '' ? '' : `: ${words}`
  return new CuraError(code, `${what}${why}; no snapshot was made`)
}

/**
 * The names for --files-from: bytes, each ending with a NUL. rsync strips a leading slash. Without
 * one, it would take a name that begins with '#' or ';' for a comment, even with --from0.
 */
function listOf(names: readonly string[], {base}: RsyncSource): Buffer {
  const prefix = Buffer.from(base.prefix).toString('latin1')
  const pieces: Buffer[] = []
  // In pieces, because a single string could exceed the maximum length of a string.
  for (let at = 0; at < names.length; at += namesAtOnce) {
    const some = names.slice(at, at + namesAtOnce).map((name) => `/${prefix}${name}\0`)
    pieces.push(Buffer.from(some.join(''), 'latin1'))
  }
  return Buffer.concat(pieces)
}

/** During the comparison nothing is written yet, so the run can go on without an unreadable source. */
function unreadable(what: string, {source, stage}: RsyncRun, log: ErrorLog): CuraError {
  if (stage !== 'compare') return failure(what, log)
  const words = log.lastWords()
  return new UnreadableSource(source.name, words === '' ? what : `${what}: ${words}`)
}

/** Throws unless rsync did everything that was possible. */
function judge(run: RsyncRun, ending: {code: number | null; signal: string | null}, log: ErrorLog) {
  const {source} = run
  const what = `rsync of ${printable(source.typed)}`
  if (log.isFull) throw failure(`the store is full; ${what} reported`, log, 'noSpace')
  if (log.storeTrouble !== null) throw failure(`${what} cannot write to the store`, log)
  const {code, signal} = ending
  if (signal !== null) throw failure(`${what} was killed by ${signal}`, log)
  if (code !== exits.done && code !== exits.partial && code !== exits.vanished) {
    const text = `${what} failed with status ${String(code)}`
    throw unreachable.has(code) ? unreadable(text, run, log) : failure(text, log)
  }
  if (code === exits.partial) log.settle(source.name)
}

/**
 * Checks that rsync reported the source itself with the expected type, because for a missing source
 * rsync only exits with status 23. A run with a list of names never reports the source itself.
 */
class RootWatch {
  private seen = 0
  private others = 0

  constructor(
    private readonly isDirectory: boolean,
    private readonly isListed: boolean,
  ) {}

  see({name, type}: Item): void {
    const isRoot = this.isDirectory ? name === '' : type === 'file'
    if (isRoot) this.seen += 1
    else if (!this.isDirectory) this.others += 1
  }

  get isThere(): boolean {
    return this.isListed || (this.seen > 0 && this.others === 0)
  }
}

/** Throws a CuraError if the source cannot be read at all, or if the run is not reliable. */
export async function runRsync(
  run: RsyncRun,
  {rsync, directory, errors, signal}: RsyncSession,
  onItem: (item: Item) => void,
): Promise<void> {
  const {source} = run
  const root = new RootWatch(source.isDirectory, run.stage === 'listed')
  const items = new LineSplitter((line) => {
    const item = parseItem(line)
    if (item === null) return
    root.see(item)
    onItem(source.isDirectory ? item : {...item, name: ''})
  })
  const messages = new LineSplitter((line) => {
    errors.take(line, (path) => nameIn(path, run))
  })
  errors.begin()
  const ending = await runChild(
    {
      program: rsync.path,
      args: rsyncArguments(run, rsync),
      directory,
      input: run.stage === 'listed' ? listOf(run.names, source) : null,
      onOutput: (chunk) => {
        items.push(chunk)
      },
      onErrors: (chunk) => {
        messages.push(chunk)
      },
    },
    signal,
  )
  messages.end()
  judge(run, ending, errors)
  if (root.isThere) return
  throw unreadable(`the source ${printable(source.typed)} cannot be read`, run, errors)
}
