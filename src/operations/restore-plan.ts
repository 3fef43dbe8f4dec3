// Makes the operands of a restore: which paths of the snapshot, and where each goes.
import {stat} from 'node:fs/promises'
import {refuseMissing} from './ls.js'
import type {Query} from './query.js'
import {firstOf, isAtOrBelow, operandInPlace, operandsInto, withoutNested, type Typed, type Wanted} from './restore-operands.js' // prettier-ignore
import type {RestoreOptions} from './restore-options.js'
import {originOf, sourceNames} from './restore-origins.js'
import {checkTarget} from './restore-target.js'
import {CuraError} from '../base/errors.js'
import {printable, type PathJson} from '../base/escape.js'
import {isNativeError} from '../native/failure.js'
import type {NativeRecords, RestoreOperand} from '../native/native.js'

/** What is restored, in the form of the snapshot and in that of the native job. */
export interface Planned {
  readonly paths: readonly Buffer[]
  /** In the same order. */
  readonly operands: readonly RestoreOperand[]
}

const bytesOf = ({path, path_b64}: PathJson): Buffer =>
  path_b64 === undefined ? Buffer.from(path) : Buffer.from(path_b64, 'base64')

/** The paths that a guard stands for: those that it holds, and those that did not exist. */
function guarded({snapshot, paths}: Wanted): Buffer[] | null {
  const guard = snapshot.marker?.guard
  if (guard === undefined) return null
  const all = [...guard.covered, ...guard.absent].map(bytesOf)
  if (paths === null) return all
  return paths.flatMap((path) => {
    const below = all.filter((one) => isAtOrBelow(one, path))
    const isInside = all.some((one) => isAtOrBelow(path, one))
    if (below.length > 0 || isInside) return below.length > 0 ? below : [path]
    throw new CuraError(
      'notFound',
      `${snapshot.name} was taken before a restore and does not hold ${printable(path)}`,
    )
  })
}

/** The names of all sources, or of those that the filters admit. */
function wholePaths(query: Query, {snapshot}: Wanted, records: NativeRecords): Buffer[] {
  const names = sourceNames(query, snapshot)
  if (names !== null && names.length > 0) return names.map((name) => Buffer.from(name))
  const top = records.list(0, Buffer.alloc(0), {recursive: false})
  const all: Buffer[] = []
  if (top === null) return all
  for (let page = top(1000); page.length > 0; page = top(1000)) {
    all.push(...page.map(({path}) => path))
  }
  return all
}

interface Looked {
  /** The first path that the snapshot does not have. */
  readonly missing: Buffer | null
  readonly paths: readonly Typed[]
  /** Whether each source is a directory, by its name. */
  readonly directories: ReadonlyMap<string, boolean>
}

function lookUp(query: Query, wanted: Wanted, records: NativeRecords): Looked {
  const before = guarded(wanted)
  const wantedPaths = before ?? wanted.paths ?? wholePaths(query, wanted, records)
  const paths: Typed[] = []
  const directories = new Map<string, boolean>()
  for (const path of withoutNested(wantedPaths)) {
    const entry = records.lookup(0, path)
    // Before a restore, some paths did not exist.
    if (entry === null && before === null) return {missing: path, paths, directories}
    paths.push({path, isDirectory: entry?.type === 'directory'})
    const {name} = firstOf(path)
    directories.set(name.toString(), records.lookup(0, name)?.type === 'directory')
  }
  return {missing: null, paths, directories}
}

/** The path of --to, as it will be once it is made. */
async function directoryFor(query: Query, directory: string): Promise<Buffer> {
  const path = await checkTarget(query.store, directory)
  const found = await stat(path).catch((error: unknown) => {
    if (isNativeError(error) && error.code === 'ENOENT') return null
    throw error
  })
  if (found !== null && !found.isDirectory()) {
    throw new CuraError('usage', `${printable(directory)} is not a directory: choose another one`)
  }
  return Buffer.from(path)
}

/** Throws a CuraError if there is no such path, or a safety rule refuses it. */
export async function planOperands(
  query: Query,
  wanted: Wanted,
  {target, overwrite}: RestoreOptions,
): Promise<Planned> {
  const {snapshot} = wanted
  const looked = await query.withRecords([snapshot.name], {whole: false}, (records) =>
    Promise.resolve(lookUp(query, wanted, records)),
  )
  const {missing, paths, directories} = looked
  if (missing !== null) return refuseMissing(query, snapshot, missing)
  if (paths.length === 0) {
    throw new CuraError('notFound', `there is nothing to restore in ${snapshot.name}`)
  }
  const plain = paths.map(({path}) => path)
  if (!target.inPlace) {
    const directory = await directoryFor(query, target.directory)
    const into = {directory, name: target.name, replaces: overwrite !== null}
    return {paths: plain, operands: operandsInto(paths, into, wanted.paths === null)}
  }
  const operands = plain.map((path) => {
    const name = firstOf(path).name.toString()
    const isDirectory = directories.get(name) ?? false
    return operandInPlace(path, originOf(query, snapshot, {name, isDirectory}))
  })
  return {paths: plain, operands}
}
