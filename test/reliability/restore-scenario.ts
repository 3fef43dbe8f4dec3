// The restore that the suites disturb: in place, over a tree with every kind of change, with --delete.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {contents, type Item} from '../native/inventory.js'
import {settle, sh} from '../native/workshop.js'
import {Kept, type Disturbed, type Findings, type Runner} from './disturbed.js'
import {differences, isUnchanged, type DifferenceOptions, type Oracle} from './oracle.js'
import {hidden, shown} from './place.js'
import {editTree, makeTree} from './tree.js'

/** Names that a restore uses while it works. */
const temporary = '.cura-restore-'

/** The restored directory in a snapshot. */
const restored = 'home/docs'

const isTemporary = ({path}: Item): boolean => path.includes(temporary)

/** What a file is, without the other names of its inode. */
const itself = (item: Item): object => ({...contents([item])[0], first: ''})
const isSame = (one: object, other: object): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** What is never in between: a file has one content or the other. */
const contentOf = ({type, size, rdev, target, sha256}: Item): object => {
  return {type, size, rdev, target, sha256}
}

/** Whether each part of the metadata is the old or the new one, which are set one by one. */
const isBetween = (found: Item, old: Item, wanted: Item): boolean =>
  (['mode', 'uid', 'gid', 'mtime_ns'] as const).every((key) =>
    [old[key], wanted[key]].includes(found[key]),
  )

/** Whether a path may be as it is, given how it was and how it will be; undefined: not there. */
function isOldOrNew(
  found: Item | undefined,
  old: Item | undefined,
  wanted: Item | undefined,
): boolean {
  const types = [old?.type, wanted?.type]
  if (found === undefined) {
    const isTurned = old?.type !== wanted?.type && types.includes('directory')
    return old === undefined || wanted === undefined || isTurned
  }
  // The metadata of a directory is set last, and its times change with its names.
  if (found.type === 'directory') return types.includes('directory')
  const given = [old, wanted].filter((item) => item !== undefined)
  if (given.some((item) => isSame(itself(item), itself(found)))) return true
  if (old === undefined || wanted === undefined) return false
  return (
    given.every((item) => isSame(contentOf(item), contentOf(found))) &&
    isBetween(found, old, wanted)
  )
}

/** The same, but only for contents. */
const isOneContent: typeof isOldOrNew = (found, old, wanted) =>
  isOldOrNew(found, old, wanted) ||
  [old, wanted].some((item) => item && found && isSame(contentOf(item), contentOf(found)))

const byPath = (items: readonly Item[]): Map<string, Item> =>
  new Map(items.map((item) => [item.path, item]))

export class RestoreScenario implements Disturbed {
  readonly name = 'restore'
  readonly docs: string
  readonly store: string
  /** The source, of which only `docs` is restored. */
  readonly source: string
  /** Whether the guard may differ from what was there. */
  mayLackInGuard = false
  /** Whether a restore has reported metadata that it could not set. */
  mayLackMetadata = false
  readonly #template: string
  readonly #kept: Kept
  /** The directory before the restore, and in the snapshot. */
  #old: Item[] = []
  #wanted: Item[] = []
  /** What is beside the directory, and must not change. */
  #beside: Item[] = []

  /** Works in an empty directory of its own. */
  constructor(directory: string) {
    this.source = join(directory, 'home')
    this.docs = join(this.source, 'docs')
    this.#template = join(directory, 'template')
    this.store = join(directory, 'store')
    this.#kept = new Kept(this.store)
  }

  readonly operand = `latest:${restored}`

  get argv(): readonly string[] {
    return ['restore', '-b', this.store, this.operand, '--in-place', '--delete']
  }

  /** Makes the source and the store, and changes everything since. */
  async prepare(run: Runner, oracle: Oracle): Promise<void> {
    mkdirSync(this.docs, {recursive: true})
    mkdirSync(join(this.source, 'beside/deep'), {recursive: true})
    mkdirSync(this.store, {mode: 0o700})
    makeTree(this.docs)
    writeFileSync(join(this.source, 'beside/deep/file'), 'before')
    await settle()
    const {exit, err} = run(['backup', '-b', this.store, '--no-prune', this.source])
    if (exit !== 0) throw new Error(`the preparation failed with ${exit}: ${err}`)
    this.#wanted = await oracle.inventory(this.docs)
    editTree(this.docs)
    writeFileSync(join(this.source, 'beside/deep/file'), 'edited since, and not to be restored')
    writeFileSync(join(this.source, 'beside/new'), 'new')
    this.#old = await oracle.inventory(this.docs)
    this.#beside = await this.#besides(oracle)
    sh('cp', '-a', this.docs, this.#template)
    await this.#kept.take(oracle)
  }

  async #besides(oracle: Oracle): Promise<Item[]> {
    const items = await oracle.inventory(this.source)
    return items.filter(({path}) => path !== 'docs' && !path.startsWith('docs/'))
  }

  /** The inodes of the directory are other ones each time. */
  reset(): void {
    for (const name of [...hidden(this.store), ...shown(this.store)]) {
      if (!this.#kept.has(name)) sh('rm', '-rf', join(this.store, name))
    }
    sh('rm', '-rf', this.docs)
    sh('cp', '-a', this.#template, this.docs)
  }

  /** The guards in the store, oldest first. */
  guards(): string[] {
    return shown(this.store).filter((name) => !this.#kept.has(name))
  }

  async judge(oracle: Oracle): Promise<Findings> {
    const problems = await this.#kept.problems(oracle)
    if (!isUnchanged(this.#beside, await this.#besides(oracle))) {
      problems.push('something beside the directory has changed')
    }
    const found = (await oracle.inventory(this.docs)).filter((item) => !isTemporary(item))
    const [now, old, wanted] = [byPath(found), byPath(this.#old), byPath(this.#wanted)]
    for (const path of new Set([...now.keys(), ...old.keys(), ...wanted.keys()])) {
      const is = this.mayLackMetadata ? isOneContent : isOldOrNew
      if (!is(now.get(path), old.get(path), wanted.get(path))) {
        problems.push(`${path} is neither the old one nor the new one`)
      }
    }
    const [guard] = this.guards()
    const isTouched = differences(this.#old, found, {known: (path) => this.#isDirectory(path)})
    if (guard === undefined) {
      if (isTouched.length > 0) problems.push(`no guard, but changed: ${isTouched.join(', ')}`)
      return {problems, made: []}
    }
    problems.push(...(await this.#wrongWithGuard(oracle, guard)))
    return {problems, made: this.guards()}
  }

  #isDirectory(path: string): boolean {
    const isThis = (item: Item): boolean => item.path === path && item.type === 'directory'
    return this.#old.some(isThis) && this.#wanted.some(isThis)
  }

  /** The first guard has what was there before any restore, or its marker notes what it lacks. */
  async #wrongWithGuard(oracle: Oracle, guard: string): Promise<string[]> {
    const text = readFileSync(join(this.store, guard, '.backup_finished'), 'utf8')
    if (!text.includes('"guard"')) return [`${guard} is no guard: ${JSON.stringify(text)}`]
    const {notes = []} = JSON.parse(text) as {notes?: readonly unknown[]}
    if (notes.length > 0 || this.mayLackInGuard) return []
    const found = await oracle.inventory(join(this.store, guard, restored))
    return differences(this.#old, found).map((path) => `the guard ${guard} has another ${path}`)
  }

  /** Paths that differ from the snapshot. */
  async missing(oracle: Oracle, options: DifferenceOptions = {}): Promise<string[]> {
    return differences(this.#wanted, await oracle.inventory(this.docs), options)
  }

  async judgeDone(oracle: Oracle): Promise<string[]> {
    return (await this.missing(oracle)).map((path) => `not as in the snapshot: ${path}`)
  }

  async judgeEnd(oracle: Oracle): Promise<string[]> {
    const {problems} = await this.judge(oracle)
    problems.push(...(await this.judgeDone(oracle)))
    const left = this.leftovers()
    if (left.length > 0) problems.push(`left behind: ${left.join(', ')}`)
    return problems
  }

  /** Undoes the restore with its guard, and returns the problems afterwards. */
  async undo(run: Runner, oracle: Oracle): Promise<string[]> {
    const [guard] = this.guards()
    if (guard === undefined) return []
    const {exit, err} = run(['restore', '-b', this.store, guard, '--in-place', '--delete'])
    const wrong = differences(this.#old, await oracle.inventory(this.docs))
    const problems = wrong.map((path) => `not as before: ${path}`)
    if (exit !== 0) problems.push(`the undo ended with ${exit}: ${err}`)
    return problems
  }

  /** What a restore that was killed leaves in the home. */
  temporaries(): string[] {
    const found = sh('find', this.source, '-name', `${temporary}*`, '-prune', '-print')
    return found.split('\n').filter(Boolean)
  }

  leftovers(): string[] {
    return [...hidden(this.store), ...this.temporaries()]
  }
}
