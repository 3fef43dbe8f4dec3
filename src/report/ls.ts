// The output of ls: names, lines such as those of ls -l, and JSON.
import {pathJson, printable} from '../base/escape.js'
import {localTime, size} from '../base/units.js'
import type {StoredEntry} from '../native/native.js'
import type {Listing} from '../operations/ls.js'
import {table, type Align} from './table.js'

/** The path below what is listed; a single file has its own name. */
export function pathBelow(path: Buffer, {path: top}: Pick<Listing, 'path'>): Buffer {
  if (top === null) return path
  const length = Buffer.byteLength(top)
  return path.subarray(path.length > length ? length + 1 : path.lastIndexOf('/') + 1)
}

/** 0o4755 → 'rwsr-xr-x'. */
function permissions(mode: number): string {
  const has = (bits: number): boolean => (mode & bits) !== 0
  const special = [has(0o4000), has(0o2000), has(0o1000)]
  return [6, 3, 0]
    .map((shift, at) => {
      const runs = has(1 << shift)
      const letter = at === 2 ? 't' : 's'
      const last = special[at] === true ? (runs ? letter : letter.toUpperCase()) : runs ? 'x' : '-'
      return `${has(4 << shift) ? 'r' : '-'}${has(2 << shift) ? 'w' : '-'}${last}`
    })
    .join('')
}

const ownerText = ({uid, gid}: StoredEntry): string => `${uid ?? '?'}/${gid ?? '?'}`

/** The name, with a slash behind a directory, so that it can be distinguished from a file. */
const nameText = (entry: StoredEntry, listing: Listing): string =>
  `${printable(pathBelow(entry.path, listing))}${entry.type === 'directory' ? '/' : ''}`

/** '999.9 kB' is never longer. */
const sizeWidth = 7

const aligns: readonly Align[] = ['left', 'left', 'left', 'left', 'left']

function longRow(entry: StoredEntry, listing: Listing, ownerWidth: number): string[] {
  const {letter, mode, type, bytes, mtime_s, target} = entry
  const arrow = target === null ? '' : ` -> ${printable(target)}`
  return [
    letter + permissions(mode),
    ownerText(entry).padEnd(ownerWidth),
    (type === 'file' ? size(bytes) : '-').padStart(sizeWidth),
    localTime(mtime_s),
    nameText(entry, listing) + arrow,
  ]
}

type TextOf = (page: readonly StoredEntry[], listing: Listing) => string

/** Makes the text of each page in turn; the columns never become narrower. */
export function lsText(long: boolean): TextOf {
  let ownerWidth = 0
  return (page, listing) => {
    if (!long) return page.map((entry) => `${nameText(entry, listing)}\n`).join('')
    ownerWidth = Math.max(ownerWidth, ...page.map((entry) => ownerText(entry).length))
    const rows = page.map((entry) => longRow(entry, listing, ownerWidth))
    return table(rows, aligns)
      .map((line) => `${line}\n`)
      .join('')
  }
}

export function lsJson(entry: StoredEntry): object {
  const {type, mode, uid, gid, bytes, mtime, sha256} = entry
  const target = entry.target === null ? null : pathJson(entry.target)
  return {
    ...pathJson(entry.path),
    type,
    mode,
    uid,
    gid,
    size: bytes,
    mtime,
    sha256,
    target: target === null ? null : target.path,
    ...(target?.path_b64 !== undefined && {target_b64: target.path_b64}),
  }
}
