// Adds up the items of an rsync dry run into the numbers of a comparison.
import type {Change, ChangeKind, Comparison} from '../../native/native.js'
import type {Item} from './rsync-items.js'

/** The block size of most filesystems. */
export const block_bytes = 4096

type Counts = Pick<
  Comparison,
  'totals' | 'changes' | 'fileChanges' | 'directoryChanges' | 'need' | 'sources'
>
type Mutable<T> = {-readonly [key in keyof T]: T[key]}

const none: Readonly<Record<ChangeKind, number>> = {
  new: 0,
  changed: 0,
  metadata: 0,
  renamed: 0,
  deleted: 0,
}

const totalNames = {
  file: 'files',
  directory: 'directories',
  symlink: 'symlinks',
  special: 'specials',
} as const

/** A name in a source as a path in the snapshot. */
export function pathIn(source: string, name: string): Buffer {
  const top = Buffer.from(source)
  return name === '' ? top : Buffer.concat([top, Buffer.from(`/${name}`, 'latin1')])
}

export class RsyncTally {
  readonly changes: Change[] = []
  /** Entries that must not stay linked to the previous snapshot, and directories that change. */
  readonly differing: Buffer[] = []
  /**
   * Entries to remove from the linked copy, even if they are directories there. If another name of a
   * file replaces a directory, rsync reports it as changed, not as new.
   */
  readonly outdated: Buffer[] = []
  private readonly totals: Mutable<Comparison['totals']> = {
    files: 0,
    directories: 0,
    symlinks: 0,
    specials: 0,
    bytes: 0,
  }
  private readonly counts = {all: {...none}, files: {...none}, directories: {...none}}
  private readonly need = {bytes: 0, allocatedBytes: 0, inodes: 0}
  private readonly sources = new Map<string, {now: number; before: number}>()
  /** False while every difference may be a socket, because snapshots hold no sockets. */
  differs = false

  /** `isReason`: the item alone justifies a snapshot. `onDisk`: its bytes without holes, if known. */
  add(source: string, item: Item, isReason: boolean, onDisk = item.bytes): void {
    this.countEntry(source, item)
    const {name, type, kind, bytes, leader} = item
    if (kind !== 'deleted') {
      this.totals[totalNames[type]] += 1
      this.totals.bytes += bytes
    }
    if (kind === null) return
    this.differs ||= isReason
    const path = pathIn(source, name)
    this.addChange({kind, type, path, bytes})
    if (kind === 'deleted' || type !== 'directory') this.outdated.push(path)
    if (kind === 'deleted') return
    this.addNeed(item, onDisk)
    this.differing.push(path)
    if (leader !== null) this.differing.push(pathIn(source, leader))
  }

  private addChange(change: Change): void {
    this.counts.all[change.kind] += 1
    this.counts[change.type === 'directory' ? 'directories' : 'files'][change.kind] += 1
    this.changes.push(change)
  }

  /** Records a source that is carried over unchanged, whatever it contains. */
  carry(source: string): void {
    this.sources.set(source, {now: 1, before: 1})
  }

  /** The number of entries directly in a source. */
  entriesIn(source: string): number {
    return this.sources.get(source)?.now ?? 0
  }

  result(): Counts {
    const sources = [...this.sources].map(([name, numbers]) => ({name, ...numbers}))
    const {totals, need, counts} = this
    const {all: changes, files: fileChanges, directories: directoryChanges} = counts
    return {totals, changes, fileChanges, directoryChanges, need, sources}
  }

  private countEntry(source: string, {name, type, kind}: Item): void {
    const numbers = this.sources.get(source) ?? {now: 0, before: 0}
    this.sources.set(source, numbers)
    const isTop = name === '' && type !== 'directory' // a source that is a file
    if (!isTop && (name === '' || name.includes('/'))) return
    if (kind !== 'deleted') numbers.now += 1
    if (kind !== 'new') numbers.before += 1
  }

  private addNeed({type, kind, follows, bytes}: Item, onDisk: number): void {
    if (type === 'directory' ? kind !== 'new' : follows) return
    this.need.inodes += 1
    this.need.bytes += bytes
    this.need.allocatedBytes += Math.ceil(onDisk / block_bytes) * block_bytes
  }
}
