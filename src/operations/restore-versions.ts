// Copies every version of a file out of the snapshots, for history --restore-all.
import {createHash} from 'node:crypto'
import {constants} from 'node:fs'
import {mkdir, open, realpath, type FileHandle} from 'node:fs/promises'
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

async function copyVersion(storeDir: string, version: Version, target: Buffer): Promise<boolean> {
  const {last, entry} = version
  const stored = Buffer.concat([Buffer.from(`${storeDir}/${last}/`), entry.path])
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

/** Never replaces a file. Throws a CuraError if the directory cannot be made. */
export async function restoreVersions(
  storeDir: string,
  histories: readonly PathHistory[],
  directory: string,
): Promise<RestoredVersions> {
  await makeTarget(storeDir, directory).catch((error: unknown) => {
    if (error instanceof CuraError) throw error
    throw new CuraError('failed', `cannot make ${printable(directory)}: ${errorText(error)}`)
  })
  const store = openStore(storeDir)
  try {
    return await copyAll(store, storeDir, histories, directory)
  } finally {
    store.close()
  }
}

async function copyAll(
  store: NativeStore,
  storeDir: string,
  histories: readonly PathHistory[],
  directory: string,
): Promise<RestoredVersions> {
  const files: string[] = []
  const problems: string[] = []
  let damaged = false
  const versions = histories.flatMap((one) => one.versions)
  for (const version of versions.filter(({entry}) => entry.type === 'file')) {
    const target = Buffer.concat([Buffer.from(`${directory}/`), nameOf(version)])
    try {
      const isRight = await withLease(store, version.last, () =>
        copyVersion(storeDir, version, target),
      )
      files.push(printable(target))
      if (isRight) continue
      damaged = true
      problems.push(`${printable(target)} is damaged: it differs from what was backed up.`)
    } catch (error) {
      problems.push(`${printable(target)} was not written: ${errorText(error)}`)
    }
  }
  const incomplete = problems.length > 0
  const exit = exitCode({incomplete, ...(damaged && {error: 'damaged'})})
  return {files, problems, exit}
}
