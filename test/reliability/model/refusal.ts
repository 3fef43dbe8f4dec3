// Refusals of single operations by a store: which call fails, with which error, and what the stored
// tree may then lack. The manifest keeps the true value, so no later run sees a change.
import type {constants} from 'node:os'
import type {Item} from '../../native/inventory.js'
import type {Frozen, Tree} from './snapshots.js'
import {treeOf} from './judgement.js'

/** What may differ on disk. `entry`: a symlink that is only in the manifest. */
type Loss = 'mode' | 'owner' | 'time' | 'xattrs' | 'entry'

interface Refusal {
  /** The name of the call in the seam. */
  readonly call: string
  /** `short`: the call reports success after half of the work. */
  readonly errors: ReadonlyArray<keyof typeof constants.errno | 'short'>
  readonly loses: readonly Loss[]
}

const usual = ['EPERM', 'EOPNOTSUPP', 'EINVAL', 'EACCES'] as const

/** By name, because operations are data. To disable a refusal, remove its line. */
export const refusals = {
  clone: {
    call: 'ficlone',
    errors: ['EINVAL', 'EXDEV', 'EAGAIN', 'EOPNOTSUPP', 'ETXTBSY', 'EPERM', 'ENOTTY'],
    loses: [],
  },
  'clone comes out short': {call: 'ficlone', errors: ['short'], loses: []},
  mode: {call: 'fchmod', errors: usual, loses: ['mode']},
  'mode by name': {call: 'chmod', errors: usual, loses: ['mode']},
  // A program must not gain the rights of the user who runs the backup.
  owner: {call: 'fchown', errors: usual, loses: ['owner', 'mode']},
  'owner by name': {call: 'fchownat', errors: usual, loses: ['owner']},
  xattrs: {call: 'fsetxattr', errors: usual, loses: ['xattrs']},
  'xattrs by name': {call: 'lsetxattr', errors: usual, loses: ['xattrs']},
  time: {call: 'futimens', errors: usual, loses: ['time']},
  'time by name': {call: 'utimensat', errors: usual, loses: ['time']},
  symlink: {call: 'symlinkat', errors: ['EPERM', 'EOPNOTSUPP'], loses: ['entry']},
  sync: {call: 'fsync', errors: ['EINVAL', 'EOPNOTSUPP'], loses: []},
} as const satisfies Record<string, Refusal>

export type RefusalName = keyof typeof refusals

export const refusalNames = Object.keys(refusals) as RefusalName[]

/** The places in an entry's text of what may be lost; see textOf. */
const places: Readonly<Record<Exclude<Loss, 'entry'>, readonly number[]>> = {
  mode: [1],
  owner: [2, 3],
  time: [5],
  xattrs: [8],
}

function without(text: string, losses: ReadonlySet<Loss>): string {
  const facts = JSON.parse(text) as unknown[]
  for (const [loss, indexes] of Object.entries(places)) {
    if (losses.has(loss as Loss)) for (const index of indexes) facts[index] = null
  }
  return JSON.stringify(facts)
}

/** The text of an entry whose inode has only those of its names that are in `found`. */
function withNames(text: string, found: Tree): string {
  const facts = JSON.parse(text) as unknown[]
  const names = String(facts.pop())
    .split('\0')
    .filter((path) => found.has(path))
  return JSON.stringify([...facts, names.length > 1 ? names.join('\0') : ''])
}

/**
 * The losses in one world. Inodes of the store keep them, and later snapshots link to those inodes.
 */
export class Losses {
  readonly #byInode = new Map<string, ReadonlySet<Loss>>()
  #mayLack = false

  get isEmpty(): boolean {
    return this.#byInode.size === 0 && !this.#mayLack
  }

  /** The tree expected on disk: the truth, except for what the run of each inode was refused. */
  relaxed(truth: Tree, items: readonly Item[], refused: RefusalName | null): Tree {
    const now = new Set<Loss>(refused === null ? [] : refusals[refused].loses)
    this.#mayLack ||= now.has('entry')
    if (this.isEmpty && now.size === 0) return truth
    const found = treeOf(items)
    const inodes = new Map(items.map(({path, ino}) => [path, ino]))
    const relaxed = new Map<string, Frozen>()
    const mayLack = ({text}: Frozen) => this.#mayLack && text.startsWith('["symlink"')
    for (const [path, entry] of truth) {
      const stored = found.get(path)
      if (stored === undefined) {
        if (!mayLack(entry)) relaxed.set(path, entry)
        continue
      }
      const ino = inodes.get(path) ?? ''
      const losses = new Set([...now, ...(this.#byInode.get(ino) ?? [])])
      const wanted = mayLack(entry) ? withNames(entry.text, found) : entry.text
      const isSame = without(stored.text, losses) === without(wanted, losses)
      relaxed.set(path, isSame ? {...entry, text: stored.text} : entry)
      if (isSame && stored.text !== entry.text) this.#byInode.set(ino, losses)
    }
    return relaxed
  }

  /** The store was copied: `renamed` maps each inode to its copies. */
  follow(renamed: ReadonlyMap<string, readonly string[]>): void {
    const before = [...this.#byInode]
    this.#byInode.clear()
    for (const [ino, losses] of before) {
      for (const copy of renamed.get(ino) ?? []) this.#byInode.set(copy, losses)
    }
  }
}
