// Where the suites work: a directory of their own, as root on filesystems of their own in memory.
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {isRoot, sh} from '../native/workshop.js'

const memory = '/dev/shm'

/** What makes each filesystem, small and without leaving work for later. */
const ext4 = [
  '48M',
  'mkfs.ext4',
  '-q',
  '-F',
  '-E',
  'lazy_itable_init=0,lazy_journal_init=0',
] as const
/** Without checksums, so that tune2fs gives it another UUID at once. */
const renamable = [...ext4, '-O', '^metadata_csum'] as const
const makers = {
  ext4,
  renamable,
  /** Inodes that have no room for parts of a second. */
  coarse: [...renamable, '-I', '128'],
  xfs: ['320M', 'mkfs.xfs', '-q', '-f'],
  btrfs: ['160M', 'mkfs.btrfs', '-q', '-f'],
} as const
export type Filesystem = keyof typeof makers

/** Of what withDisk mounts at `disk`. */
export const imageOf = (disk: string): string => join(disk, '..', 'image')

/** What is to be taken away should a signal end the suite, the last made first. */
const undos: Array<() => void> = []

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function undoAll(): void {
  for (const undo of undos.reverse()) undo()
  process.exit(1)
}

/** Calls `work`, and `undo` after it, come what may. */
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

/** Calls `work` with an empty directory in memory, where the system has that, and removes it. */
export async function withDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'cura-'))
  chmodSync(directory, 0o711) // for those who work here as another user
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

/** Whoever still looks into it, after an error, keeps it until he ends. */
export function unmount(directory: string): void {
  sh('sh', '-c', 'umount "$0" || umount --lazy "$0"', directory)
}

/** Calls `work` with a directory on a new filesystem; without root on whatever is there. */
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

/** Names of snapshots in a store, as `ls` shows them. */
export const shown = (store: string): string[] =>
  readdirSync(store)
    .filter((name) => !name.startsWith('.'))
    .sort()

/** What `ls` does not show in it and a run takes away again: the lock, and work in progress. */
export const hidden = (store: string): string[] =>
  readdirSync(store)
    .filter((name) => name.startsWith('.') && name !== '.backup_proofs')
    .sort()
