// A store, its source, and the model of both. Performs each operation on all of them, and compares
// the result on disk with the model.
import {existsSync, mkdirSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Oracle} from '../oracle.js'
import {judgeAdopted} from './adoption.js'
import type {DiskEdit, Editor} from './editor.js'
import {Losses} from './refusal.js'
import type {Ground} from './ground.js'
import {divide, sharingOf, shownPaths, snapshotProblems, treeOf, type Stored} from './judgement.js'
import {
  letRun,
  nameAt,
  timeOf,
  type BackupRun,
  type Bench,
  type End,
  type Operation,
  type PruneRun,
} from './operation.js'
import {
  basesFor,
  carriedTree,
  expectation,
  leftOutBefore,
  expired,
  freeze,
  joined,
  narrows,
  treeBefore,
  treeDifferences,
  type Bases,
  type Snapshot,
  type Tree,
} from './snapshots.js'
import {SourceTree} from './source.js'

const settling_ms = 14

export interface Tools extends Bench {
  readonly oracle: Oracle
  readonly editor: Editor
  readonly count: (name: string, by?: number) => void
}

/** The expected result of a backup. */
interface Outlook {
  readonly now: Tree
  readonly bases: Bases
  /** Whether it makes a snapshot; null if it may. */
  readonly makes: boolean | null
  readonly isRefused: boolean
  /** Empty sources that are carried over because other sources are not empty. */
  readonly carried: readonly string[]
}

/** The program recovers from refused and short calls. */
const isClean = ({fault}: BackupRun | PruneRun, {hit}: End): boolean =>
  hit === '' || fault?.what === 'short' || fault?.refused !== undefined

/** An unreadable part of the previous snapshot was stored again. */
const isRepair = ({named}: End, {bases}: Outlook): boolean =>
  [...bases.values()].some(({name}) => named.some((path) => path.startsWith(`${name}/`)))

const hasEntries = (tree: Tree, source: string): boolean =>
  [...tree.keys()].some((path) => path.startsWith(`${source}/`))

export class World {
  readonly tree = new SourceTree()
  snapshots: Snapshot[] = []
  /** The number of calls in the last run. */
  calls = 100
  readonly #source: string
  readonly #store: string
  readonly #losses = new Losses()

  constructor(
    readonly tools: Tools,
    readonly ground: Ground,
    directory: string,
  ) {
    this.#source = join(ground.directory ?? directory, 'source')
    this.#store = join(directory, 'store')
    mkdirSync(this.#source, {recursive: true})
    mkdirSync(this.#store, {recursive: true, mode: 0o700})
  }

  /** Returns the problems, or null if the operation is not possible here. */
  async perform(operation: Operation): Promise<string[] | null> {
    switch (operation.do) {
      case 'edit': {
        const onDisk = this.tree.apply(operation.edit)
        if (onDisk === null) return null
        await this.tools.editor.edit(this.#source, [onDisk])
        return []
      }
      case 'backup':
        return this.#backUp(operation)
      case 'prune':
        return this.#prune(operation)
      case 'pin':
      case 'spoil':
      case 'leave':
        return this.#meddle(operation)
      case 'settle':
        await sleep(settling_ms)
        return []
      case 'copy source':
        await this.#copyWhole(this.#source, true)
        return []
      case 'remount':
        return this.#remount(operation)
      case 'copy store':
        return this.#copyStore(operation.links)
      case 'spoil proofs':
        return this.#spoilProofs(operation)
    }
  }

  async #copyWhole(directory: string, links: boolean): Promise<void> {
    const at = dirname(directory)
    const path = directory.slice(at.length + 1)
    this.tools.count(`${path} copied${links ? '' : ' without hardlinks'}`)
    await this.tools.editor.edit(at, [{do: 'recopy', path, links}])
  }

  async #remount(operation: Operation & {do: 'remount'}): Promise<string[] | null> {
    const {mounts, name} = this.ground
    if (mounts === null) return null
    const lies = operation.lies.map((lie) => this.tree.lie(lie)).filter((lie) => lie !== null)
    const {fresh} = operation
    await this.tools.editor.edit(this.#source, [{do: 'remount', path: '', mounts, fresh, lies}])
    this.tools.count(`remount ${name}${fresh ? ', another filesystem' : ''}`)
    this.tools.count('files that changed without a trace', lies.length)
    return []
  }

  async #copyStore(links: boolean): Promise<string[]> {
    const inodes = async (): Promise<Array<readonly [string, string]>> => {
      const items = await this.tools.oracle.inventory(this.#store)
      return items.map(({path, ino}) => [path, ino])
    }
    const before = new Map(await inodes())
    await this.#copyWhole(this.#store, links)
    const copies = new Map<string, string[]>()
    for (const [path, ino] of await inodes()) {
      const from = before.get(path) ?? ''
      copies.set(from, [...(copies.get(from) ?? []), ino])
    }
    this.#losses.follow(copies)
    for (const snapshot of this.snapshots) {
      snapshot.inodes = null
      snapshot.isTorn ||= !links
    }
    return this.#storeProblems(await this.#list(), false)
  }

  async #spoilProofs({how, at}: Operation & {do: 'spoil proofs'}): Promise<string[] | null> {
    const path = '.backup_proofs'
    if (!existsSync(join(this.#store, path))) return null
    await this.tools.editor.edit(this.#store, spoiling(path, how, at))
    this.tools.count(`spoil ${path}`)
    return []
  }

  /** Whether the model itself is right about the source. */
  async sourceProblems(): Promise<string[]> {
    const sources = [...this.tree.paths.keys()].filter((path) => !path.includes('/'))
    const found = treeOf(await this.tools.oracle.inventory(this.#source))
    const different = treeDifferences(freeze(this.tree, sources), found)
    return different.map((path) => `the model is wrong about ${shownPaths([path])}`)
  }

  async #list(): Promise<Map<string, Stored>> {
    return divide(await this.tools.oracle.inventory(this.#store))
  }

  #outlook(run: BackupRun): Outlook {
    const {sources} = run
    const whole = freeze(this.tree, sources, run.without)
    const bases = basesFor(this.snapshots, sources)
    const before = treeBefore(bases)
    const emptied = sources.filter((name) => hasEntries(before, name) && !hasEntries(whole, name))
    const isRefused = !run.allowEmpty && emptied.length === sources.length
    const carried = run.allowEmpty || isRefused ? [] : emptied
    const rest = sources.filter((name) => !carried.includes(name))
    const now = new Map([
      ...freeze(this.tree, rest, run.without),
      ...(carried.length === 0 ? [] : carriedTree(bases, carried)),
    ])
    const makes = narrows(bases, sources) || expectation(now, bases)
    const other = narrows(bases, sources) || expectation(joined(now, before, carried), bases)
    // Rejoined names may or may not cause a snapshot. Names apart from carried ones may as well.
    const isTorn = makes === false && [...bases.values()].some((base) => base.isTorn)
    const mayMake = isTorn || makes !== other
    return {now, bases, makes: mayMake ? null : makes, isRefused, carried}
  }

  async #backUp(asked: BackupRun): Promise<string[] | null> {
    if (!asked.sources.every((name) => this.tree.paths.has(name))) return null
    // The number of entries of a source is unknown if some could not be read.
    const known = [...basesFor(this.snapshots, asked.sources).values()]
    const isSure = known.every(({isPartial}) => !isPartial)
    const run = {...asked, allowEmpty: asked.allowEmpty || !isSure}
    const outlook = this.#outlook(run)
    const before = run.dryRun ? JSON.stringify([...(await this.#list())]) : ''
    const end = await this.#letRun(run)
    const found = await this.#list()
    const problems = this.#endProblems(run, outlook, end)
    if (run.dryRun) {
      if (JSON.stringify([...found]) !== before) problems.push('a dry run has changed something')
      return problems
    }
    const name = nameAt(timeOf(run))
    const isMade = found.has(name)
    if (isMade) problems.push(...this.#adopt(run, outlook, end, found.get(name)?.items ?? []))
    if (outlook.isRefused && isMade) problems.push(`${name} was made of an empty source`)
    else if (isMade && outlook.makes === false && !isRepair(end, outlook)) {
      problems.push(`${name} was made for nothing`)
    }
    const isWell = end.exit === 0 || (end.exit === 3 && outlook.carried.length > 0)
    const mustMake = isWell && outlook.makes === true && !outlook.isRefused
    if (mustMake && !isMade) problems.push('says that all is well, and has made nothing')
    // Unreadable entries count as unchanged.
    const isDone = isMade || outlook.makes !== true || end.named.length > 0
    const mayRemove = run.prunes && !outlook.isRefused && isDone
    problems.push(...this.#removalProblems(run, end, found, mayRemove))
    problems.push(...this.#storeProblems(found, isClean(run, end) && end.exit !== 1))
    const made = this.snapshots.find((one) => one.name === name)
    if (made !== undefined && isClean(run, end)) {
      problems.push(...this.#sharing(made, outlook.bases))
    }
    const isPoor = end.notes > 0 && run.fault?.refused === undefined
    if (isMade && (isPoor || this.#isSplit(run, end))) await this.#forget(name)
    return problems
  }

  async #letRun(run: BackupRun | PruneRun): Promise<End> {
    const place = {store: this.#store, source: this.#source}
    const {calls, ...end} = await letRun(this.tools, run, place)
    if (run.fault === null && !run.dryRun) this.calls = calls
    const {what, refused} = run.fault ?? {}
    const fault =
      refused !== undefined ? ` refused: ${refused}` : what === undefined ? '' : ` ${what}`
    if (run.do === 'backup') this.#countChoice(run)
    const missed = run.fault !== null && end.hit === '' ? ' that met nothing' : ''
    this.tools.count(`${run.do}${run.dryRun ? ' dry' : ''}${fault}${missed}`)
    await this.#endOwner(run)
    return end
  }

  #countChoice({without, checksum}: BackupRun): void {
    if (without !== 'none') this.tools.count(`backups without: ${without}`)
    if (checksum) this.tools.count('backups by content')
  }

  /**
   * A lock that could not be removed loses its owner when the process ends, but our process does
   * not end.
   */
  async #endOwner({fault}: BackupRun | PruneRun): Promise<void> {
    const mayStay =
      fault !== null &&
      fault.refused === undefined &&
      fault.what !== 'SIGKILL' &&
      fault.what !== 'SIGTERM'
    const lock = '.backups_lock'
    if (!mayStay || !existsSync(join(this.#store, lock))) return
    await this.tools.editor.edit(this.#store, [{do: 'remove', path: lock}])
  }

  #endProblems(run: BackupRun | PruneRun, outlook: Outlook | null, end: End): string[] {
    const problems: string[] = []
    const said = `${end.text}`
    if (end.isBug) problems.push(`a bug: ${said}`)
    if (isClean(run, end)) {
      const wanted = outlook?.isRefused === true ? 1 : (outlook?.carried.length ?? 0) > 0 ? 3 : 0
      if (end.exit !== wanted) problems.push(`ended with ${end.exit}, not ${wanted}: ${said}`)
      const makes = outlook?.makes ?? null
      const isWrong = makes !== null && end.differs !== null && end.differs !== makes
      if (isWrong) problems.push(`says that it ${makes ? 'is the same' : 'differs'}`)
    } else if (run.fault?.what === 'SIGTERM' && ![0, 1, 143].includes(end.exit ?? -1)) {
      problems.push(`ended with ${end.exit} after SIGTERM: ${said}`)
    }
    return problems
  }

  /**
   * A name that cannot be linked, as with EMLINK, is copied alone. Only tests refuse a single link,
   * and the program does not rejoin that group.
   */
  #isSplit({fault}: BackupRun | PruneRun, {hit}: End): boolean {
    const permitted = ['EMLINK', 'EXDEV', 'EPERM', 'EACCES', 'ENOENT', 'ESTALE']
    return hit === 'linkat' && permitted.includes(fault?.what ?? '')
  }

  /** Adds a new snapshot to the model: the source, except for what the run reports as missing. */
  #adopt(run: BackupRun, outlook: Outlook, end: End, items: Stored['items']): string[] {
    const {carried} = outlook
    const now = joined(outlook.now, treeOf(items), carried)
    const lacks = end.named.length > 0 || end.notes > 0 || this.#isSplit(run, end)
    const isExcused = !isClean(run, end) && lacks
    const wanted = this.#losses.relaxed(now, items, run.fault?.refused ?? null)
    const {tree: stored, problems} = isExcused
      ? judgeAdopted(wanted, treeOf(items), end)
      : {tree: wanted, problems: []}
    // Only the tree on disk lacks what was refused.
    const tree = new Map(isExcused ? stored : now)
    for (const [path, entry] of now)
      if (stored.get(path) === wanted.get(path)) tree.set(path, entry)
    const rest = {inodes: null, finished: true, pinned: false, damaged: false, isPartial: isExcused}
    const time_ms = timeOf(run)
    // A source that could not be read, and was in no earlier snapshot, is in none now.
    const sources = run.sources.filter(
      (source) => stored.has(source) || !end.carried.includes(source),
    )
    const all = [...new Set([...carried, ...end.carried])]
    const base = {name: nameAt(time_ms), time_ms, sources, carried: all, isTorn: false}
    const {without} = run
    const earlier = leftOutBefore(this.snapshots, run.sources, without)
    this.snapshots.push({
      ...base,
      without,
      earlier,
      tree,
      stored,
      ...rest,
    })
    return problems
  }

  #removalProblems(
    run: BackupRun | PruneRun,
    end: End,
    found: ReadonlyMap<string, Stored>,
    mayRemove: boolean,
  ): string[] {
    const within = run.do === 'backup' ? run.sources : null
    const doomed = mayRemove ? expired(this.snapshots, run.keep, within) : []
    if (mayRemove && !isClean(run, end)) {
      // A snapshot that can neither be read nor listed counts as holding all sources, and takes a
      // place.
      const all = [...new Set(this.snapshots.flatMap((one) => one.sources))]
      const unsure = this.snapshots.map((one) => (one.damaged ? {...one, sources: all} : one))
      doomed.push(...expired(unsure, run.keep, within))
    }
    const gone = this.snapshots.filter(({name}) => !found.has(name)).map(({name}) => name)
    const lost = gone.filter((name) => !doomed.includes(name))
    const problems = lost.map((name) => `${name} is lost`)
    if (isClean(run, end)) {
      const kept = doomed.filter((name) => found.has(name))
      problems.push(...kept.map((name) => `${name} was not pruned`))
    }
    this.tools.count('snapshots pruned', gone.length)
    this.snapshots = this.snapshots.filter(({name}) => found.has(name))
    return problems
  }

  #storeProblems(found: ReadonlyMap<string, Stored>, isTidy: boolean): string[] {
    const problems: string[] = []
    for (const snapshot of this.snapshots) {
      const stored = found.get(snapshot.name)
      if (stored !== undefined) problems.push(...snapshotProblems(snapshot, stored))
    }
    this.tools.count('snapshots compared', this.snapshots.length)
    const known = new Set([
      '.backup_proofs',
      '.backups_state',
      ...this.snapshots.map(({name}) => name),
    ])
    const others = [...found.keys()].filter((name) => !known.has(name))
    const odd = others.filter((name) => isTidy || !name.startsWith('.'))
    if (odd.length > 0) problems.push(`left in the store: ${shownPaths(odd)}`)
    return problems
  }

  #sharing(made: Snapshot, bases: Bases): string[] {
    const {shared, moved, problems} = sharingOf(made, bases)
    this.tools.count('inodes shared with the previous snapshot', shared)
    this.tools.count('inodes shared after a move', moved)
    return problems
  }

  /** Metadata that could not be set is not retried, so no later run may link to that snapshot. */
  async #forget(name: string): Promise<void> {
    await this.tools.editor.edit(this.#store, [{do: 'remove', path: name}])
    this.snapshots = this.snapshots.filter((one) => one.name !== name)
  }

  async #prune(run: PruneRun): Promise<string[]> {
    const before = run.dryRun ? JSON.stringify([...(await this.#list())]) : ''
    const end = await this.#letRun(run)
    const found = await this.#list()
    const problems = this.#endProblems(run, null, end)
    if (run.dryRun) {
      if (JSON.stringify([...found]) !== before) problems.push('a dry run has changed something')
      return problems
    }
    problems.push(...this.#removalProblems(run, end, found, true))
    problems.push(...this.#storeProblems(found, isClean(run, end)))
    return problems
  }

  /** Changes that other programs make to the store. */
  async #meddle(operation: Operation): Promise<string[] | null> {
    const snapshot = 'place' in operation ? this.snapshots.at(-1 - operation.place) : undefined
    if (snapshot === undefined) return null
    // Without a manifest, refused metadata looks like a change.
    if (
      operation.do === 'spoil' &&
      operation.file === '.backup_manifest' &&
      !this.#losses.isEmpty
    ) {
      return null
    }
    const edits = meddling(operation, snapshot)
    if (edits === null) return null
    await this.tools.editor.edit(this.#store, edits)
    this.tools.count(operation.do === 'spoil' ? `spoil ${operation.file}` : operation.do)
    return []
  }
}

const fileOf = (path: string, text: string): DiskEdit => ({
  ...{do: 'make', kind: 'file', instead: true, path, mode: 0o600, uid: process.getuid?.(), gid: 0},
  pieces: [[0, text]],
})

/** `at`: the byte to flip; null to replace the whole content. */
function spoiling(path: string, how: Spoiling, at: number | null): DiskEdit[] {
  if (how === 'flip' && at !== null) return [{do: 'flip', path, at}]
  const text = {delete: null, empty: '', garbage: '{"format":1,', flip: '\x00'}[how]
  const make = text === null ? [] : [fileOf(path, text)]
  return [{do: 'remove', path}, ...make]
}

type Spoiling = (Operation & {do: 'spoil'})['how']

const isFinishedBy: Readonly<Record<string, boolean>> = {delete: false}

/** The steps on disk. Also changes the snapshot in the model. */
function meddling(operation: Operation, snapshot: Snapshot): DiskEdit[] | null {
  const {name} = snapshot
  if (operation.do === 'pin') {
    snapshot.pinned = !snapshot.pinned
    const path = `${name}/.backup_pinned`
    return [snapshot.pinned ? fileOf(path, '') : {do: 'remove', path}]
  }
  if (operation.do === 'spoil') {
    const path = `${name}/${operation.file}`
    const isMarker = operation.file === '.backup_finished'
    if (!snapshot.finished) return null
    if (isMarker) snapshot.damaged = true
    if (isMarker) snapshot.finished = isFinishedBy[operation.how] ?? true
    return spoiling(path, operation.how, operation.how === 'flip' && isMarker ? null : operation.at)
  }
  if (operation.do !== 'leave') return null
  // The partial tree of a killed run has links to the snapshots, which must not change.
  if (operation.what !== 'lock') {
    return [{do: 'copy', path: `.${operation.what}-2025-01-01_00-00-00`, to: name}]
  }
  return [
    fileOf('.backups_lock', ['', '4000000\n', 'x', '1\n{"host'][snapshot.tree.size % 4] ?? ''),
  ]
}
