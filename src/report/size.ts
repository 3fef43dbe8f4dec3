// The output of size: a table, the costliest paths, sentences about the set and the store, and JSON.
import {pathJson, printable} from '../base/escape.js'
import {count, counted, size} from '../base/units.js'
import type {Freed, SpaceUse} from '../native/native.js'
import type {SizeResult} from '../operations/size.js'
import {lines} from './backup.js'
import {table, type Align} from './table.js'

type Measured = SizeResult['snapshots'][number]
type Costly = SpaceUse['top'][number]

const heading = ['Snapshot', 'Files', 'Size', 'Frees', 'Inodes'] as const
const aligns: readonly Align[] = ['left', 'right', 'right', 'right', 'right']

/** What removing each snapshot alone frees, the newest last. */
export function sizeTable(snapshots: readonly Measured[]): string {
  const rows = snapshots.map(({name, files, bytes, alone}) => [
    name,
    count(files),
    size(bytes),
    size(alone.bytes),
    count(alone.inodes),
  ])
  return lines(table([heading, ...rows.reverse()], aligns))
}

const amount = ({bytes, inodes}: Pick<Freed, 'bytes' | 'inodes'>): string =>
  `${size(bytes)} and ${counted(inodes, 'inode')}`

function foreignLines({foreignBytes, foreignInodes}: Freed): string[] {
  if (foreignInodes === 0) return []
  const stay = foreignInodes === 1 ? 'stays, because it has' : 'stay, because they have'
  const what = `${counted(foreignInodes, 'more inode')} (${size(foreignBytes)})`
  return [`${what} ${stay} hardlinks elsewhere.`]
}

function topLines(top: readonly Costly[]): string[] {
  if (top.length === 0) return []
  const rows = top.map(({path, bytes, inodes}) => [size(bytes), count(inodes), printable(path)])
  return ['', ...table([['Frees', 'Versions', 'Path'], ...rows], ['right', 'right', 'left'])]
}

function occupiedText(store: SizeResult['store']): string {
  if (store.snapshots === 1) return `The only snapshot occupies ${amount(store)}.`
  return `All ${counted(store.snapshots, 'snapshot')} together occupy ${amount(store)}.`
}

/** What follows the table. */
export function sizeText({set, store, isChosen, top}: SizeResult): string {
  const what =
    set.names.length === 1 ? set.names.join('') : `these ${counted(set.names.length, 'snapshot')}`
  const sentence = isChosen ? `Removing ${what} frees ${amount(set)}.` : occupiedText(store)
  return lines([...topLines(top), '', sentence, ...foreignLines(set)])
}

export const sizeItemJson = ({name, files, bytes, alone}: Measured): object => ({
  name,
  files,
  bytes,
  exclusive_bytes: alone.bytes,
  exclusive_inodes: alone.inodes,
  foreign_bytes: alone.foreignBytes,
  foreign_inodes: alone.foreignInodes,
})

export const sizeJson = ({storeDir, set, store, top, warnings}: SizeResult): object => ({
  store: storeDir,
  store_bytes: store.bytes,
  store_inodes: store.inodes,
  set: {
    names: set.names,
    freed_bytes: set.bytes,
    freed_inodes: set.inodes,
    foreign_bytes: set.foreignBytes,
    foreign_inodes: set.foreignInodes,
  },
  top: top.map(({path, bytes, inodes}) => ({...pathJson(path), bytes, versions: inodes})),
  warnings,
})
