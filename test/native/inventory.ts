// What is below a directory, by a program that shares no code with the product: the one oracle.
import {spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

const program = fileURLToPath(new URL('inventory.py', import.meta.url))
/** The system's own starts faster than a wrapper that looks for versions. */
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
  /** The first path with this inode: equal values say that names share one inode. */
  readonly first: string
}

/** With what an inode has for itself, and a copy need not share. */
export interface WholeItem extends Item {
  readonly ctime_ns: string
  readonly names: number
  /** Of 512 bytes, on disk. */
  readonly blocks: number
  /** Where a file's data are, as [start, end]; between them are holes. */
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

/** Everything below each directory, depth first in the order of the names' bytes. */
export const inventories = (...directories: readonly string[]): Item[][] => itemsOf(directories)

/** The same, with all that can be told of the inodes. */
export const wholeInventories = (...directories: readonly string[]): WholeItem[][] =>
  itemsOf(['--whole', ...directories])

export const inventory = (directory: string): Item[] => inventories(directory)[0] ?? []

/** What a copy has in common with its original: all but the inode itself. */
export const contents = (items: readonly Item[]): object[] =>
  items.map((item) => ({...item, ino: undefined}))

/** Inode by path, of what is no directory. */
export function inodes(items: readonly Item[]): Map<string, string> {
  const files = items.filter(({type}) => type !== 'directory')
  return new Map(files.map(({path, ino}) => [path, ino]))
}

/** What another tool sees as different between two directories; empty when they are the same. */
export function rsyncDifferences(from: string, to: string): string {
  return run('rsync', ['-aHAXni', '--checksum', '--delete', `${from}/`, `${to}/`])
}
