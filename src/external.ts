// The engine that has rsync do the syncing: what it would do is the comparison, what it does the tree.
import {isReserved} from './sources.js'
import {copyLinks} from './copy-links.js'
import type {Engine, Workload} from './engine.js'
import {CuraError} from './errors.js'
import {printable} from './escape.js'
import {follow, progressInterval_ms, type Following} from './job.js'
import type {
  Applied,
  Change,
  Comparison,
  NativeStore,
  Note,
  Progress,
  Publication,
  Source,
  StoreEntry,
} from './native.js'
import type {Programs, Rsync} from './programs.js'
import {ErrorLog} from './rsync-errors.js'
import type {Item} from './rsync-items.js'
import {fitnessOf, rsyncSources} from './rsync-sources.js'
import {pathIn, RsyncTally} from './rsync-tally.js'
import {runRsync, type RsyncRun, type RsyncSource} from './rsync.js'
import {partialName} from './snapshot-name.js'

/** A name that no work in progress has: what is compared with it is new. */
const nothing = partialName('none')

const changeTypes: Readonly<Record<StoreEntry['type'], Change['type']>> = {
  directory: 'directory',
  file: 'file',
  symlink: 'symlink',
  other: 'special',
}

/** One note of each kind; the later word counts. */
function mergeNotes(first: readonly Note[], second: readonly Note[]): Note[] {
  const notes = new Map([...first, ...second].map((note) => [note.kind, note]))
  return [...notes.values()]
}

export class RsyncEngine implements Engine {
  private readonly errors = new ErrorLog()
  private readonly tally = new RsyncTally()
  private readonly notes = new Map<string, Note>()
  private readonly unreadable: Buffer[] = []
  /** Sources whose trees the previous snapshot has, by their names. */
  private readonly known = new Set<string>()
  private listed = 0
  private readonly mirror

  constructor(
    private readonly store: NativeStore,
    private readonly programs: Programs & {readonly rsync: Rsync},
    private readonly sources: readonly RsyncSource[],
    private readonly previous: string | null,
  ) {
    this.mirror = store.mirror({previous})
  }

  async compare(following: Following): Promise<Comparison> {
    const {tally, errors} = this
    this.lookAtPrevious()
    let entries = 0
    const progress = (): Partial<Progress> => ({phase: 'scan', entries})
    await this.during(following, progress, async () => {
      for (const source of this.sources) {
        const run = {source, into: this.comparedWith(source), linkFrom: null, dryRun: true}
        await this.rsync(run, following, (item) => {
          entries += 1
          this.judge(source, item)
        })
      }
    })
    tally.changes.sort((a, b) => Buffer.compare(a.path, b.path))
    return {
      ...tally.result(),
      differs: tally.differs,
      rebuilt: null,
      mayReflink: false,
      failures: errors.failures(),
      notes: [...this.notes.values()],
    }
  }

  changes(limit: number): readonly Change[] {
    const page = this.tally.changes.slice(this.listed, this.listed + limit)
    this.listed += page.length
    return page
  }

  async apply(partial: string, following: Following): Promise<Applied> {
    const {signal, onProgress} = following
    this.mirror.begin(partial)
    if (this.previous !== null) await this.linkPrevious(this.previous, partial, following)
    await this.fill(partial, following)
    const gone = new Set(this.errors.vanished().map((path) => path.toString('latin1')))
    const wanted = [...this.tally.differing, ...this.unreadable].filter(
      (path) => !gone.has(path.toString('latin1')),
    )
    const applied = await follow(this.mirror.finish(wanted), signal, onProgress)
    for (const failure of applied.failures.list) this.errors.add(failure)
    const notes = mergeNotes([...this.notes.values()], applied.notes)
    return {...applied, failures: this.errors.failures(), notes}
  }

  publish(publication: Publication, {signal, onProgress}: Following): Promise<void> {
    return follow(this.mirror.publish(publication), signal, onProgress)
  }

  close(): void {
    this.mirror.close()
  }

  /** Finds out which trees can be compared, and which ones no source stands for any more. */
  private lookAtPrevious(): void {
    if (this.previous === null) return
    const types = new Map(this.sources.map(({name, isDirectory}) => [name, isDirectory]))
    for (const {name, type} of this.store.list(this.previous)) {
      const isDirectory = types.get(name)
      if (isDirectory === undefined) {
        if (isReserved(name)) continue
        this.tally.addChange({
          kind: 'deleted',
          type: changeTypes[type],
          path: Buffer.from(name),
          bytes: 0,
        })
        this.tally.differs = true
      } else if (type === (isDirectory ? 'directory' : 'file')) {
        this.known.add(name)
      }
    }
  }

  private comparedWith({name}: RsyncSource): string {
    return this.previous !== null && this.known.has(name) ? this.previous : nothing
  }

  private judge(source: RsyncSource, item: Item): void {
    const fitness = fitnessOf(source, item)
    if (fitness === 'fit') {
      // rsync does not say whether it is a socket or a FIFO, and sockets are not kept.
      const isReason = !(source.isRemote && item.type === 'special' && item.kind === 'new')
      this.tally.add(source.name, item, isReason)
      return
    }
    const path = pathIn(source.name, item.name)
    if (fitness === 'socket') {
      this.addNote('socket', path)
      return
    }
    this.errors.add({path, code: 'EACCES', syscall: 'rsync', warning: false})
    this.unreadable.push(path)
    // It stays as it was, and whether it was there nobody needs to know but those who count.
    const before = item.kind === 'new' ? 'new' : null
    if (before === null) this.tally.add(source.name, {...item, kind: null}, false)
  }

  private addNote(kind: string, path: Buffer): void {
    const note = this.notes.get(kind)
    this.notes.set(kind, {kind, count: (note?.count ?? 0) + 1, path: note?.path ?? path})
  }

  /** Links what has not changed, and takes out what has: rsync must never meet a shared inode. */
  private async linkPrevious(
    previous: string,
    partial: string,
    {signal, onProgress}: Following,
  ): Promise<void> {
    const {mirror, tally, programs, store, known} = this
    const names = [...known]
    if (programs.copy === null) {
      await follow(mirror.link(names), signal, onProgress)
    } else {
      for (const name of names) {
        const paths = {from: `${previous}/${name}`, to: `${partial}/${name}`}
        await copyLinks(store, programs.copy, paths, signal)
      }
    }
    await follow(mirror.unshare([...tally.differing]), signal, onProgress)
    await follow(mirror.clear(tally.fresh), signal, onProgress)
  }

  /** Has rsync make what is missing, and delete what is too much. */
  private async fill(partial: string, following: Following): Promise<void> {
    const {inodes: totalEntries, bytes: totalBytes} = this.tally.result().need
    let [entries, bytes] = [0, 0]
    const progress = (): Partial<Progress> => ({entries, bytes, totalEntries, totalBytes})
    await this.during(following, progress, async () => {
      for (const source of this.sources) {
        let inSource = 0
        const linkFrom = this.known.has(source.name) ? this.previous : null
        await this.rsync({source, into: partial, linkFrom, dryRun: false}, following, (item) => {
          if (item.kind !== 'deleted' && item.name !== '') inSource += 1
          if (item.kind === null || item.kind === 'deleted') return
          entries += 1
          bytes += item.bytes
        })
        this.refuseSuddenlyEmpty(source, inSource)
      }
    })
  }

  /** A disk that is unmounted between the two runs would otherwise pass for an empty source. */
  private refuseSuddenlyEmpty({name, typed, isDirectory}: RsyncSource, now: number): void {
    if (!isDirectory || now > 0 || this.tally.entriesIn(name) === 0) return
    throw new CuraError(
      'failed',
      `the source ${printable(typed)} has become empty meanwhile; no snapshot was made`,
    )
  }

  private rsync(run: RsyncRun, {signal}: Following, onItem: (item: Item) => void): Promise<void> {
    const {errors, programs, store} = this
    const session = {rsync: programs.rsync, directory: store.directory(), errors, signal}
    const {source} = run
    if (source.storeInside !== null && run.dryRun) {
      this.addNote('store', Buffer.from(`${source.name}/${source.storeInside}`))
    }
    return runRsync(run, session, onItem)
  }

  /** Tells now and then how far the work has come. */
  private async during(
    {onProgress}: Following,
    progress: () => Partial<Progress>,
    work: () => Promise<void>,
  ): Promise<void> {
    const rest: Progress = {phase: 'apply', entries: 0, bytes: 0, totalEntries: 0, totalBytes: 0}
    const timer = setInterval(() => {
      onProgress({...rest, ...progress()})
    }, progressInterval_ms)
    try {
      await work()
    } finally {
      clearInterval(timer)
    }
  }
}

/** Throws a CuraError for a source that cannot be backed up. */
export function rsyncWorkload(
  store: NativeStore,
  sources: readonly Source[],
  programs: Programs & {readonly rsync: Rsync},
): Workload {
  const prepared = rsyncSources(store, sources)
  return {
    engine: (previous) => new RsyncEngine(store, programs, prepared, previous),
    close: () => undefined,
  }
}
