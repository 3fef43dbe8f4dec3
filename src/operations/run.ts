// What the steps of one run share, and the marker of the snapshot that it makes.
import type {BackupOptions} from './backup-options.js'
import {markerFor, type BackupResult, type Carried} from './backup-result.js'
import type {PreparedSources} from '../engine/engine.js'
import {rulesFor} from '../engine/recorded-rules.js'
import type {Following} from '../native/job.js'
import type {NativeStore, Source} from '../native/native.js'
import type {Lineage} from '../store/bases.js'
import type {MarkerGuard} from '../store/marker.js'
import type {Holding, Host} from '../store/series.js'
import type {Inventory} from '../store/store.js'

/** The options that the steps of a run need. */
export type RunOptions = Following &
  Pick<BackupOptions, 'emit' | 'signal' | 'storeDir' | 'dryRun' | 'allowEmpty' | 'external'> &
  Pick<BackupOptions, 'selection' | 'moved' | 'tags' | 'pruning' | 'clock' | 'lists'>

/** Set for a guard, which is made even if nothing differs. */
export interface Guarding {
  readonly marker: MarkerGuard
  /** Sources that only the marker names. */
  readonly beside: readonly Holding[]
  /** Throws if the result is no guard. */
  readonly check: (result: BackupResult) => void
}

/** Shared by all steps of one run. */
export interface Run {
  readonly options: RunOptions
  readonly store: NativeStore
  readonly host: Host
  readonly sources: readonly Source[]
  readonly prepared: PreparedSources
  readonly start: Date
  /** Sources that could be opened but were dropped, and why. */
  readonly dropped: Map<string, Pick<Carried, 'code' | 'reason'>>
  readonly guarding?: Guarding
}

/** The input of one attempt; a second attempt has its own. */
export interface Attempt {
  readonly found: Inventory
  readonly lineage: Lineage
  readonly warnings: readonly string[]
  /** Whether the changes have not been listed yet. */
  readonly isFirst: boolean
}

/** The clock may be set back during a run, but a duration is never negative. */
export function endOf({options, start}: Run): Date {
  const now = options.clock()
  return now < start ? start : now
}

/** The names of the sources that are mount points; a carried one as in the snapshot it is from. */
function mountedIn({prepared}: Run, {carried}: BackupResult, {found}: Attempt): Set<string> {
  const names = carried.filter(({name, from}) => {
    const marker = found.snapshots.find((one) => one.name === from)?.marker
    return marker?.sources.some((source) => source.name === name && source.mounted === true)
  })
  return new Set([...prepared.mounted(), ...names.map(({name}) => name)])
}

/** The marker of the result, which gets a note if the exclusion rules are too long for it. */
export function withMarker(run: Run, made: BackupResult, attempt: Attempt) {
  const {options, host, guarding} = run
  const recorded = rulesFor(options.selection)
  const note = {kind: 'rules', count: 1, path: Buffer.alloc(0)}
  const result = recorded === 'too long' ? {...made, notes: [...made.notes, note]} : made
  const {lineage} = attempt
  const holdings = [...lineage.holdings, ...(guarding?.beside ?? [])]
  const marker = markerFor(
    result,
    {...lineage, holdings},
    {
      host,
      tags: options.tags,
      rules: recorded === 'too long' ? null : recorded,
      mounted: mountedIn(run, result, attempt),
      guard: guarding?.marker ?? null,
    },
  )
  return {result, marker}
}
