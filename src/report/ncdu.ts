// The export that `ncdu -f` reads: nested JSON lists, in which names are raw bytes.
import type {StoredEntry} from '../native/native.js'
import type {Listing} from '../operations/ls.js'
import {pathBelow} from './ls.js'

const slash = 0x2f

/** The type bits of st_mode by the letters of ls -l. */
const typeBits: Readonly<Record<string, number>> = {
  '-': 0o100000,
  d: 0o040000,
  l: 0o120000,
  p: 0o010000,
  c: 0o020000,
  b: 0o060000,
}

/** Bytes as Latin-1, as a JSON string with the same bytes. */
const quoted = (bytes: string): string =>
  `"${bytes.replace(
    // eslint-disable-next-line no-control-regex -- JSON does not allow them in strings
    /["\\\u0000-\u001f\u007f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}"`

/** ncdu counts an inode with several names once, if it knows that they are one inode. */
function linkFacts({linked, storedInode}: StoredEntry): object {
  const isKnown = linked && storedInode > 0 && Number.isSafeInteger(storedInode)
  return isKnown ? {ino: storedInode, hlnkc: true} : {}
}

/** Records have no space on disk, so the size stands for it. */
function item(entry: StoredEntry, name: string): string {
  const {letter, type, bytes, uid, gid, mode, mtime_s} = entry
  const facts = {
    asize: bytes,
    dsize: type === 'file' ? bytes : 0,
    ...linkFacts(entry),
    ...(uid !== null && {uid}),
    ...(gid !== null && {gid}),
    mode: (typeBits[letter] ?? 0) | mode,
    ...(mtime_s >= 0 && {mtime: mtime_s}),
    ...(type !== 'file' && type !== 'directory' && {notreg: true}),
  }
  return `{"name":${quoted(name)},${JSON.stringify(facts).slice(1)}`
}

function depthOf(path: Buffer): number {
  let depth = 0
  for (const byte of path) if (byte === slash) depth += 1
  return depth
}

interface Head {
  /** The whole path of the store. */
  readonly storeDir: string
  readonly version: string
  readonly now: Date
}

/** Makes the export piece by piece from entries in the order of their paths. */
export class NcduExport {
  /** How many directories are open below the top; -1 before the top is. */
  private depth = -1

  constructor(private readonly head: Head) {}

  page(entries: readonly StoredEntry[], listing: Listing): Buffer {
    return Buffer.from(
      this.top(listing) + entries.map((entry) => this.entry(entry, listing)).join(''),
      'latin1',
    )
  }

  /** The end, after all pages. */
  end(listing: Listing): Buffer {
    return Buffer.from(`${this.top(listing)}${']'.repeat(this.depth + 2)}\n`, 'latin1')
  }

  private top({snapshot, path}: Listing): string {
    if (this.depth >= 0) return ''
    this.depth = 0
    const {storeDir, version, now} = this.head
    const timestamp = Math.floor(now.getTime() / 1000)
    const program = JSON.stringify({progname: 'cura-te-ipsum', progver: version, timestamp})
    const name = `${storeDir}/${snapshot}${path === null ? '' : `/${path}`}`
    return `[1,2,${program},\n[{"name":${quoted(Buffer.from(name).toString('latin1'))},"dev":1}`
  }

  private entry(entry: StoredEntry, listing: Listing): string {
    const path = pathBelow(entry.path, listing)
    const closed = ']'.repeat(this.depth - depthOf(path))
    const name = path.subarray(path.lastIndexOf(slash) + 1).toString('latin1')
    const isDirectory = entry.type === 'directory'
    this.depth = depthOf(path) + Number(isDirectory)
    return `${closed},\n${isDirectory ? '[' : ''}${item(entry, name)}`
  }
}
