// Copies every version of a file out of the snapshots, for history --restore-all.
import {createHash, randomUUID} from 'node:crypto'
import {close, read as readBytes} from 'node:fs'
import {link, lutimes, open, rename, symlink, unlink, type FileHandle} from 'node:fs/promises' // prettier-ignore
import {join} from 'node:path'
import {promisify} from 'node:util'
import {CuraError} from '../base/errors.js'
import {exitCode} from '../base/exit-code.js'
import {printable, shellWord} from '../base/escape.js'
import {errorText, explain, isNativeError, isStop} from '../native/failure.js'
import type {NativeStore, StoredEntry} from '../native/native.js'
import {withLease} from '../store/lease.js'
import {openStore} from '../store/store.js'
import type {PathHistory, Version} from './history.js'
import {makeTarget} from './restore-target.js'
import {damagedEnding, VersionNames} from './version-names.js'

export interface RestoredVersions {
  /** The new files, which have the content that was backed up. */
  readonly files: readonly string[]
  /** The new files that have another content. */
  readonly damaged: readonly string[]
  /** Sentences about versions that were not copied, or are damaged. */
  readonly problems: readonly string[]
  readonly exit: number
}

export interface RestoreOptions {
  readonly storeDir: string
  readonly directory: string
  readonly signal: AbortSignal
}

const piece_bytes = 1 << 20
const read = promisify(readBytes)
const closeFile = promisify(close)

/** Codes of filesystems without hardlinks. */
const noLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** Copies the bytes, and returns whether they are those that were backed up. */
async function copy(from: number, to: FileHandle, entry: StoredEntry, signal: AbortSignal) {
  const hash = createHash('sha256')
  const piece = Buffer.alloc(piece_bytes)
  for (let bytes = 0; ;) {
    signal.throwIfAborted()
    const {bytesRead} = await read(from, piece, 0, piece.length, null)
    if (bytesRead === 0) {
      return bytes === entry.bytes && [null, hash.digest('hex')].includes(entry.sha256)
    }
    bytes += bytesRead
    hash.update(piece.subarray(0, bytesRead))
    await to.writeFile(piece.subarray(0, bytesRead))
  }
}

/** Gives the file its final name; EEXIST if there is such a file. */
async function moveNew(from: string, to: Buffer): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (!isNativeError(error) || !noLinks.has(error.code)) throw error
    // The empty file keeps the name for the rename.
    await (await open(to, 'wx')).close()
    await rename(from, to)
    return
  }
  await unlink(from)
}

/** In seconds; a number has no room for nanoseconds. */
function timeOf({mtime, mtime_s}: StoredEntry): number {
  const fraction = /\.\d+/.exec(mtime)?.[0] ?? '0'
  return mtime_s + Number(fraction)
}

/** Copies into a temporary file first, so that a final name has a whole file. */
async function copyFile(from: number, entry: StoredEntry, target: Buffer, to: RestoreOptions) {
  const temporary = join(to.directory, `.cura-${randomUUID()}`)
  try {
    const file = await open(temporary, 'wx', entry.mode & 0o777)
    let isRight: boolean
    try {
      isRight = await copy(from, file, entry, to.signal)
      await file.utimes(timeOf(entry), timeOf(entry))
    } finally {
      await file.close()
    }
    const name = isRight ? target : Buffer.concat([target, Buffer.from(damagedEnding)])
    await moveNew(temporary, name).catch((error: unknown) => {
      if (isRight) throw error
      const text = `it differs from what was backed up, and could not be kept as damaged: ${errorText(error)}`
      throw new CuraError('damaged', text)
    })
    return {name, isRight}
  } catch (error) {
    await unlink(temporary).catch(() => null) // the first error says more
    throw error
  }
}

async function copyLink(entry: StoredEntry, target: Buffer) {
  await symlink(entry.target ?? '', target)
  await lutimes(target, timeOf(entry), timeOf(entry))
  return {name: target, isRight: true}
}

async function copyVersion(
  store: NativeStore,
  {last, entry}: Version,
  target: Buffer,
  to: RestoreOptions,
) {
  if (entry.type === 'symlink') return copyLink(entry, target)
  const from = store.openFile(last, entry.path)
  try {
    return await copyFile(from, entry, target, to)
  } finally {
    await closeFile(from)
  }
}

const storedAt = ({last, entry}: Version): Buffer =>
  Buffer.concat([Buffer.from(`${last}/`), entry.path])

/** Why a version is not copied; null if it is. */
function refusal({entry, last}: Version): string | null {
  if (entry.type === 'file' || entry.type === 'symlink') return null
  const what = entry.type === 'directory' ? 'a directory' : 'a special file'
  return `${printable(entry.path)} in ${last} is ${what}, so it was not copied.`
}

/** A directory needs more than a copy of its bytes. */
function directoryText(version: Version, {storeDir, directory}: RestoreOptions): string {
  const stored = Buffer.concat([Buffer.from(`${storeDir}/`), storedAt(version)])
  const how = `cp -a ${shellWord(printable(stored))} ${shellWord(printable(directory))}`
  return `${printable(version.entry.path)} is a directory: copy it with ${how}`
}

/** Each one once, even if two paths lead to it. */
function versionsOf(histories: readonly PathHistory[]): Version[] {
  const all = histories.flatMap(({versions}) => versions)
  return [...new Map(all.map((one) => [storedAt(one).toString('latin1'), one])).values()]
}

/** Never replaces a file. Throws a CuraError if nothing can be copied, or the signal stops it. */
export async function restoreVersions(
  histories: readonly PathHistory[],
  options: RestoreOptions,
): Promise<RestoredVersions> {
  const directory = histories.find(
    ({versions}) => versions.length > 0 && versions.every(({entry}) => entry.type === 'directory'),
  )?.versions[0]
  if (directory !== undefined) throw new CuraError('usage', directoryText(directory, options))
  const nothing = histories.some(({versions}) => versions.length === 0)
  const versions = versionsOf(histories)
  const store = openStore(options.storeDir)
  const copied: Copied = {files: [], damaged: [], problems: [], isDamaged: false}
  try {
    if (versions.length > 0) await copyAll(store, versions, options, copied)
  } catch (error) {
    throw explain(
      error,
      options.signal,
      `${copied.files.length} of ${versions.length} versions were copied`,
    )
  } finally {
    store.close()
  }
  const incomplete = copied.problems.length > 0
  const {isDamaged, ...lists} = copied
  const error = isDamaged && ({error: 'damaged'} as const)
  return {...lists, exit: exitCode({nothing, incomplete, ...error})}
}

interface Copied {
  readonly files: string[]
  readonly damaged: string[]
  readonly problems: string[]
  isDamaged: boolean
}

async function copyAll(
  store: NativeStore,
  versions: readonly Version[],
  options: RestoreOptions,
  copied: Copied,
): Promise<void> {
  const {files, damaged, problems} = copied
  const {directory, signal} = options
  const to = {...options, directory: await makeTarget(store, directory)}
  const names = new VersionNames()
  const shown = (name: Buffer): string => printable(Buffer.concat([Buffer.from(`${directory}/`), name])) // prettier-ignore
  for (const version of versions) {
    const refused = refusal(version)
    if (refused !== null) {
      problems.push(refused)
      continue
    }
    signal.throwIfAborted()
    const base = names.next(version.last, version.entry.path)
    const target = Buffer.concat([Buffer.from(`${to.directory}/`), base])
    try {
      const made = await withLease(store, version.last, () =>
        copyVersion(store, version, target, to),
      )
      const name = shown(made.name.subarray(made.name.lastIndexOf('/') + 1))
      if (made.isRight) files.push(name)
      else {
        copied.isDamaged = true
        damaged.push(name)
        problems.push(`${name} is damaged: it differs from what was backed up.`)
      }
    } catch (error) {
      if (isStop(error, signal)) throw error
      if (error instanceof CuraError && error.code === 'damaged') copied.isDamaged = true
      problems.push(`${shown(base)} was not written: ${errorText(error)}`)
    }
  }
}
