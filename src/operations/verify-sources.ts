// Compares the live sources with their newest snapshots, to find files that changed by themselves.
import {isUtf8} from 'node:buffer'
import {existsSync} from 'node:fs'
import {resolve} from 'node:path'
import {liveTest} from './verify-choice.js'
import type {VerifyOptions} from './verify-options.js'
import {followingOf} from './events.js'
import {CuraError} from '../base/errors.js'
import {printable, shellWord} from '../base/escape.js'
import {counted} from '../base/units.js'
import {errnoText, errorText, isNativeError, isStop} from '../native/failure.js'
import {follow} from '../native/job.js'
import {native} from '../native/native.js'
import type {Failures, NativeStore, RottenFile, SourceChecked} from '../native/native.js'
import {withoutGuards} from '../retention/guards.js'
import {withLease} from '../store/lease.js'
import {seriesOf} from '../store/moves.js'
import {holdingsOf, placeOf, SeriesView, type Holding} from '../store/series.js'
import type {Snapshot} from '../store/store.js'

export interface Rotten extends RottenFile {
  readonly snapshot: string
  /** On this machine. */
  readonly live: Buffer
  /** Restores the good content; null if the store has none, or the path is not UTF-8. */
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

/** Each source of this machine, with its newest snapshot. */
function liveSources(snapshots: readonly Snapshot[], host: string | null): Live[] {
  const found = new Map<string, Live>()
  const isLive = liveTest(snapshots, host)
  const view = new SeriesView(snapshots)
  for (const snapshot of withoutGuards(snapshots)) {
    if (!snapshot.finished || snapshot.future) continue
    for (const held of holdingsOf(snapshot) ?? []) {
      if (!isLive(held)) continue
      const key = seriesOf(view, held)
      if (!found.has(key)) found.set(key, {snapshot: snapshot.name, held})
    }
  }
  return [...found.values()]
}

const isAway = ({path, mounted}: Holding): boolean =>
  !existsSync(path) || (mounted === true && !native().isMountPoint(path))

/** The command that puts the good content back; null if no shell word can name the file. */
function restoreCommand({snapshot}: Live, {path}: RottenFile, options: VerifyOptions) {
  if (!isUtf8(path)) return null
  const words = [
    ...['cura-te-ipsum', 'restore', '-b', resolve(options.storeDir)],
    ...[`${snapshot}:${path.toString()}`, '--in-place', '--overwrite', 'always'],
    ...(options.host === null ? [] : ['--host', options.host]),
  ]
  return words.map(shellWord).join(' ')
}

function rottenFrom(source: Live, file: RottenFile, options: VerifyOptions): Rotten {
  const {snapshot, held} = source
  const below = file.path.subarray(Buffer.byteLength(held.name))
  const live = Buffer.concat([Buffer.from(placeOf(held)), below])
  const command = file.isStoredGood ? restoreCommand(source, file, options) : null
  return {...file, snapshot, live, command}
}

/** Null if nothing failed. */
function failureText({path}: Holding, {errors, list: [first]}: Failures): string | null {
  if (errors === 0 || first === undefined) return null
  const why = `first ${printable(first.path)} (${errnoText(first.code)}, ${printable(first.code)})`
  return `${counted(errors, 'file')} of ${printable(path)} could not be read, ${why}.`
}

/** Compares one source, or returns a sentence that says why that is impossible. */
async function compare(
  store: NativeStore,
  {held, snapshot}: Live,
  options: VerifyOptions,
): Promise<SourceChecked | string> {
  const {signal, onProgress} = followingOf(options)
  const place = printable(held.path)
  if (isAway(held)) return `${place} is not there now, so it was not compared.`
  const {bytesPerSecond} = options.limits
  const sources = [{name: held.name, path: Buffer.from(held.path)}]
  const check = (): Promise<SourceChecked> =>
    follow(store.checkSources({snapshot, sources, bytesPerSecond}), signal, onProgress)
  try {
    return await withLease(store, snapshot, check)
  } catch (error) {
    const isVanished = error instanceof CuraError && error.code === 'notFound'
    if (isStop(error, signal) || !(isVanished || isNativeError(error))) throw error
    return `${place} could not be compared with ${snapshot}: ${errorText(error)}.`
  }
}

export async function checkSources(
  store: NativeStore,
  snapshots: readonly Snapshot[],
  options: VerifyOptions,
): Promise<SourcesChecked> {
  const result = {files: 0, bytes: 0, unknown: 0}
  const rotten: Rotten[] = []
  const warnings: string[] = []
  for (const live of liveSources(snapshots, options.host)) {
    const checked = await compare(store, live, options)
    if (typeof checked === 'string') {
      warnings.push(checked)
      continue
    }
    result.files += checked.checkedFiles
    result.bytes += checked.checkedBytes
    result.unknown += checked.unknownFiles
    rotten.push(...checked.rotten.map((file) => rottenFrom(live, file, options)))
    const failed = failureText(live.held, checked.failures)
    if (failed !== null) warnings.push(failed)
  }
  return {...result, rotten, warnings}
}
