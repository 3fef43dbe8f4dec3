// Lists a tree with a program that shares no code with the product, as the only oracle.
import {spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

const program = fileURLToPath(new URL('inventory.py', import.meta.url))
/** The system's own Python starts faster than a wrapper that selects versions. */
export const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'
const outputLimit_bytes = 1024 * 1024 * 1024

/** Names, targets and attribute values are bytes, read as Latin-1. */
export interface Item {
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink' | 'fifo' | 'char' | 'block' | 'socket'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime_ns: string
  readonly rdev: number
  readonly target: string
  readonly xattrs: Readonly<Record<string, string>>
  readonly sha256: string
  readonly ino: string
  /** The first path with this inode. Equal values mean that names share one inode. */
  readonly first: string
}

/** With the properties of the inode that a copy need not share. */
export interface WholeItem extends Item {
  readonly ctime_ns: string
  readonly names: number
  /** On disk, of 512 bytes each. */
  readonly blocks: number
  /** The data of a file as [start, end]. Between the extents are holes. */
  readonly extents: ReadonlyArray<readonly [number, number]>
}

function run(command: string, args: readonly string[]): string {
  const {status, stdout, stderr} = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: outputLimit_bytes,
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

function itemsOf<Kind extends Item>(args: readonly string[]): Kind[][] {
  const lines = run(python, ['-I', '-S', program, ...args]).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Kind[])
}

/** Lists everything below each directory, depth first in the order of the names' bytes. */
export const inventories = (...directories: readonly string[]): Item[][] => itemsOf(directories)

/** The same, with all properties of the inodes. */
export const wholeInventories = (...directories: readonly string[]): WholeItem[][] =>
  itemsOf(['--whole', ...directories])

export const inventory = (directory: string): Item[] => inventories(directory)[0] ?? []

/** The properties that a copy shares with its original: all except the inode itself. */
export const contents = (items: readonly Item[]): object[] =>
  items.map((item) => ({...item, ino: undefined}))

/** Maps paths to inodes, except for directories. */
export function inodes(items: readonly Item[]): Map<string, string> {
  const files = items.filter(({type}) => type !== 'directory')
  return new Map(files.map(({path, ino}) => [path, ino]))
}

/** The differences between two directories according to rsync; empty if there are none. */
export function rsyncDifferences(from: string, to: string): string {
  return run('rsync', ['-aHAXni', '--checksum', '--delete', `${from}/`, `${to}/`])
}
