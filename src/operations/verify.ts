// The operation `verify`: checks trees against their records, reads contents, heals. Only a healing
// takes the lock of the store.
import {checkSources, isLive, type SourcesChecked} from './verify-sources.js'
import type {VerifyOptions} from './verify-options.js'
import {followingOf} from './events.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import {counted} from '../base/units.js'
import {explain, isNativeError} from '../native/failure.js'
import {follow} from '../native/job.js'
import type {Checked, Damage, DonorPath, NativeStore, VerifiedSnapshot} from '../native/native.js'
import {currentHost} from '../store/host.js'
import {removeLeftovers} from '../store/leftovers.js'
import {withLock} from '../store/lock.js'
import {snapshotsFrom} from '../store/operands.js'
import {holdingsOf, nameOf, placeOf} from '../store/series.js'
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

/** The snapshot that all sources of this one were compared with; null if that is not certain. */
function baseOf({marker}: Snapshot, all: readonly Snapshot[]): string | null {
  const previous = all.find(({name}) => name === marker?.previous)
  const sources = previous?.marker?.sources ?? []
  const isSame = marker?.sources.every(
    ({name, path, carried}) =>
      carried === undefined &&
      sources.some((one) => one.name === name && one.path === path && one.carried === undefined),
  )
  return isSame === true && previous !== undefined && !previous.future ? previous.name : null
}

function chosen(all: readonly Snapshot[], options: VerifyOptions): readonly Snapshot[] {
  const finished = all.filter(({finished: isDone, damaged}) => isDone || damaged)
  if (options.snapshots.length === 0) return finished
  const {now, zone} = options
  const choice = {snapshots: all, host: currentHost(options.host), now, zone, filters: {}}
  const found = new Set(snapshotsFrom(options.snapshots, choice, 'verified'))
  return all.filter((snapshot) => found.has(snapshot))
}

const verifiedFrom = (snapshot: Snapshot, all: readonly Snapshot[]): VerifiedSnapshot => ({
  name: snapshot.name,
  hasNoRecord: snapshot.form === 'old',
  base: baseOf(snapshot, all),
})

const excusedIn = (all: readonly Snapshot[]): string[] => [
  ...new Set(all.flatMap(({marker}) => marker?.notes.map(({kind}) => kind) ?? [])),
]

/** Where the damaged files may be on this machine. */
function donorPaths(
  damages: readonly Damage[],
  all: readonly Snapshot[],
  host: string | null,
): DonorPath[] {
  const byName = new Map(all.map((snapshot) => [snapshot.name, snapshot]))
  return damages.flatMap(({paths}, damage) => {
    const found = paths.flatMap(({snapshot, path}) => {
      const text = path.toString('latin1').replace(/^\.backup_delta\//, '')
      const end = text.indexOf('/')
      const name = Buffer.from(end === -1 ? text : text.slice(0, end), 'latin1').toString()
      const holder = byName.get(snapshot)
      const held = (holder && holdingsOf(holder))?.find((one) => nameOf(one) === name)
      if (held === undefined || !isLive(held, all, host)) return []
      return [`${placeOf(held)}${end === -1 ? '' : `\0${text.slice(end)}`}`]
    })
    return [...new Set(found)].map((place) => {
      const [top = '', below = ''] = place.split('\0')
      return {damage, path: Buffer.concat([Buffer.from(top), Buffer.from(below, 'latin1')])}
    })
  })
}

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
  // prettier-ignore
  try {
    return store.verify({
      snapshots: wanted.map((snapshot) => verifiedFrom(snapshot, all)),
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
function listed(verification: ReturnType<NativeStore['verify']>): Damage[] {
  const found: Damage[] = []
  for (;;) {
    const page = verification.damages(pageSize)
    if (page.length === 0) return found
    found.push(...page)
  }
}

function failureTexts({failures, gone, unrecorded}: Checked): string[] {
  const [first] = failures.list
  return [
    ...gone.map((name) => `${name} was removed by another run meanwhile.`),
    ...(failures.errors > 0 && first !== undefined
      ? [
          `${counted(failures.errors, 'entry', 'entries')} could not be checked, first ` +
            `${printable(first.path)} (${first.code}).`,
        ]
      : []),
    ...(unrecorded === null
      ? []
      : [`The store cannot be written (${unrecorded}), so this run is not recorded.`]),
  ]
}

async function work(store: NativeStore, options: VerifyOptions): Promise<VerifyResult> {
  const {storeDir, heals, dryRun, now} = options
  const {signal, onProgress} = followingOf(options)
  const inventory = readInventory(store, now)
  const changes = heals && !dryRun
  const cleaning = {...options, ...followingOf(options)}
  const cleaned = changes ? await removeLeftovers(store, inventory.leftovers, cleaning) : []
  const all = inventory.snapshots
  const wanted = chosen(all, options)
  const unmarked = wanted.filter(({damaged}) => damaged).map(markerDamage)
  const replica = changes ? replicaFrom(options.replicaDir, now) : null
  const verification = open(store, all, wanted, options)
  try {
    const checked = await follow(verification.check(), signal, onProgress)
    let damages = listed(verification)
    if (changes && damages.length > 0) {
      const sources = donorPaths(damages, all, options.host)
      await follow(verification.heal({sources, replica}), signal, onProgress)
      damages = listed(verification)
    }
    const sources = options.comparesSources ? await checkSources(store, all, options) : null
    const warnings = [...cleaned, ...failureTexts(checked), ...(sources?.warnings ?? [])]
    const found: ReadonlyArray<Damage | MarkerDamage> = [...unmarked, ...damages]
    const isDamaged = found.some(({healed}) => !healed) || (sources?.rotten.length ?? 0) > 0
    const isIncomplete =
      checked.failures.errors > 0 || checked.gone.length > 0 || (sources?.warnings.length ?? 0) > 0
    const exit = exitCode({damaged: isDamaged, incomplete: isIncomplete || cleaned.length > 0})
    const reads = options.limits.reading !== 'none'
    const counts = {storeDir, snapshots: wanted.length, checked, damages: found, sources}
    return {...counts, heals, dryRun, reads, warnings, exit}
  } finally {
    verification.close()
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
