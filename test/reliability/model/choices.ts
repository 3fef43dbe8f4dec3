// Chooses the next edit from the seed, with names and values that have broken such tools.
import type {Random} from '../../native/manifests.js'
import {isRoot} from '../../native/workshop.js'
import {
  isBelow,
  parentOf,
  type Edit,
  type Fill,
  type Kind,
  type Lie,
  type SourceTree,
} from './source.js'

const names = [
  ...['a', 'b', 'c', 'd', 'e', 'file.txt', '-rf', ' x ', '\xff\xfe', '\xc3\xa9', 'nl\n', 'back\\'],
  ...['\x1b[2J', '.backup_finished', '.backup_delta', '.backup_manifest', '~', 'a=b', '*'],
  'long'.repeat(63),
]
const fileModes = [0o644, 0o600, 0o755, 0o4755, 0o2755, 0o1644, 0o400, 0o000, 0o777]
const directoryModes = [0o755, 0o700, 0o2775, 0o1777, 0o500, 0o000]
const owners = [0, 1, 7, 65534, 4_000_000_000]
const sizes = [0, 0, 1, 10, 100, 1000, 4095, 4096, 4097, 20_000, 65_537]

/** Approximately percentages. */
const kinds: ReadonlyArray<readonly [Kind, number]> = [
  ['file', 55],
  ['directory', 25],
  ['symlink', 12],
  ['fifo', 5],
  ['char', 3],
]

export const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)] as T

export function weighted<T>(random: Random, from: ReadonlyArray<readonly [T, number]>): T {
  let left = random(from.reduce((sum, [, share]) => sum + share, 0))
  return (from.find(([, share]) => (left -= share) < 0) ?? from[0])?.[0] as T
}

/** Random numbers for a seed. Adjacent seeds give unrelated numbers. */
export function scrambled(seed: number): number {
  const mixed = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b)
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 0
}

type Maker = (path: string, isHidden: boolean) => Edit[]

export interface Habits {
  /** Content may change while size and mtime stay. */
  readonly mayHide: boolean
  /** All files have one size, and all entries one mtime. */
  readonly isUniform: boolean
  /** Times are whole seconds, and end in 2038. */
  readonly isCoarse: boolean
}

const uniformSize = 1000
const uniformSecond = 1_700_000_000

export class EditChooser {
  #stamps = 0

  constructor(
    readonly tree: SourceTree,
    readonly random: Random,
    readonly habits: Habits,
  ) {}

  /** All non-empty files, once for each name. */
  filled(): string[] {
    const all = [...this.tree.paths]
    return all.filter(([, {kind, content}]) => kind === 'file' && content.length > 0).map(([path]) => path) // prettier-ignore
  }

  /** Changes some bytes of a file, so that only the ctime shows it. */
  hidden(): Edit[] {
    const files = this.filled()
    return files.length === 0 ? [] : [this.#write(pick(this.random, files), true)]
  }

  /** Changes to files that leave no trace. */
  lies(): Lie[] {
    const files = this.filled()
    if (files.length === 0) return []
    return Array.from({length: 1 + this.random(3)}, () => {
      const path = pick(this.random, files)
      const fill = {...this.#fill(), size: 1 << 20, sparse: false}
      const [rename] = this.random(4) === 0 ? [this.#rename(path)] : []
      return rename?.do === 'rename' ? {path, fill, rename} : {path, fill}
    })
  }

  /** The initial edits: make the sources, and an entry in each. */
  start(sources: readonly string[]): Edit[] {
    return sources.map((path) => this.#make(path, 'directory'))
  }

  /** One edit, or two that replace one entry by another. */
  next(): Edit[] {
    const {random, tree} = this
    const all = [...tree.paths.keys()].filter((path) => path.includes('/'))
    if (all.length < 6 || random(100) < 25) return [this.#make(this.#place(), this.#kind())]
    const path = pick(random, all)
    const {mayHide, isCoarse} = this.habits
    return weighted<Maker>(random, this.#makers)(path, mayHide && random(isCoarse ? 2 : 3) === 0)
  }

  readonly #makers: ReadonlyArray<readonly [Maker, number]> = [
    [(path) => [{do: 'remove', path, stamp: this.#stamp()}], 12],
    [(path) => this.#replacement(path), 8],
    [(path) => [this.#rename(path)], 14],
    [(path) => this.#swap(path), 5],
    [(path) => [{do: 'link', path: this.#place(), to: path, stamp: this.#stamp()}], 12],
    [(path, isHidden) => [this.#write(path, isHidden)], 18],
    [(path) => [{do: 'truncate', path, size: pick(this.random, sizes), stamp: this.#stamp()}], 4],
    [(path) => [{do: 'chmod', path, mode: this.#mode(this.#kindOf(path))}], 8],
    [(path) => [{do: 'chown', path, ...this.#owner()}], 6],
    [(path) => [{do: 'stamp', path, stamp: this.#stamp()}], 6],
    [(path) => [this.#xattr(path)], 10],
    // Deletes and recreates an entry, as editors and package managers do.
    [(path) => [this.#make(`${parentOf(path)}/new`, 'file'), this.#move(path)], 6],
  ]

  #kindOf(path: string): Kind {
    return this.tree.paths.get(path)?.kind ?? 'file'
  }

  #kind(): Kind {
    const kind = weighted(this.random, kinds)
    return kind === 'char' && !isRoot ? 'fifo' : kind
  }

  /** Never repeats a stamp, so that times are equal only on purpose. */
  #stamp(): string {
    const {random} = this
    const {isUniform, isCoarse} = this.habits
    if (isUniform) return `${uniformSecond}${isCoarse ? '000000000' : '123456789'}`
    this.#stamps += 1
    const far = isCoarse ? 2_000_000_000 : 4_000_000_000
    const second = pick(random, [1_700_000_000, 1_600_000_000, far, 5, -1_000_000])
    const sub_ns = random(3) === 0 || isCoarse ? 0 : random(1_000_000_000)
    return String(BigInt(second + this.#stamps * 3) * 1_000_000_000n + BigInt(sub_ns))
  }

  #mode(kind: Kind): number {
    const mode = pick(this.random, kind === 'directory' ? directoryModes : fileModes)
    return isRoot ? mode : mode | (kind === 'directory' ? 0o700 : 0o600)
  }

  #owner(): {uid: number; gid: number} {
    const {random} = this
    if (!isRoot) return {uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0}
    return {uid: pick(random, owners), gid: pick(random, owners)}
  }

  #fill(): Fill {
    const {random} = this
    if (this.habits.isUniform) return {seed: random(1 << 30), size: uniformSize, sparse: false}
    const sparse = random(12) === 0
    const size = sparse ? 200_000 + random(100_000) : pick(random, sizes)
    return {seed: random(1 << 30), size, sparse}
  }

  /** A path that may or may not exist, in some directory of a source. */
  #place(): string {
    const directories = [...this.tree.paths].filter(([, {kind}]) => kind === 'directory')
    const [above = ''] = pick(this.random, directories)
    const deep = above.split('/').length > 5
    return `${deep ? above.slice(0, above.indexOf('/')) : above}/${pick(this.random, names)}`
  }

  #make(path: string, kind: Kind): Edit {
    const owner = this.random(3) > 0 && isRoot ? {uid: 0, gid: 0} : this.#owner()
    const target = pick(this.random, ['nowhere', '.', '/etc/passwd', '\xff\n', 'x'.repeat(300)])
    const rest = {fill: this.#fill(), target, stamp: this.#stamp()}
    return {do: 'make', path, kind, mode: this.#mode(kind), ...owner, ...rest}
  }

  #replacement(path: string): Edit[] {
    const kind = this.#kindOf(path) === 'directory' ? 'file' : this.#kind()
    return [{do: 'remove', path, stamp: this.#stamp()}, this.#make(path, kind)]
  }

  #rename(path: string): Edit {
    const place = this.#place()
    // Half of the moves stay within the directory.
    const near = `${parentOf(path)}/${place.slice(place.lastIndexOf('/') + 1)}`
    const to = this.random(2) === 0 || isBelow(place, path) ? near : place
    return {do: 'rename', path, to, stamp: this.#stamp()}
  }

  /** Two files swap their names. */
  #swap(path: string): Edit[] {
    const files = [...this.tree.paths].filter(([, {kind}]) => kind === 'file')
    const [other = path] = files.length === 0 ? [] : pick(this.random, files)
    const aside = `${parentOf(path)}/aside`
    const steps = [
      [path, aside],
      [other, path],
      [aside, other],
    ] as const
    if (this.#kindOf(path) !== 'file' || this.tree.paths.get(other) === this.tree.paths.get(path)) {
      return []
    }
    return steps.map(([from, to]) => ({do: 'rename', path: from, to, stamp: this.#stamp()}))
  }

  /** The new file replaces an old one. */
  #move(path: string): Edit {
    return {do: 'rename', path: `${parentOf(path)}/new`, to: path, stamp: this.#stamp()}
  }

  #write(path: string, isHidden: boolean): Edit {
    const {random} = this
    const length = this.tree.paths.get(path)?.content.length ?? 0
    const fill = this.#fill()
    if (isHidden) {
      const size = Math.min(length, 50)
      const at = random(length - size + 1)
      return {do: 'write', path, at, fill: {...fill, size, sparse: false}, stamp: null}
    }
    const at = random(2) === 0 && !this.habits.isUniform ? length : 0
    return {do: 'write', path, at, fill: {...fill, sparse: false}, stamp: this.#stamp()}
  }

  #xattr(path: string): Edit {
    const {random, tree} = this
    const inode = tree.paths.get(path)
    const has = [...(inode?.xattrs.keys() ?? [])]
    if (has.length > 0 && random(3) === 0) return {do: 'removexattr', path, key: pick(random, has)}
    const isPlain = inode?.kind === 'file' || inode?.kind === 'directory'
    if (!isRoot && !isPlain) return {do: 'stamp', path, stamp: this.#stamp()}
    const keys = ['trusted.x', ...(isPlain ? ['user.a', 'user.b', 'user.name with spaces'] : [])]
    const key = pick(random, isRoot ? keys : keys.slice(1))
    return {do: 'setxattr', path, key, value: pick(random, ['', '1', '\x00\xff', 'v'.repeat(200)])}
  }
}
