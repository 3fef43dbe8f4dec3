// The sources of a run as rsync gets them, each found to be fit for it.
import {accessSync, constants, lstatSync, realpathSync, statSync} from 'node:fs'
import {relative, resolve} from 'node:path'
import {CuraError} from '../../base/errors.js'
import {isNativeError} from '../../native/failure.js'
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

/** Where the store is in a directory, by the paths that rsync goes; null where it is not. */
function storeIn(directory: string, store: string): string | null {
  const path = relative(directory, store)
  return path === '' || path === '..' || path.startsWith('../') ? null : path
}

function localSource({name, path}: Source, store: string): RsyncSource {
  // A symlink stands for what is behind it, and rsync 3.5 does not care for one on the way.
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

/** Null where it can be read. Refuses what the native engine would refuse, in the same words. */
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
}

/**
 * Throws a CuraError for a source that can never be backed up, and where none can be read; of
 * remote ones only rsync knows.
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
  return {ready, failed}
}

const pathOf = ({root}: RsyncSource, {name}: Item): Buffer =>
  Buffer.concat([Buffer.from(root), Buffer.from(name === '' ? '' : `/${name}`, 'latin1')])

/** What a file takes on disk, for rsync keeps holes but counts them; its size where that is not known. */
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

/** What a new or changed entry is, beyond what rsync says of it. */
type Fitness = 'fit' | 'socket' | 'unreadable'

/**
 * rsync copies sockets, and finds out that it cannot read a file only when it copies it. Both would
 * look like changes for ever. An entry that is gone by now is rsync's business.
 */
export function fitnessOf(source: RsyncSource, item: Item): Fitness {
  const {type, kind} = item
  if (source.isRemote || kind === 'deleted' || kind === null) return 'fit'
  const path = pathOf(source, item)
  try {
    if (type === 'special') return lstatSync(path).isSocket() ? 'socket' : 'fit'
    if (type === 'file') accessSync(path, constants.R_OK)
    // A closed one is not made either: this user could not compare with it, nor could cp link it.
    if (type === 'directory') accessSync(path, constants.R_OK | constants.X_OK)
    return 'fit'
  } catch (error) {
    const isDenied = error instanceof Error && 'code' in error && error.code === 'EACCES'
    return isDenied ? 'unreadable' : 'fit'
  }
}
