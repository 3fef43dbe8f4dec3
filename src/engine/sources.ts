// Turns the sources that the user typed into names in the snapshot and paths to read.
import {realpathSync} from 'node:fs'
import {basename, resolve} from 'node:path'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {errnoText, isNativeError} from '../native/failure.js'
import type {NativeSources, NativeStore, Source} from '../native/native.js'
import type {Holding, Host} from '../store/series.js'
import {parseRemote, remoteName, remoteProblem} from '../store/remote.js'

const nameLimit_bytes = 255

function refuse(message: string): never {
  throw new CuraError('usage', message)
}

/** Names at the top of a snapshot that the store uses itself. */
const isReserved = (name: string): boolean =>
  name.startsWith('.backup_') || name === '.backups_lock'

/** Why `name` cannot be a directory of a snapshot, or null if it can. */
function nameProblem(name: string): string | null {
  if (name === '') return 'is empty'
  if (name === '.' || name === '..') return 'does not name a directory'
  if (isReserved(name)) return 'is reserved'
  if (Buffer.byteLength(name) > nameLimit_bytes) return `is longer than ${nameLimit_bytes} bytes`
  return null
}

/** Splits NAME=PATH. A path with a slash before its '=', such as ./a=b, is only a path. */
function split(operand: string): {name: string | null; path: string} {
  const equals = operand.indexOf('=')
  if (equals === -1 || operand.slice(0, equals).includes('/')) return {name: null, path: operand}
  return {name: operand.slice(0, equals), path: operand.slice(equals + 1)}
}

/** The default name of a source; '' if its path has none. */
function ownName(path: string, mayBeRemote: boolean): {name: string; remote: boolean} {
  const remote = mayBeRemote ? parseRemote(path) : null
  if (remote === null) return {name: basename(resolve(path)), remote: false}
  const problem = remoteProblem(remote)
  if (problem !== null) refuse(`the source ${printable(path)} ${problem}`)
  return {name: remoteName(remote), remote: true}
}

function parseSource(operand: string, mayBeRemote: boolean): Source {
  if (operand.includes('\ufffd')) {
    // Node has already replaced bytes that are not UTF-8, so the real path is lost.
    refuse(`the source ${printable(operand)} is not valid UTF-8: back up the directory above it`)
  }
  const {name: given, path} = split(operand)
  const shown = printable(operand)
  if (path === '') refuse(`the source "${shown}" has no path: write PATH or NAME=PATH`)
  const own = ownName(path, mayBeRemote)
  const name = given ?? own.name
  if (given === null && name === '')
    refuse(`the source ${shown} has no name: give it one with NAME=${shown}`)
  const problem = nameProblem(name)
  if (problem === null) {
    return {name, path, ...(own.remote && {remote: true}), ...(given !== null && {named: true})}
  }
  const hint = given === null ? `give it another one with NAME=${shown}` : 'choose another one'
  refuse(`the name "${printable(name)}" of the source ${shown} ${problem}: ${hint}`)
}

/**
 * Parses operands such as `/home/ann`, `docs=/srv/documents` or `./a=b`, and if `mayBeRemote`, also
 * `nas:/srv`. Throws a usage error.
 */
export function parseSources(operands: readonly string[], mayBeRemote: boolean): Source[] {
  if (operands.length === 0) refuse('no source given: name the directories to back up')
  const sources = operands.map((operand) => parseSource(operand, mayBeRemote))
  const seen = new Map<string, Source>()
  for (const source of sources) {
    const other = seen.get(source.name)
    if (other !== undefined) {
      const [name, first, second] = [source.name, other.path, source.path].map(printable)
      refuse(`two sources are called "${name}" (${first}, ${second}): name one with NAME=PATH`)
    }
    seen.set(source.name, source)
  }
  return sources
}

/** The message for each way in which a source cannot be opened. */
const openProblems: Readonly<Record<string, (path: string) => CuraError>> = {
  SOURCE_IN_STORE: (path) =>
    new CuraError(
      'usage',
      `the source ${path} lies in the store: back up something else, or use another store`,
    ),
  SOURCE_TYPE: (path) =>
    new CuraError(
      'usage',
      `the source ${path} is neither a directory nor a file: back up the directory it lies in`,
    ),
}

/** Such as 'there is no such source: /mnt/usb'. */
export function sourceProblem(operand: string, code: string): string {
  const path = printable(operand)
  if (code !== 'ENOENT') return `the source ${path} cannot be read: ${errnoText(code)} (${code})`
  const hint =
    parseRemote(operand) === null ? '' : ' (to fetch it from another host, use --external-rsync)'
  return `there is no such source: ${path}${hint}`
}

/** What to do about a source that cannot be opened. */
const openAdvice: Readonly<Record<string, string>> = {
  ENOENT: 'check its spelling, or mount its disk',
  EACCES: 'run as a user who can read it, such as root',
  EPERM: 'run as a user who can read it, such as root',
}

function sourceText(path: string, code: string): string {
  const advice = parseRemote(path) === null ? openAdvice[code] : undefined
  return `${sourceProblem(path, code)}${advice === undefined ? '' : ` (${advice})`}`
}

/** One error that names every source that cannot be opened; `errors` is not empty. */
export function allErrors(errors: readonly CuraError[]): CuraError {
  const [first] = errors
  const messages = errors.map(({message}) => message)
  return new CuraError(first?.code ?? 'failed', messages.join('; '), {cause: first?.cause})
}

/** Null if it is not an error about a source. */
function sourceError(error: unknown): CuraError | null {
  if (!isNativeError(error)) return null
  const path = (error.pathBytes ?? '').toString()
  const problem = openProblems[error.code]?.(printable(path))
  return problem ?? new CuraError('failed', sourceText(path, error.code), {cause: error})
}

/** The addon throws for the first source only, so this opens each one. */
function errorsOf(store: NativeStore, sources: readonly Source[]): CuraError[] {
  return sources.flatMap((source) => {
    try {
      store.openSources([source]).close()
      return []
    } catch (error) {
      return sourceError(error) ?? []
    }
  })
}

/**
 * Opens every source that can be opened. Throws a CuraError that says what to do if none can, or if
 * one can never be backed up.
 */
export function openSources(store: NativeStore, sources: readonly Source[]): NativeSources {
  try {
    return store.openSources(sources)
  } catch (error) {
    const first = sourceError(error)
    if (first === null) throw error
    const all = first.code === 'failed' ? errorsOf(store, sources) : []
    throw all.length > 1 ? allErrors(all) : first
  }
}

/** The host of a remote source, without user and port; null for a local one. */
function hostOf({path, remote}: Source): string | null {
  const host = remote === true ? (parseRemote(path)?.host ?? null) : null
  if (host === null) return null
  const name = host.slice(host.lastIndexOf('@') + 1).toLowerCase()
  return /^[^:]*:\d+$/.test(name) ? name.slice(0, name.indexOf(':')) : name
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // missing; opening it reports that
  }
}

/** A source as a marker names it, which identifies its series. */
export function holdingFor(source: Source, {name: machine, id}: Host): Holding {
  const {name, path, named} = source
  const host = hostOf(source)
  const rest = {name, machine, ...(named === true && {named})}
  if (host !== null) return {...rest, path, host, hostId: host}
  const place = resolve(path)
  return {...rest, path: place, hostId: id, realPath: realPath(place)}
}
