// The output of history: a table of versions, the paths of the stored versions, JSON.
import {pathJson, printable} from '../base/escape.js'
import {counted, localTime, size} from '../base/units.js'
import type {PathHistory, Version} from '../operations/history.js'
import type {RestoredVersions} from '../operations/restore-versions.js'
import {searchHint} from '../store/snapshot-path.js'
import {historyNote} from './find.js'
import {table, type Align} from './table.js'

const heading = ['First', 'Last', 'Size', 'Modified', 'Change'] as const
const aligns: readonly Align[] = ['left', 'left', 'right', 'left', 'left']

const row = ({first, last, entry, change}: Version): string[] => [
  first,
  last,
  entry.type === 'file' ? size(entry.bytes) : entry.type,
  localTime(entry.mtime_s),
  change,
]

/** Sentences about paths that no snapshot has. */
export const missingTexts = (histories: readonly PathHistory[]): string[] =>
  histories
    .filter(({versions}) => versions.length === 0)
    .map(({path}) => `no snapshot has ${printable(path)}; ${searchHint(path)}`)

/** 'Copied 3 versions into /home/ann/drafts.'; empty if none was copied. */
export function copiedText({files}: RestoredVersions, directory: string): string {
  const what = counted(files.length, 'version')
  return files.length === 0 ? '' : `Copied ${what} into ${printable(directory)}.\n`
}

/** The path, whether it is deleted, and a line for each version; empty if there is none. */
export function historyText({path, history, versions, deleted}: PathHistory): string {
  const state =
    deleted === null ? '' : `, deleted after ${deleted.after} and before ${deleted.before}`
  if (versions.length === 0) return ''
  const [head = '', ...rows] = table([heading, ...versions.map(row)], aligns)
  const lines = rows.flatMap((line, at) => {
    const other = versions[at]?.entry.path
    return other === undefined || other.equals(path) ? [line] : [line, `  as ${printable(other)}`]
  })
  return `${[`${printable(path)}${historyNote(path, history)}${state}`, head, ...lines].join('\n')}\n`
}

/** The path of each version in the store, raw and null-terminated. */
export const storedPaths = (storeDir: string, {versions}: PathHistory): Buffer =>
  Buffer.concat(
    versions.flatMap(({last, entry}) => [
      Buffer.from(`${storeDir}/${last}/`),
      entry.path,
      Buffer.from('\0'),
    ]),
  )

export const versionJson = ({first, last, snapshots, change, entry}: Version): object => ({
  first,
  last,
  snapshots,
  ...pathJson(entry.path),
  type: entry.type,
  size: entry.bytes,
  mtime: entry.mtime,
  sha256: entry.sha256,
  change,
})

export const historyJson = ({path, history, versions, deleted}: PathHistory): object => ({
  ...pathJson(path),
  history,
  versions: versions.map(versionJson),
  deleted,
})
