// Where the suites work: a directory of their own, and as root filesystems in memory.
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {isRoot, sh} from '../native/workshop.js'

const memory = '/dev/shm'

/** The options of each filesystem, small and without deferred work. */
const ext4 = [
  '48M',
  'mkfs.ext4',
  '-q',
  '-F',
  '-E',
  'lazy_itable_init=0,lazy_journal_init=0',
] as const
/** Without checksums, so that tune2fs can change the UUID immediately. */
const renamable = [...ext4, '-O', '^metadata_csum'] as const
const makers = {
  ext4,
  renamable,
  /** Inodes without room for fractions of a second. */
  coarse: [...renamable, '-I', '128'],
  xfs: ['320M', 'mkfs.xfs', '-q', '-f'],
  btrfs: ['160M', 'mkfs.btrfs', '-q', '-f'],
} as const
export type Filesystem = keyof typeof makers

/** The image that withDisk mounts at `disk`. */
export const imageOf = (disk: string): string => join(disk, '..', 'image')

/** The cleanup if a signal ends the suite, last made first. */
const undos: Array<() => void> = []

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function undoAll(): void {
  for (const undo of undos.reverse()) undo()
  process.exit(1)
}

/** Calls `work`, and always calls `undo` afterwards. */
export async function withUndo<T>(undo: () => void, work: () => Promise<T>): Promise<T> {
  if (undos.length === 0) for (const name of signals) process.on(name, undoAll)
  undos.push(undo)
  try {
    return await work()
  } finally {
    undos.pop()
    if (undos.length === 0) for (const name of signals) process.off(name, undoAll)
    undo()
  }
}

/** Calls `work` with an empty directory, in memory if possible, and removes it. */
export async function withDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'cura-'))
  chmodSync(directory, 0o711) // other users work below it
  const remove = (): void => {
    rmSync(directory, {recursive: true, force: true})
  }
  return withUndo(remove, () => work(directory))
}

/** Makes a filesystem in a new file. */
export function makeImage(image: string, filesystem: Filesystem): void {
  const [size, command, ...flags] = makers[filesystem]
  sh('truncate', '-s', size, image)
  sh(command, ...flags, image)
}

export function mountImage(image: string, directory: string): void {
  mkdirSync(directory, {recursive: true})
  sh('mount', '-o', 'loop', image, directory)
}

/** Unmounts lazily, because after an error a process may still use it. */
export function unmount(directory: string): void {
  sh('sh', '-c', 'umount "$0" || umount --lazy "$0"', directory)
}

/** Calls `work` with a directory on a new filesystem, or without root on the existing one. */
export async function withDisk<T>(
  filesystem: Filesystem,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  return withDirectory(async (directory) => {
    const disk = join(directory, 'disk')
    if (!isRoot) {
      mkdirSync(disk)
      return work(disk)
    }
    makeImage(imageOf(disk), filesystem)
    mountImage(imageOf(disk), disk)
    const undo = (): void => {
      unmount(disk)
    }
    return withUndo(undo, () => work(disk))
  })
}

/** The snapshots in a store, as `ls` shows them. */
export const shown = (store: string): string[] =>
  readdirSync(store)
    .filter((name) => !name.startsWith('.'))
    .sort()

/** Hidden names that a run removes again: the lock, and work in progress. */
export const hidden = (store: string): string[] =>
  readdirSync(store)
    .filter((name) => name.startsWith('.') && !['.backup_proofs', '.backups_state'].includes(name))
    .sort()
