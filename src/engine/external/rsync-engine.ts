// The engine that uses rsync: a dry run is the comparison, and real runs make the tree.
import {chmodSync} from 'node:fs'
import {join} from 'node:path'
import {copyLinks} from './copy-links.js'
import {isOwn, type Engine, type PreparedSources} from '../engine.js'
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'
import {follow, progressInterval_ms, type Following} from '../../native/job.js'
import type {
  Applied,
  Change,
  Comparison,
  NativeStore,
  Note,
  Progress,
  Publication,
  Source,
} from '../../native/native.js'
import type {Programs, Rsync} from './programs.js'
import {nothing, type RsyncRun, type RsyncSource} from './rsync-arguments.js'
import {RsyncComparison, type RsyncWork} from './rsync-comparison.js'
import {ErrorLog} from './rsync-errors.js'
import type {Item} from './rsync-items.js'
import {previousFor} from './rsync-previous.js'
import {rsyncSources} from './rsync-sources.js'
import {runRsync, type RsyncSession} from './rsync.js'

/** One note of each kind; the later one wins. */
function mergeNotes(first: readonly Note[], second: readonly Note[]): Note[] {
  const notes = new Map([...first, ...second].map((note) => [note.kind, note]))
  return [...notes.values()]
}

/** Reports progress at intervals while `work` runs. */
async function reporting<T>(
  {onProgress}: Following,
  progress: () => Partial<Progress>,
  work: () => Promise<T>,
): Promise<T> {
  const rest: Progress = {phase: 'apply', entries: 0, bytes: 0, totalEntries: 0, totalBytes: 0}
  const timer = setInterval(() => {
    onProgress({...rest, ...progress()})
  }, progressInterval_ms)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

/**
 * Groups paths by their source, as unique names below it (Latin-1). '' is the source itself.
 */
function bySource(paths: readonly Buffer[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>()
  for (const path of paths) {
    const end = path.indexOf('/')
    const source = path.toString('utf8', 0, end === -1 ? path.length : end)
    const below = end === -1 ? '' : path.toString('latin1', end + 1)
    names.set(source, (names.get(source) ?? new Set()).add(below))
  }
  return names
}

class RsyncEngine implements Engine {
  private readonly errors = new ErrorLog()
  private readonly comparison: RsyncComparison
  private readonly target
  private readonly sources: readonly RsyncSource[]
  private readonly previous: string | null
  private readonly own: ReadonlySet<string>
  private listed = 0

  constructor(
    private readonly store: NativeStore,
    private readonly programs: Programs & {readonly rsync: Rsync},
    work: RsyncWork,
  ) {
    this.sources = work.sources
    this.previous = work.previous
    this.own = work.own
    this.target = store.externalFill({previous: work.previous})
    this.comparison = new RsyncComparison(store, work)
  }

  compare(following: Following): Promise<Comparison> {
    const {comparison} = this
    const progress = (): Partial<Progress> => ({phase: 'scan', entries: comparison.entries})
    return reporting(following, progress, () => comparison.run(this.session(following)))
  }

  changes(limit: number): readonly Change[] {
    const page = this.comparison.tally.changes.slice(this.listed, this.listed + limit)
    this.listed += page.length
    return page
  }

  /** rsync compares only size and time, so it proves nothing. */
  keepProofs(): Promise<void> {
    return Promise.resolve()
  }

  /** Always empty, because refuseForRsync() allows no exclusions. */
  omitted(): readonly never[] {
    return []
  }

  async apply(partial: string, following: Following): Promise<Applied> {
    const {target, comparison, errors} = this
    const {tally} = comparison
    target.begin(partial)
    const leftOut = await this.linkPrevious(partial, following)
    const missing = [...tally.differing, ...leftOut]
    await this.fill(partial, missing, following)
    const gone = new Set(errors.vanished().map((path) => path.toString('latin1')))
    const kept = missing.filter((path) => !gone.has(path.toString('latin1')))
    // Missing entries come from the previous snapshot, which must belong to the source's own series.
    const wanted = [...kept, ...comparison.unreadable].filter((path) => this.owns(path))
    const applied = await follow(target.finish(wanted), following.signal, following.onProgress)
    for (const failure of applied.failures.list) errors.add(failure)
    const notes = mergeNotes(comparison.notes, applied.notes)
    return {...applied, failures: errors.failures(), notes}
  }

  publish(publication: Publication, {signal, onProgress}: Following): Promise<void> {
    return follow(this.target.publish(publication), signal, onProgress)
  }

  close(): void {
    this.target.close()
  }

  private owns(path: Buffer): boolean {
    const end = path.indexOf('/')
    return this.own.has(path.toString('utf8', 0, end === -1 ? path.length : end))
  }

  private session({signal}: Following): RsyncSession {
    const {programs, store, errors} = this
    return {rsync: programs.rsync, directory: store.directory(), errors, signal}
  }

  /**
   * Links the previous tree without the entries that rsync will make, because rsync must never write
   * to an inode that the previous snapshot shares. Returns the other entries that are missing.
   */
  private async linkPrevious(partial: string, {signal, onProgress}: Following): Promise<Buffer[]> {
    const {target, programs, store, previous} = this
    if (previous === null) return []
    const {tally, known} = this.comparison
    if (programs.copy === null) {
      await follow(target.link([...known]), signal, onProgress)
    } else {
      for (const name of known) {
        const paths = {from: `${previous}/${name}`, to: `${partial}/${name}`}
        await copyLinks(store, programs.copy, paths, signal)
      }
    }
    await follow(target.unshare(tally.differing), signal, onProgress)
    await follow(target.clear(tally.outdated), signal, onProgress)
    const deleted = tally.changes.filter(({kind}) => kind === 'deleted')
    const gone = new Set(deleted.map(({path}) => path.toString('latin1')))
    return target.leftOut().filter((path) => !gone.has(path.toString('latin1')))
  }

  /** Lets rsync make the missing entries. */
  private async fill(partial: string, missing: readonly Buffer[], following: Following) {
    const {inodes: totalEntries, bytes: totalBytes} = this.comparison.tally.result().need
    let [entries, bytes] = [0, 0]
    const count = ({kind, bytes: size}: Item): void => {
      if (kind === null || kind === 'deleted') return
      entries += 1
      bytes += size
    }
    const names = bySource(missing)
    await reporting(
      following,
      () => ({entries, bytes, totalEntries, totalBytes}),
      async () => {
        for (const source of this.sources) {
          const runs = this.runsFor(source, partial, names.get(source.name))
          for (const run of runs) await this.runOne(run, following, count)
        }
      },
    )
  }

  private async runOne(run: RsyncRun, following: Following, count: (item: Item) => void) {
    let found = 0
    if (run.stage === 'listed' && run.linkFrom !== null) this.open(run)
    await runRsync(run, this.session(following), (item) => {
      found += 1
      count(item)
    })
    const {source, stage} = run
    // All listed names are gone. The disk may have been unmounted during the run.
    if (stage === 'listed' && found === 0) {
      await this.runOne({source, into: nothing, stage: 'look'}, following, () => undefined)
    }
    if (stage !== 'look' || found > 1) return
    if (this.comparison.tally.entriesIn(source.name) === 0) return
    const path = printable(source.typed)
    throw new CuraError(
      'failed',
      `the source ${path} became empty during the run; no snapshot was made`,
    )
  }

  /**
   * For users other than root, rsync makes read-only directories writable while it fills them, but
   * not the source's own directory, which is never in the list. The 'root' run restores its mode.
   */
  private open({source, into}: RsyncRun): void {
    if (process.geteuid?.() !== 0) chmodSync(join(this.store.directory(), into, source.name), 0o700)
  }

  private runsFor(
    source: RsyncSource,
    into: string,
    missing: ReadonlySet<string> | undefined,
  ): RsyncRun[] {
    // rsync would link a damaged file again.
    const links = this.comparison.known.has(source.name) && !this.target.hasDamaged()
    const linkFrom = links ? this.previous : null
    if (missing === undefined) return []
    if (!source.isDirectory) return [{source, into, stage: 'file', linkFrom}]
    const names = [...missing].filter((name) => name !== '')
    return [
      ...(names.length > 0 ? [{source, into, stage: 'listed', linkFrom, names} as const] : []),
      // open() changed its mode, and new entries in it changed its time.
      {source, into, stage: 'root'} as const,
    ]
  }
}

/** Throws a CuraError for a source that cannot be backed up. */
export function prepareRsync(
  store: NativeStore,
  sources: readonly Source[],
  programs: Programs & {readonly rsync: Rsync},
): PreparedSources {
  const prepared = rsyncSources(store, sources)
  return {
    failed: () => prepared.failed,
    mounted: () => prepared.mounted,
    drop: (name) => {
      const at = prepared.ready.findIndex((source) => source.name === name)
      const [source] = at === -1 ? [] : prepared.ready.splice(at, 1)
      if (source === undefined) return
      prepared.failed.push({name, path: source.typed, code: 'ENODEV', syscall: 'read'})
    },
    engine: (bases) => {
      const previous = previousFor(store, bases, prepared.failed)
      const own = bases.filter((base) => previous !== null && isOwn(base, previous))
      return new RsyncEngine(store, programs, {
        sources: [...prepared.ready],
        carried: prepared.failed.map(({name}) => name),
        previous,
        own: new Set(own.map(({name}) => name)),
      })
    },
    close: () => undefined,
  }
}
