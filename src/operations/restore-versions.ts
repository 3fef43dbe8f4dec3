// Copies every version of a file out of the snapshots, for history --restore-all.
import {createHash} from 'node:crypto'
import {constants} from 'node:fs'
import {lutimes, mkdir, open, readlink, realpath, symlink, type FileHandle} from 'node:fs/promises'
import {CuraError} from '../base/errors.js'
import {exitCode} from '../base/exit-code.js'
import {printable} from '../base/escape.js'
import {errorText} from '../native/failure.js'
import type {NativeStore} from '../native/native.js'
import {withLease} from '../store/lease.js'
import {openStore} from '../store/store.js'
import type {PathHistory, Version} from './history.js'

export interface RestoredVersions {
  /** The names of the new files. */
  readonly files: readonly string[]
  /** Sentences about versions that were not copied. */
  readonly problems: readonly string[]
  readonly exit: number
}

const piece_bytes = 1 << 20

/** Copies the bytes, and returns their digest. */
async function copy(from: FileHandle, to: FileHandle): Promise<string> {
  const hash = createHash('sha256')
  const piece = Buffer.alloc(piece_bytes)
  for (;;) {
    const {bytesRead} = await from.read(piece, 0, piece.length)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(piece.subarray(0, bytesRead))
    await to.writeFile(piece.subarray(0, bytesRead))
  }
}

/** '2026-11-22_10-00-00_letter.txt' */
function nameOf({last, entry: {path}}: Version): Buffer {
  return Buffer.concat([Buffer.from(`${last}_`), path.subarray(path.lastIndexOf('/') + 1)])
}

const storedPath = (storeDir: string, {last, entry}: Version): Buffer =>
  Buffer.concat([Buffer.from(`${storeDir}/${last}/`), entry.path])

/** Makes a symlink with the same target, and returns whether it is the recorded one. */
async function copyLink(storeDir: string, version: Version, target: Buffer): Promise<boolean> {
  const {entry} = version
  const text = await readlink(storedPath(storeDir, version), 'buffer')
  await symlink(text, target)
  await lutimes(target, entry.mtime_s, entry.mtime_s)
  return entry.target === null || entry.target.equals(text)
}

/** Returns whether the copy is what was backed up. */
async function copyVersion(storeDir: string, version: Version, target: Buffer): Promise<boolean> {
  const {entry} = version
  if (entry.type === 'symlink') return copyLink(storeDir, version, target)
  const stored = storedPath(storeDir, version)
  const from = await open(stored, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const to = await open(target, 'wx', entry.mode & 0o777)
    try {
      const sha256 = await copy(from, to)
      await to.utimes(entry.mtime_s, entry.mtime_s)
      return entry.sha256 === null || entry.sha256 === sha256
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}

async function makeTarget(storeDir: string, directory: string): Promise<void> {
  await mkdir(directory, {recursive: true})
  const [store, target] = [await realpath(storeDir), await realpath(directory)]
  if (target !== store && !target.startsWith(`${store}/`)) return
  throw new CuraError(
    'usage',
    `${printable(directory)} lies in the store: choose another directory`,
  )
}

const quoted = (path: Buffer | string): string => {
  const text = printable(path)
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** A directory needs more than a copy of its bytes. */
function refuseDirectories(
  storeDir: string,
  histories: readonly PathHistory[],
  directory: string,
): void {
  for (const {versions} of histories) {
    const [newest] = versions
    if (newest?.entry.type !== 'directory') continue
    const copying = `cp -a ${quoted(storedPath(storeDir, newest))} ${quoted(directory)}`
    throw new CuraError(
      'usage',
      `${printable(newest.entry.path)} is a directory: copy it with ${copying}`,
    )
  }
}

/**
 * Copies files and symlinks, and never replaces one. Throws a CuraError if a path is a directory, or
 * the target cannot be made.
 */
export async function restoreVersions(
  storeDir: string,
  histories: readonly PathHistory[],
  directory: string,
): Promise<RestoredVersions> {
  refuseDirectories(storeDir, histories, directory)
  await makeTarget(storeDir, directory).catch((error: unknown) => {
    if (error instanceof CuraError) throw error
    throw new CuraError('failed', `cannot make ${printable(directory)}: ${errorText(error)}`)
  })
  const store = openStore(storeDir)
  try {
    const copies = new Copies(store, storeDir, directory)
    for (const version of histories.flatMap((one) => one.versions)) await copies.add(version)
    return copies.result()
  } finally {
    store.close()
  }
}

class Copies {
  private readonly files: string[] = []
  private readonly problems: string[] = []
  private damaged = false

  constructor(
    private readonly store: NativeStore,
    private readonly storeDir: string,
    private readonly directory: string,
  ) {}

  async add(version: Version): Promise<void> {
    const {last, entry} = version
    if (entry.type !== 'file' && entry.type !== 'symlink') {
      const what = entry.type === 'directory' ? 'a directory' : 'a special file'
      this.problems.push(`${printable(entry.path)} in ${last} is ${what}, so it was not copied.`)
      return
    }
    const target = Buffer.concat([Buffer.from(`${this.directory}/`), nameOf(version)])
    try {
      const isRight = await withLease(this.store, last, () =>
        copyVersion(this.storeDir, version, target),
      )
      this.files.push(printable(target))
      if (isRight) return
      this.damaged = true
      this.problems.push(`${printable(target)} is damaged: it differs from what was backed up.`)
    } catch (error) {
      this.problems.push(`${printable(target)} was not written: ${errorText(error)}`)
    }
  }

  result(): RestoredVersions {
    const {files, problems, damaged} = this
    const incomplete = problems.length > 0
    return {files, problems, exit: exitCode({incomplete, ...(damaged && {error: 'damaged'})})}
  }
}
