// Compares the sources with the previous snapshot, from the output of an rsync dry run.
import {lstatSync} from 'node:fs'
import type {Comparison, NativeStore, Note} from '../../native/native.js'
import {nothing, type RsyncSource} from './rsync-arguments.js'
import type {Item} from './rsync-items.js'
import {bytesOnDisk, fitnessOf} from './rsync-sources.js'
import {pathIn, RsyncTally} from './rsync-tally.js'
import {runRsync, type RsyncSession} from './rsync.js'

/** The input for one snapshot. */
export interface RsyncWork {
  readonly sources: readonly RsyncSource[]
  /** Names of sources that cannot be read: the previous snapshot's content stands in for them. */
  readonly carried: readonly string[]
  readonly previous: string | null
  /**
   * Names of the sources to whose series the previous snapshot belongs. For these, rsync trusts equal
   * size and time.
   */
  readonly own: ReadonlySet<string>
}

export class RsyncComparison {
  readonly tally = new RsyncTally()
  /** Entries that stay as in the previous snapshot, because this user may not read them. */
  readonly unreadable: Buffer[] = []
  /** Names of the sources that the previous snapshot holds with the same type as now. */
  readonly known = new Set<string>()
  /** The number of entries seen so far. */
  entries = 0
  private readonly noted = new Map<string, Note>()
  private readonly sources: readonly RsyncSource[]
  private readonly carried: ReadonlySet<string>
  private readonly previous: string | null
  private readonly own: ReadonlySet<string>

  constructor(
    private readonly store: NativeStore,
    {sources, carried, previous, own}: RsyncWork,
  ) {
    this.sources = sources
    this.carried = new Set(carried)
    this.previous = previous
    this.own = own
  }

  get notes(): Note[] {
    return [...this.noted.values()]
  }

  /** Writes nothing. */
  async run(session: RsyncSession): Promise<Comparison> {
    const {tally, previous} = this
    this.lookAtPrevious()
    for (const source of this.sources) {
      const {name, storeInside} = source
      const into = previous !== null && this.known.has(name) ? previous : nothing
      if (storeInside !== null) this.note('store', Buffer.from(`${name}/${storeInside}`))
      await runRsync({source, into, stage: 'compare'}, session, (item) => {
        if (item.kind === 'deleted' && item.name === '') return // rsync never deletes its own target
        this.entries += 1
        this.take(source, item, session)
      })
    }
    tally.changes.sort((a, b) => Buffer.compare(a.path, b.path))
    return {
      ...tally.result(),
      differs: tally.differs,
      omitted: 0,
      rebuilt: null,
      failures: session.errors.failures(),
      notes: this.notes,
    }
  }

  /** Finds out which trees can be compared, and which ones are carried over. */
  private lookAtPrevious(): void {
    if (this.previous === null) return
    const kinds = new Map(this.sources.map(({name, isDirectory}) => [name, isDirectory]))
    for (const {name, type} of this.store.list(this.previous)) {
      if (!this.own.has(name)) continue
      const isDirectory = kinds.get(name)
      if (isDirectory !== undefined) {
        if (type === (isDirectory ? 'directory' : 'file')) this.known.add(name)
      } else if (this.carried.has(name)) {
        this.known.add(name)
        this.tally.carry(name)
      }
    }
  }

  /** Whether the previous snapshot has an entry at that path. */
  private wasThere(path: Buffer, directory: string): boolean {
    const snapshot = Buffer.from(`${directory}/${this.previous ?? nothing}/`)
    try {
      return lstatSync(Buffer.concat([snapshot, path]), {throwIfNoEntry: false}) !== undefined
    } catch {
      return false // the path is too long, or this user may not see it
    }
  }

  private take(source: RsyncSource, item: Item, {errors, directory}: RsyncSession): void {
    const fitness = fitnessOf(source, item)
    const path = pathIn(source.name, item.name)
    if (fitness === 'fit') {
      // rsync does not distinguish a socket from a FIFO, and snapshots do not keep sockets.
      const maySocket = source.isRemote && item.type === 'special' && item.kind === 'new'
      this.tally.add(source.name, item, !maySocket, bytesOnDisk(source, item))
    } else if (fitness === 'socket') {
      this.note('socket', path)
      // If a socket replaced another entry, that entry is deleted, but rsync does not report it.
      if (this.own.has(source.name) && this.wasThere(path, directory)) {
        this.tally.add(source.name, {...item, kind: 'deleted'}, true)
      }
    } else {
      errors.add({path, code: 'EACCES', syscall: 'rsync', warning: false})
      this.unreadable.push(path)
      if (item.kind !== 'new') this.tally.add(source.name, {...item, kind: null}, false)
    }
  }

  private note(kind: string, path: Buffer): void {
    const note = this.noted.get(kind)
    this.noted.set(kind, {kind, count: (note?.count ?? 0) + 1, path: note?.path ?? path})
  }
}
