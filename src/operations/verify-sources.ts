// Compares the live sources with their newest snapshots, to find files that changed by themselves.
import {existsSync} from 'node:fs'
import {resolve} from 'node:path'
import type {VerifyOptions} from './verify-options.js'
import {followingOf} from './events.js'
import {printable, shellWord} from '../base/escape.js'
import {counted} from '../base/units.js'
import {follow} from '../native/job.js'
import {native, type NativeStore, type RottenFile} from '../native/native.js'
import {withoutGuards} from '../retention/guards.js'
import {currentHost} from '../store/host.js'
import {withLease} from '../store/lease.js'
import {isForeign} from '../store/moves.js'
import {holdingsOf, placeOf, SeriesView, type Holding} from '../store/series.js'
import type {Snapshot} from '../store/store.js'

export interface Rotten extends RottenFile {
  readonly snapshot: string
  /** On this machine. */
  readonly live: Buffer
  /** Restores the good content; null if the store has none. */
  readonly command: string | null
}

export interface SourcesChecked {
  readonly files: number
  readonly bytes: number
  readonly unknown: number
  readonly rotten: readonly Rotten[]
  readonly warnings: readonly string[]
}

interface Live {
  readonly snapshot: string
  readonly held: Holding
}

/** Whether the source is one of this machine, and where it was is what is there now. */
export function isLive(
  held: Holding | string,
  snapshots: readonly Snapshot[],
  host: string | null,
): held is Holding {
  if (typeof held === 'string' || held.host !== undefined || !held.path.startsWith('/'))
    return false
  const {name: machine, id: hostId} = currentHost(host)
  const own = {name: '', path: '/', machine, hostId}
  return !isForeign(new SeriesView(snapshots), own, held)
}

/** The newest finished snapshot of each source of this machine. */
function liveSources(snapshots: readonly Snapshot[], host: string | null): Live[] {
  const found = new Map<string, Live>()
  for (const snapshot of withoutGuards(snapshots)) {
    if (!snapshot.finished || snapshot.future) continue
    for (const held of holdingsOf(snapshot) ?? []) {
      if (!isLive(held, snapshots, host)) continue
      const key = `${held.name}\0${held.path}`
      if (!found.has(key)) found.set(key, {snapshot: snapshot.name, held})
    }
  }
  return [...found.values()]
}

const isAway = ({path, mounted}: Holding): boolean =>
  !existsSync(path) || (mounted === true && !native().isMountPoint(path))

function rottenFrom({snapshot, held}: Live, file: RottenFile, storeDir: string): Rotten {
  const below = file.path.subarray(Buffer.byteLength(held.name))
  const live = Buffer.concat([Buffer.from(placeOf(held)), below])
  const what = `${snapshot}:${file.path.toString()}`
  const words = ['cura-te-ipsum', 'restore', '-b', resolve(storeDir), what, '--in-place']
  const command = [...words, '--overwrite', 'always'].map(shellWord).join(' ')
  return {...file, snapshot, live, command: file.isStoredGood ? command : null}
}

export async function checkSources(
  store: NativeStore,
  snapshots: readonly Snapshot[],
  options: VerifyOptions,
): Promise<SourcesChecked> {
  const {signal, onProgress} = followingOf(options)
  const result = {files: 0, bytes: 0, unknown: 0}
  const rotten: Rotten[] = []
  const warnings: string[] = []
  for (const live of liveSources(snapshots, options.host)) {
    const {held, snapshot} = live
    if (isAway(held)) {
      warnings.push(`${printable(held.path)} is not there now, so it was not compared.`)
      continue
    }
    const job = (): Promise<Awaited<ReturnType<NativeStore['checkSources']>['done']>> =>
      follow(
        store.checkSources({
          snapshot,
          sources: [{name: held.name, path: Buffer.from(held.path)}],
          bytesPerSecond: options.limits.bytesPerSecond,
        }),
        signal,
        onProgress,
      )
    const checked = await withLease(store, snapshot, job)
    result.files += checked.checkedFiles
    result.bytes += checked.checkedBytes
    result.unknown += checked.unknownFiles
    rotten.push(...checked.rotten.map((file) => rottenFrom(live, file, options.storeDir)))
    const {errors} = checked.failures
    const [first] = checked.failures.list
    if (errors > 0 && first !== undefined) {
      const what = counted(errors, 'file')
      warnings.push(`${what} of ${printable(held.path)} could not be read, first ${printable(first.path)} (${first.code}).`) // prettier-ignore
    }
  }
  return {...result, rotten, warnings}
}
