// The operation `verify`: checks trees against their records, reads contents, heals. Only a healing
// takes the lock of the store.
import {failureText} from './verify-failures.js'
import {chosen, donorPaths, excusedIn, verifiedFrom} from './verify-choice.js'
import {checkSources, type SourcesChecked} from './verify-sources.js'
import type {VerifyOptions} from './verify-options.js'
import {followingOf} from './events.js'
import {CuraError} from '../base/errors.js'
import {exitCode} from '../base/exit-code.js'
import {explain, isNativeError} from '../native/failure.js'
import {follow} from '../native/job.js'
import type {
  Checked,
  Damage,
  HealOptions,
  NativeStore,
  NativeVerification,
} from '../native/native.js'
import {removeLeftovers} from '../store/leftovers.js'
import {withLock} from '../store/lock.js'
import {openStore, readInventory, type Snapshot} from '../store/store.js'

export interface VerifyResult {
  readonly storeDir: string
  readonly snapshots: number
  readonly checked: Checked
  /** Those of records, trees, contents and markers. */
  readonly damages: ReadonlyArray<Damage | MarkerDamage>
  readonly sources: SourcesChecked | null
  readonly heals: boolean
  readonly dryRun: boolean
  readonly reads: boolean
  readonly warnings: readonly string[]
  readonly exit: number
}

/** A marker that cannot be used, which only this side notices. */
export interface MarkerDamage extends Omit<Damage, 'kind'> {
  readonly kind: 'marker'
}

const pageSize = 1000

const markerDamage = ({name}: Snapshot): MarkerDamage => ({
  kind: 'marker',
  detail: 'it cannot be read',
  sha256: null,
  actualSha256: null,
  bytes: 0,
  paths: [{snapshot: name, path: Buffer.alloc(0)}],
  healed: false,
  donor: null,
})

function replicaFrom(dir: string | null, now: Date) {
  if (dir === null) return null
  const store = openStore(dir)
  try {
    const finished = readInventory(store, now).snapshots.filter((one) => one.finished)
    return {path: dir, snapshots: finished.map(({name}) => name)}
  } finally {
    store.close()
  }
}

function open(
  store: NativeStore,
  all: readonly Snapshot[],
  wanted: readonly Snapshot[],
  options: VerifyOptions,
) {
  try {
    return store.verify({
      snapshots: verifiedFrom(wanted, all),
      all: all.map(({name}) => name),
      ...options.limits,
      excused: excusedIn(all),
      now_s: Math.floor(options.now.getTime() / 1000),
    })
  } catch (error) {
    if (!isNativeError(error) || error.code !== 'VERIFY_LOCKED') throw error
    throw new CuraError('locked', 'another verify runs on this store: wait until it ends')
  }
}

/** Every damage of the verification, from the first on. */
function listed(verification: NativeVerification): Damage[] {
  const found: Damage[] = []
  for (;;) {
    const page = verification.damages(pageSize)
    if (page.length === 0) return found
    found.push(...page)
  }
}

function checkTexts({failures, gone, unrecorded}: Checked): string[] {
  return [
    ...gone.map((name) => `${name} was removed by another run meanwhile.`),
    ...failureText(failures, 'checked'),
    ...(unrecorded === null
      ? []
      : [`The store cannot be written (${unrecorded}), so this run is not recorded.`]),
  ]
}

interface Findings {
  /** With the failures and notes of the healing. */
  readonly checked: Checked
  readonly damages: readonly Damage[]
  readonly warnings: readonly string[]
}

/** Heals what was found, and looks at it again. */
async function heal(
  verification: NativeVerification,
  {checked, damages, warnings}: Findings,
  {store, all, replica, options}: Scene,
): Promise<Findings> {
  const {signal, onProgress} = followingOf(options)
  const sources = donorPaths(damages, all, options.host)
  const job = verification.heal({sources, replica})
  const {failures, notes} = await follow(job, signal, onProgress)
  const damagedInodes = store.readScrub()?.damagedInodes ?? checked.damagedInodes
  // The addon continues the list of the check.
  const own = {
    ...failures,
    list: failures.list.slice(checked.failures.list.length),
    errors: failures.errors - checked.failures.errors,
  }
  return {
    checked: {...checked, damagedInodes, failures, notes},
    damages: listed(verification),
    warnings: [...warnings, ...failureText(own, 'healed')],
  }
}

interface Scene {
  readonly store: NativeStore
  readonly all: readonly Snapshot[]
  readonly replica: HealOptions['replica']
  readonly options: VerifyOptions
}

async function find(scene: Scene, wanted: readonly Snapshot[]): Promise<Findings> {
  const {store, all, options} = scene
  const {signal, onProgress} = followingOf(options)
  const verification = open(store, all, wanted, options)
  try {
    const checked = await follow(verification.check(), signal, onProgress)
    const damages = listed(verification)
    const found = {checked, damages, warnings: checkTexts(checked)}
    const heals = options.heals && !options.dryRun && damages.length > 0
    return heals ? await heal(verification, found, scene) : found
  } finally {
    verification.close()
  }
}

async function work(store: NativeStore, options: VerifyOptions): Promise<VerifyResult> {
  const {storeDir, heals, dryRun, now} = options
  const {leftovers, snapshots: all} = readInventory(store, now)
  // A wrong operand or replica must be known before anything is removed or read for hours.
  const choice = chosen(all, options)
  const replica = heals && !dryRun ? replicaFrom(options.replicaDir, now) : null
  const cleaning = followingOf(options)
  const cleaned = heals && !dryRun ? await removeLeftovers(store, leftovers, cleaning) : []
  const {checked, damages, warnings} = await find({store, all, replica, options}, choice.snapshots)
  const sources = options.comparesSources ? await checkSources(store, all, options) : null
  const unmarked = choice.snapshots.filter(({damaged}) => damaged).map(markerDamage)
  const found = [...unmarked, ...damages]
  const troubles = [...choice.warnings, ...cleaned, ...(sources?.warnings ?? [])]
  const isNamedGone = options.snapshots.length > 0 && checked.gone.length > 0
  return {
    ...{storeDir, snapshots: choice.snapshots.length, checked, damages: found, sources},
    ...{heals, dryRun, reads: options.limits.reading !== 'none'},
    warnings: [...troubles, ...warnings],
    exit: exitCode({
      damaged: found.some(({healed}) => !healed) || (sources?.rotten.length ?? 0) > 0,
      incomplete: troubles.length > 0 || checked.failures.errors > 0 || isNamedGone,
    }),
  }
}

/** Throws a CuraError that carries the exit code. */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const store = openStore(options.storeDir)
  try {
    const start = (): Promise<VerifyResult> => work(store, options)
    if (!options.heals || options.dryRun) return await start()
    const locking = {...options, ...followingOf(options), command: 'verify'}
    return await withLock(store, locking, start)
  } catch (error) {
    throw explain(error, options.signal, 'the verification did not end')
  } finally {
    store.close()
  }
}
