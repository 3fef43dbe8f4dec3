// Compares the live sources with their newest snapshots, to find files that changed by themselves.
import {isUtf8} from 'node:buffer'
import {resolve} from 'node:path'
import {failureText} from './verify-failures.js'
import {liveTest} from './verify-choice.js'
import type {VerifyOptions} from './verify-options.js'
import {followingOf} from './events.js'
import {CuraError} from '../base/errors.js'
import {printable, shellWord} from '../base/escape.js'
import {errorText, isNativeError, isStop} from '../native/failure.js'
import {follow} from '../native/job.js'
import type {NativeSources, NativeStore, RottenFile, SourceChecked} from '../native/native.js'
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
  const view = new SeriesView(snapshots)
  const isLive = liveTest(view, host)
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

/** Compares one source, or returns a sentence that says why that is impossible. */
async function compare(
  store: NativeStore,
  {held, snapshot}: Live,
  options: VerifyOptions,
): Promise<SourceChecked | string> {
  const {signal, onProgress} = followingOf(options)
  const {name, path} = held
  const {bytesPerSecond} = options.limits
  const away = `${printable(path)} is not there now, so it was not compared.`
  let sources: NativeSources | null = null
  try {
    const opened = (sources = store.openSources([{name, path}]))
    if (held.mounted === true && !opened.mounted().includes(name)) return away
    const check = (): Promise<SourceChecked> =>
      follow(store.checkSources({snapshot, sources: opened, bytesPerSecond}), signal, onProgress)
    return await withLease(store, snapshot, check)
  } catch (error) {
    if (isNativeError(error) && error.code === 'ENOENT' && sources === null) return away
    const isVanished = error instanceof CuraError && error.code === 'notFound'
    if (isStop(error, signal) || !(isVanished || isNativeError(error))) throw error
    return `${printable(path)} could not be compared with ${snapshot}: ${errorText(error)}.`
  } finally {
    sources?.close()
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
    warnings.push(...failureText(checked.failures, 'compared'))
  }
  return {...result, rotten, warnings}
}
