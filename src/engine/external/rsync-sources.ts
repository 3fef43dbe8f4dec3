// Prepares the sources of a run for rsync, and checks that rsync can copy each one.
import {accessSync, constants, lstatSync, realpathSync, statSync} from 'node:fs'
import {relative, resolve} from 'node:path'
import {CuraError} from '../../base/errors.js'
import {isNativeError} from '../../native/failure.js'
import {native} from '../../native/native.js'
import type {FailedSource, NativeStore, Source} from '../../native/native.js'
import {parseRemote, remoteBase, remoteDirectory, type Remote} from '../../store/remote.js'
import type {Item} from './rsync-items.js'
import type {RsyncSource} from './rsync-arguments.js'
import {allErrors, openSources} from '../sources.js'
import {block_bytes} from './rsync-tally.js'

/** The unit in which stat counts blocks. */
const statBlock_bytes = 512

function remoteSource({name, path}: Source, remote: Remote): RsyncSource {
  const below = remote.daemon ? remote.path.replace(/^\/*[^/]*/, '') : remote.path
  return {
    name,
    typed: path,
    operand: remoteDirectory(path, remote),
    base: remoteBase(path, remote),
    root: below.replace(/\/+$/, ''),
    isRemote: true,
    isDirectory: true,
    storeInside: null,
  }
}

/** The store's path below a directory, as rsync will see it; null if the store is not inside. */
function storeIn(directory: string, store: string): string | null {
  const path = relative(directory, store)
  return path === '' || path === '..' || path.startsWith('../') ? null : path
}

function localSource({name, path}: Source, store: string): RsyncSource {
  // A source that is a symlink means its target, and rsync 3.5 refuses symlinks in the path.
  const real = realpathSync(resolve(path))
  const isDirectory = statSync(real).isDirectory()
  const root = real === '/' ? '' : real
  const operand = isDirectory ? `${root}/` : real
  return {
    name,
    typed: path,
    operand,
    base: {operand, prefix: ''},
    root,
    isRemote: false,
    isDirectory,
    storeInside: isDirectory ? storeIn(real, store) : null,
  }
}

/** Null if the source can be read. Refuses the same sources as the native engine, in the same words. */
function failureOf(store: NativeStore, source: Source): CuraError | null {
  if (source.remote === true) return null
  try {
    openSources(store, [source]).close()
    return null
  } catch (error) {
    if (error instanceof CuraError && isNativeError(error.cause)) return error
    throw error
  }
}

export interface RsyncSources {
  readonly ready: RsyncSource[]
  readonly failed: FailedSource[]
  /** The names of those that are mount points. */
  readonly mounted: readonly string[]
}

/**
 * Throws a CuraError if a source can never be backed up, or if none can be read. Remote sources are
 * not checked here, because only rsync can reach them.
 */
export function rsyncSources(store: NativeStore, sources: readonly Source[]): RsyncSources {
  const directory = realpathSync(store.directory())
  const ready: RsyncSource[] = []
  const failed: FailedSource[] = []
  const errors: CuraError[] = []
  for (const source of sources) {
    const error = failureOf(store, source)
    const remote = source.remote === true ? parseRemote(source.path) : null
    if (error !== null) {
      const {name, path} = source
      const code = isNativeError(error.cause) ? error.cause.code : ''
      errors.push(error)
      failed.push({name, path, code, syscall: 'open'})
    } else {
      ready.push(remote === null ? localSource(source, directory) : remoteSource(source, remote))
    }
  }
  if (ready.length === 0 && errors.length > 0) throw allErrors(errors)
  const isMounted = (source: RsyncSource): boolean =>
    !source.isRemote && source.isDirectory && native().isMountPoint(source.operand)
  return {ready, failed, mounted: ready.filter(isMounted).map(({name}) => name)}
}

const pathOf = ({root}: RsyncSource, {name}: Item): Buffer =>
  Buffer.concat([Buffer.from(root), Buffer.from(name === '' ? '' : `/${name}`, 'latin1')])

/** A file's bytes on disk, because rsync counts holes but does not write them; its size if unknown. */
export function bytesOnDisk(source: RsyncSource, item: Item): number {
  const {type, kind, bytes} = item
  const isKnown = !source.isRemote && type === 'file' && kind !== 'deleted' && kind !== null
  if (!isKnown || bytes < block_bytes) return bytes
  try {
    return Math.min(bytes, lstatSync(pathOf(source, item)).blocks * statBlock_bytes)
  } catch {
    return bytes
  }
}

/** How a new or changed entry can be stored, which rsync's output does not say. */
type Fitness = 'fit' | 'socket' | 'unreadable'

/**
 * rsync copies sockets, and notices an unreadable file only when it copies it. Both would appear as
 * changes in every run. An entry that has vanished is left to rsync.
 */
export function fitnessOf(source: RsyncSource, item: Item): Fitness {
  const {type, kind} = item
  if (source.isRemote || kind === 'deleted' || kind === null) return 'fit'
  const path = pathOf(source, item)
  try {
    if (type === 'special') return lstatSync(path).isSocket() ? 'socket' : 'fit'
    if (type === 'file') accessSync(path, constants.R_OK)
    // A directory without these permissions is not stored: the next run could neither compare with
    // it nor link it with cp.
    if (type === 'directory') accessSync(path, constants.R_OK | constants.X_OK)
    return 'fit'
  } catch (error) {
    const isDenied = error instanceof Error && 'code' in error && error.code === 'EACCES'
    return isDenied ? 'unreadable' : 'fit'
  }
}
