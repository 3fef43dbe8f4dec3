// What all questions about snapshots share: the store, the choice of snapshots, and their records. A
// question takes no lock and writes nothing.
import {followingOf, type Observer} from './events.js'
import {printable} from '../base/escape.js'
import {explain, isNativeError} from '../native/failure.js'
import {follow} from '../native/job.js'
import type {MeasureOptions, NativeRecords, NativeStore, SpaceUse} from '../native/native.js'
import type {Zone} from '../retention/retention.js'
import {currentHost} from '../store/host.js'
import {refuseUnknownSource} from '../store/known-sources.js'
import {withLease} from '../store/lease.js'
import {resolve, type Choice, type Filters, type Selected} from '../store/selectors.js'
import {openStore, readInventory, type Snapshot} from '../store/store.js'

export interface Asking extends Observer {
  readonly storeDir: string
  readonly now: Date
  readonly zone: Zone
  /** The user's name for this machine, as in backup --host; null: its own id. */
  readonly host: string | null
  readonly filters: Filters
}

const goneText = (name: string): string => `${name} was removed by another run meanwhile.`

const listedText = (snapshot: string, why: string): string =>
  `${snapshot}: read its tree, because its record is unusable (${printable(why)}).`

/** So many records are named each on its own line. */
const listedLimit = 3

/** About snapshots, each with the reason why its record is unusable. */
function listedTexts(listed: ReadonlyMap<string, string>): string[] {
  if (listed.size <= listedLimit) return [...listed].map(([name, why]) => listedText(name, why))
  const first = [...listed]
    .slice(0, listedLimit)
    .map(([name, why]) => `${name} (${printable(why)})`)
  return [
    `${listed.size} snapshots: read their trees, because their records are unusable: ` +
      `${first.join(', ')} and ${listed.size - listedLimit} more.`,
  ]
}

type Check = Parameters<NativeStore['openRecords']>[1]

export class Query {
  /** All snapshots of the store, the newest first. */
  readonly snapshots: readonly Snapshot[]
  readonly choice: Choice
  /** Sentences about snapshots that vanished, and records that could not be used. */
  readonly warnings: string[] = []
  /** Why records could not be used, by snapshot. */
  private readonly listed = new Map<string, string>()

  constructor(
    readonly store: NativeStore,
    private readonly options: Asking,
  ) {
    const {host, now, zone, filters} = options
    this.snapshots = readInventory(store, now).snapshots
    this.choice = {snapshots: this.snapshots, host: currentHost(host), now, zone, filters}
    refuseUnknownSource(this.choice)
  }

  /** As in selectors.ts; null means latest. */
  resolve(selector: string | null): Selected {
    return resolve(selector, this.choice)
  }

  /**
   * Opens the records of these snapshots while `work` runs. If it finds a damaged record, it runs
   * again with a record made from the tree: work that has shown results must go on behind them, or
   * ask for `whole`.
   */
  async withRecords<T>(
    names: readonly string[],
    check: Check,
    work: (records: NativeRecords) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.openFor(names, check, work)
    } catch (error) {
      const isDamaged = isNativeError(error) && error.code === 'DAMAGED_MANIFEST'
      if (!isDamaged || check.whole) throw error
      return this.openFor(names, {whole: true}, work)
    }
  }

  /** The record of one snapshot, with the number 0. The snapshot is not removed meanwhile. */
  withRecord<T>(
    name: string,
    check: Check,
    work: (records: NativeRecords) => Promise<T>,
  ): Promise<T> {
    return withLease(this.store, name, () => this.withRecords([name], check, work))
  }

  /** As NativeStore.measure. What could not be measured exactly becomes a warning. */
  async measure(names: readonly string[], options: MeasureOptions): Promise<SpaceUse> {
    const {signal, onProgress} = followingOf(this.options)
    const use = await follow(this.store.measure(names, options), signal, onProgress)
    this.warn(use.gone.map(goneText))
    this.warnListed(use.listed)
    return use
  }

  private async openFor<T>(
    names: readonly string[],
    check: Check,
    work: (records: NativeRecords) => Promise<T>,
  ): Promise<T> {
    const {signal, onProgress} = followingOf(this.options)
    const records = await follow(this.store.openRecords(names, check), signal, onProgress)
    try {
      this.warnAbout(records)
      return await work(records)
    } finally {
      records.close()
    }
  }

  private warnAbout(records: NativeRecords): void {
    this.warn(records.gone().map(goneText))
    this.warnListed(
      records
        .opened()
        .flatMap(({snapshot, rebuilt}) => (rebuilt === null ? [] : [{snapshot, why: rebuilt}])),
    )
  }

  /** Replaces what was said about such records, because many become one line. */
  private warnListed(found: ReadonlyArray<{readonly snapshot: string; readonly why: string}>) {
    const before = listedTexts(this.listed)
    for (const {snapshot, why} of found) this.listed.set(snapshot, why)
    const others = this.warnings.filter((text) => !before.includes(text))
    this.warnings.splice(0, Infinity, ...others, ...listedTexts(this.listed))
  }

  private warn(texts: readonly string[]): void {
    for (const text of texts) {
      if (!this.warnings.includes(text)) this.warnings.push(text)
    }
  }
}

/** Opens the store for one question. Throws a CuraError that carries the exit code. */
export async function ask<T>(options: Asking, work: (query: Query) => Promise<T>): Promise<T> {
  const store = openStore(options.storeDir)
  try {
    return await work(new Query(store, options))
  } catch (error) {
    throw explain(error, options.signal, 'the question has no answer')
  } finally {
    store.close()
  }
}
