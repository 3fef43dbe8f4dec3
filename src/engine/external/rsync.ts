// One run of rsync: what it prints, and what its exit status means.
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
/** No start at the other end, sockets, a stream that ended, timeouts, and what ssh itself says. */
const unreachable: ReadonlySet<number | null> = new Set([5, 10, 12, 30, 35, 255])

/** What the runs of one backup share. */
export interface RsyncSession {
  readonly rsync: Rsync
  /** The store, where they run. */
  readonly directory: string
  readonly errors: ErrorLog
  readonly signal: AbortSignal
}

/** Names what rsync's message is about as the snapshot does, where that can be known. */
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
 * Names as --files-from takes them: bytes that end with a NUL. It takes leading slashes away; without
 * one a name that begins with '#' or ';' would be a comment, even with --from0.
 */
function listOf(names: readonly string[], {base}: RsyncSource): Buffer {
  const prefix = Buffer.from(base.prefix).toString('latin1')
  const pieces: Buffer[] = []
  // Piece by piece, for one text of them all could be longer than a text can be.
  for (let at = 0; at < names.length; at += namesAtOnce) {
    const some = names.slice(at, at + namesAtOnce).map((name) => `/${prefix}${name}\0`)
    pieces.push(Buffer.from(some.join(''), 'latin1'))
  }
  return Buffer.concat(pieces)
}

/** While nothing has been written yet, a source that cannot be read may be spared. */
function unreadable(what: string, {source, stage}: RsyncRun, log: ErrorLog): CuraError {
  if (stage !== 'compare') return failure(what, log)
  const words = log.lastWords()
  return new UnreadableSource(source.name, words === '' ? what : `${what}: ${words}`)
}

/** Throws unless rsync has done all that could be done. */
function judge(run: RsyncRun, ending: {code: number | null; signal: string | null}, log: ErrorLog) {
  const {source} = run
  const what = `rsync of ${printable(source.typed)}`
  if (log.isFull) throw failure(`the store is full; ${what} says`, log, 'noSpace')
  if (log.storeTrouble !== null) throw failure(`${what} cannot write to the store`, log)
  const {code, signal} = ending
  if (signal !== null) throw failure(`${what} was ended by ${signal}`, log)
  if (code !== exits.done && code !== exits.partial && code !== exits.vanished) {
    const text = `${what} failed with status ${String(code)}`
    throw unreachable.has(code) ? unreadable(text, run, log) : failure(text, log)
  }
  if (code === exits.partial) log.settle(source.name)
}

/**
 * Looks whether rsync has met the source itself, as what it is: of a missing one it only says 23.
 * Where it was told what to copy, the source itself is not among that.
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

/** Throws a CuraError where the source cannot be read at all, or the run cannot be relied upon. */
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
