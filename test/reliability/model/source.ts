// The source in the model: a map from paths to inodes, changed by the same edits as the tree on
// disk, and never read from there. Paths, targets and values are bytes as Latin-1.
import type {DiskEdit} from './editor.js'

export type Kind = 'file' | 'directory' | 'symlink' | 'fifo' | 'char'

export interface Inode {
  readonly kind: Kind
  readonly target: string
  readonly xattrs: Map<string, string>
  mode: number
  uid: number
  gid: number
  mtime_ns: string
  content: Buffer
  /** Changes whenever anything that a snapshot keeps has changed. */
  version: number
}

/** Bytes derived from a number. A sparse content has some in its middle and at its end only. */
export interface Fill {
  readonly seed: number
  readonly size: number
  readonly sparse: boolean
}

interface Base {
  readonly path: string
}

/** `stamp`: the new mtime of the inode, or of the directory whose entries change. */
export type Edit =
  | (Base & {
      readonly do: 'make'
      readonly kind: Kind
      readonly mode: number
      readonly uid: number
      readonly gid: number
      readonly fill: Fill
      readonly target: string
      readonly stamp: string
    })
  | (Base & {readonly do: 'link'; readonly to: string; readonly stamp: string})
  | (Base & {readonly do: 'rename'; readonly to: string; readonly stamp: string})
  | (Base & {readonly do: 'remove'; readonly stamp: string})
  | (Base & {readonly do: 'stamp'; readonly stamp: string})
  /** Without a stamp its mtime is restored, so that only the ctime shows the change. */
  | (Base & {readonly do: 'write'; readonly at: number; readonly fill: Fill; stamp: string | null})
  | (Base & {readonly do: 'truncate'; readonly size: number; readonly stamp: string})
  | (Base & {readonly do: 'chmod'; readonly mode: number})
  | (Base & {readonly do: 'chown'; readonly uid: number; readonly gid: number})
  | (Base & {readonly do: 'setxattr'; readonly key: string; readonly value: string})
  | (Base & {readonly do: 'removexattr'; readonly key: string})

/** Changes the content, and perhaps the name, while size, mtime, ctime and inode number stay. */
export interface Lie {
  readonly path: string
  /** Truncated to the size of the file. */
  readonly fill: Fill
  readonly rename?: Edit & {readonly do: 'rename'}
}

/** The form that editor.py takes. */
export interface DiskLie {
  readonly path: string
  readonly pieces: ReadonlyArray<readonly [offset: number, bytes: string]>
  readonly rename?: DiskEdit
}

export const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0))
export const isBelow = (path: string, directory: string): boolean =>
  path.startsWith(`${directory}/`)

type Piece = [offset: number, bytes: string]

function piecesOf({seed, size, sparse}: Fill): Piece[] {
  const bytes = Buffer.alloc(sparse ? Math.min(size, 100) : size)
  let state = seed
  for (let i = 0; i < bytes.length; i += 1) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[i] = state >>> 24
  }
  const text = bytes.toString('latin1')
  if (!sparse) return [[0, text]]
  return [
    [Math.floor((size - bytes.length) / 2), text],
    [size - bytes.length, text],
  ]
}

function written(content: Buffer, at: number, fill: Fill): Buffer {
  const all = Buffer.alloc(Math.max(content.length, at + fill.size))
  content.copy(all)
  for (const [offset, piece] of piecesOf(fill)) all.write(piece, at + offset, 'latin1')
  return all
}

export class SourceTree {
  readonly paths = new Map<string, Inode>()

  /** Makes an edit in the model, and returns the steps on disk, or null if it is not possible. */
  apply(edit: Edit): DiskEdit | null {
    const done = this.#do(edit)
    if (done === null) return null
    const changed = [...new Set(done)].flatMap((path) => {
      const inode = this.paths.get(path)
      return inode === undefined ? [] : [[path, inode.mtime_ns] as const]
    })
    return {...edit, ...this.#onDisk(edit), stamps: changed}
  }

  /** Returns null if there is no such file. */
  lie({path, fill, rename}: Lie): DiskLie | null {
    const inode = this.paths.get(path)
    if (inode?.kind !== 'file' || inode.content.length === 0) return null
    const whole = {...fill, size: inode.content.length, sparse: false}
    inode.content = written(inode.content, 0, whole)
    inode.version += 1
    const renamed = rename === undefined ? null : this.apply(rename)
    const pieces = piecesOf(whole)
    return renamed === null ? {path, pieces} : {path, pieces, rename: renamed}
  }

  /** Everything below a directory, at any depth. */
  below(directory: string): string[] {
    return [...this.paths.keys()].filter((path) => isBelow(path, directory))
  }

  /** Returns the paths whose times must be set, or null. */
  #do(edit: Edit): string[] | null {
    switch (edit.do) {
      case 'make':
        return this.#make(edit)
      case 'link':
        return this.#link(edit)
      case 'rename':
        return this.#rename(edit)
      case 'remove':
        return this.#remove(edit)
      case 'write':
      case 'truncate':
      case 'chmod':
      case 'chown':
      case 'stamp':
      case 'setxattr':
      case 'removexattr':
        return this.#change(edit)
    }
  }

  #onDisk(edit: Edit): object {
    if (edit.do === 'make' && edit.kind === 'file') {
      return {pieces: piecesOf(edit.fill), size: edit.fill.size}
    }
    if (edit.do === 'write') {
      return {pieces: piecesOf(edit.fill).map(([offset, piece]) => [edit.at + offset, piece])}
    }
    const inode = this.paths.get(edit.path)
    return edit.do === 'chown' && inode?.kind !== 'symlink' ? {mode: inode?.mode} : {}
  }

  /** The directories in which names were added or removed. */
  #touch(stamp: string, ...paths: readonly string[]): string[] {
    for (const path of paths) {
      const inode = this.paths.get(path)
      if (inode === undefined) continue
      inode.mtime_ns = stamp
      inode.version += 1
    }
    return [...paths]
  }

  #hasPlaceFor(path: string): boolean {
    const above = parentOf(path)
    return above === '' || this.paths.get(above)?.kind === 'directory'
  }

  #make(edit: Edit & {do: 'make'}): string[] | null {
    const {path, kind, mode, uid, gid, fill, target, stamp} = edit
    if (this.paths.has(path) || !this.#hasPlaceFor(path)) return null
    const content = kind === 'file' ? written(Buffer.alloc(0), 0, fill) : Buffer.alloc(0)
    const facts = {uid, gid, mtime_ns: stamp, content, target: kind === 'symlink' ? target : ''}
    const inode = {kind, mode: kind === 'symlink' ? 0o777 : mode, xattrs: new Map(), version: 0}
    this.paths.set(path, {...inode, ...facts})
    return [path, ...this.#touch(stamp, parentOf(path))]
  }

  #link({path, to, stamp}: Edit & {do: 'link' | 'rename'}): string[] | null {
    const inode = this.paths.get(to)
    const isPossible = inode !== undefined && inode.kind !== 'directory' && !this.paths.has(path)
    if (!isPossible || !this.#hasPlaceFor(path)) return null
    this.paths.set(path, inode)
    return this.#touch(stamp, parentOf(path))
  }

  #rename({path, to, stamp}: Edit & {do: 'link' | 'rename'}): string[] | null {
    const inode = this.paths.get(path)
    if (inode === undefined || path === to || isBelow(to, path)) return null
    if (!this.#hasPlaceFor(to) || isBelow(path, to)) return null
    const there = this.paths.get(to)
    if (there !== undefined) {
      // Renaming one name of an inode to another does nothing.
      if (there === inode || there.kind === 'directory' || inode.kind === 'directory') return null
    }
    for (const name of [path, ...this.below(path)]) {
      const moved = this.paths.get(name)
      this.paths.delete(name)
      if (moved !== undefined) this.paths.set(to + name.slice(path.length), moved)
    }
    return [to, ...this.#touch(stamp, parentOf(path), parentOf(to))]
  }

  #remove({path, stamp}: Edit & {do: 'remove'}): string[] | null {
    if (!this.paths.has(path) || parentOf(path) === '') return null
    for (const name of [path, ...this.below(path)]) this.paths.delete(name)
    return this.#touch(stamp, parentOf(path))
  }

  #change(edit: Exclude<Edit, {do: 'make' | 'link' | 'rename' | 'remove'}>): string[] | null {
    const inode = this.paths.get(edit.path)
    if (inode === undefined) return null
    switch (edit.do) {
      case 'write':
      case 'truncate':
        if (inode.kind !== 'file') return null
        if (edit.do === 'write') inode.content = written(inode.content, edit.at, edit.fill)
        else inode.content = written(inode.content.subarray(0, edit.size), edit.size, nothing)
        break
      case 'chmod':
        if (inode.kind === 'symlink') return null
        inode.mode = edit.mode
        break
      case 'chown':
        inode.uid = edit.uid
        inode.gid = edit.gid
        break
      case 'setxattr':
        // The kernel allows user attributes only on files and directories.
        if (edit.key.startsWith('user.') && !['file', 'directory'].includes(inode.kind)) return null
        inode.xattrs.set(edit.key, edit.value)
        break
      case 'removexattr':
        if (!inode.xattrs.delete(edit.key)) return null
        break
      case 'stamp':
    }
    if ('stamp' in edit && edit.stamp !== null) inode.mtime_ns = edit.stamp
    inode.version += 1
    return [edit.path]
  }
}

const nothing: Fill = {seed: 0, size: 0, sparse: false}
