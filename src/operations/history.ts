// The operation `history`: the versions of a path, newest first, across renames.
import {exitCode} from '../base/exit-code.js'
import {follow as waitFor} from '../native/job.js'
import type {Job, NativeRecords, PathVersion, StoredEntry} from '../native/native.js'
import {followingOf} from './events.js'
import {historiesWith, type HistoryOfPath} from '../store/selectors.js'
import {ask, type Asking, type Query} from './query.js'

/** How a version differs from the one before it. */
type VersionChange = 'new' | 'changed' | 'metadata' | 'renamed'

/** The same content under the same path, in snapshots that follow each other. */
export interface Version {
  /** As the newest of its snapshots has it. */
  readonly entry: StoredEntry
  readonly first: string
  readonly last: string
  /** The number of its snapshots. */
  readonly snapshots: number
  readonly change: VersionChange
}

export interface PathHistory {
  /** In the newest snapshot that holds its source. */
  readonly path: Buffer
  /** The label of its source's history; null if the sources of the snapshots are unknown. */
  readonly history: string | null
  /** The newest first. */
  readonly versions: readonly Version[]
  /** The last snapshot with the path and the first one without it; null if it still exists. */
  readonly deleted: {readonly after: string; readonly before: string} | null
}

export interface HistoryOptions extends Asking {
  /** Paths of this machine, or in the snapshots. */
  readonly paths: readonly string[]
  readonly follow: boolean
  /** Other permissions, owners or times make a version. */
  readonly metadata: boolean
}

export interface HistoryResult {
  readonly histories: readonly PathHistory[]
  readonly warnings: readonly string[]
  readonly exit: number
}

/** A version of which older snapshots may still be found. */
interface OpenVersion {
  readonly entry: StoredEntry
  readonly last: string
  first: string
  snapshots: number
}

/** Reads the versions of one path, from the newest snapshot to the oldest. */
class PathReader {
  private readonly versions: Version[] = []
  private open: OpenVersion | null = null

  constructor(
    private readonly records: NativeRecords,
    private readonly names: readonly string[],
    private readonly options: HistoryOptions,
  ) {}

  async read(path: Buffer): Promise<Omit<PathHistory, 'history'>> {
    const left: Rename[] = []
    for (let at: Rename | null = {path, from: 0}; at !== null;) {
      const next = await this.readPath(at, this.options.follow)
      // An older file may have had the name that a renamed one took.
      if (next !== null) left.push({path: at.path, from: next.from})
      at = next
    }
    this.close('new')
    for (const one of left) {
      await this.readPath(one, false)
      this.close('new')
    }
    const place = ({last}: Version): number => this.names.indexOf(last)
    const keys = this.versions.map(({last, entry}) => `${last}/${entry.path.toString('latin1')}`)
    const versions = this.versions
      .filter((_, at) => keys.indexOf(keys[at] ?? '') === at)
      .sort((a, b) => place(a) - place(b))
    return {path, versions, deleted: this.deletion(versions)}
  }

  /** Reads from record `from` on; returns the earlier path if the file was renamed. */
  private async readPath({path, from}: Rename, follow: boolean): Promise<Rename | null> {
    const numbers = this.names.map((_, number) => number).slice(from)
    const found = await this.wait(this.records.versions(numbers, path))
    for (const [at, {entry}] of found.entries()) {
      if (entry !== null) {
        this.add(entry, from + at, found[at - 1])
        continue
      }
      const earlier = this.open === null || !follow ? null : await this.earlierPath(path, from + at)
      if (earlier !== null) {
        this.close('renamed')
        return {path: earlier, from: from + at}
      }
      this.close('new')
    }
    return null
  }

  private wait<T>(job: Job<T>): Promise<T> {
    const {signal, onProgress} = followingOf(this.options)
    return waitFor(job, signal, onProgress)
  }

  private add(entry: StoredEntry, number: number, newer: PathVersion | undefined): void {
    const name = this.names[number] ?? ''
    if (this.open !== null && newer !== undefined) {
      const {sameContent, sameMetadata} = newer
      if (sameContent && (sameMetadata || !this.options.metadata)) {
        this.open.first = name
        this.open.snapshots += 1
        return
      }
      this.close(sameContent ? 'metadata' : 'changed')
    }
    this.open = {entry, last: name, first: name, snapshots: 1}
  }

  private close(change: VersionChange): void {
    if (this.open !== null) this.versions.push({...this.open, change})
    this.open = null
  }

  /** Where the file of the newer record is in this one, if its name there is no longer used. */
  private async earlierPath(path: Buffer, number: number): Promise<Buffer | null> {
    const same = await this.wait(this.records.same(number - 1, path, number))
    const moved = same.filter((entry) => this.records.lookup(number - 1, entry.path) === null)
    const name = lastName(path)
    const [first] = [...moved.filter((entry) => lastName(entry.path).equals(name)), ...moved]
    return first?.path ?? null
  }

  private deletion([newest]: readonly Version[]): PathHistory['deleted'] {
    if (newest === undefined || newest.last === this.names[0]) return null
    const before = this.names[this.names.indexOf(newest.last) - 1]
    return before === undefined ? null : {after: newest.last, before}
  }
}

interface Rename {
  readonly path: Buffer
  readonly from: number
}

const lastName = (path: Buffer): Buffer => path.subarray(path.lastIndexOf('/') + 1)

/** The history of one path in these snapshots. */
function readHistory(query: Query, {selected}: HistoryOfPath, options: HistoryOptions) {
  const names = selected.map(({snapshot}) => snapshot.name)
  const path = Buffer.from(selected[0].path ?? '')
  return query.withRecords(names, {whole: false}, (records) => {
    const opened = records.opened().map(({snapshot}) => snapshot)
    return new PathReader(records, opened, options).read(path)
  })
}

/** The histories of one path, each in the snapshots that hold its source. */
async function historiesOf(query: Query, text: string, options: HistoryOptions) {
  const {tag, ...filters} = query.choice.filters
  const found: PathHistory[] = []
  for (const one of historiesWith(text, query.choice)) {
    const read = {...(await readHistory(query, one, options)), history: one.label}
    found.push(tag === undefined ? read : {...read, deleted: await deletionOf(one.key)})
  }
  const having = found.filter(({versions}) => versions.length > 0)
  return having.length > 0 ? having : found.slice(0, 1)

  /** A path is deleted if the newest snapshot lacks it, whatever tag that has. */
  async function deletionOf(key: string | null): Promise<PathHistory['deleted']> {
    const every = historiesWith(text, {...query.choice, filters}).find((one) => one.key === key)
    return every === undefined ? null : (await readHistory(query, every, options)).deleted
  }
}

/** Throws a CuraError that carries the exit code. */
export function history(options: HistoryOptions): Promise<HistoryResult> {
  return ask(options, async (query) => {
    const histories: PathHistory[] = []
    for (const text of options.paths) histories.push(...(await historiesOf(query, text, options)))
    const nothing = histories.some(({versions}) => versions.length === 0)
    return {histories, warnings: query.warnings, exit: exitCode({nothing})}
  })
}
