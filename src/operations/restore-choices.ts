// What a user can choose from on a terminal: the versions of a path, and where each can go.
import {lstat} from 'node:fs/promises'
import type {Observer} from './events.js'
import {history, type PathHistory, type Version} from './history.js'
import {ask, type Asking, type Query} from './query.js'
import {withRelativeHint} from './restore-mistakes.js'
import {firstOf, isPathOnly, lastOf, operandInPlace, placeOfOperand, wantedFrom} from './restore-operands.js' // prettier-ignore
import {originOf} from './restore-origins.js'
import {VersionNames} from './version-names.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {guardTag} from '../retention/guards.js'
import {searchHint} from '../store/snapshot-path.js'

export interface RestoreChoice {
  readonly version: Version
  /** The label of its history, if there are several. */
  readonly history: string | null
  /** Where it was on this machine; null if it may not be restored there. */
  readonly place: Buffer | null
}

/** Null if it was on another machine, or its disk is not mounted. */
function placeFor(query: Query, {last, entry}: Version): Buffer | null {
  const snapshot = query.snapshots.find(({name}) => name === last)
  if (snapshot === undefined) return null
  const {name, rest} = firstOf(entry.path)
  const isDirectory = rest.length > 0 || entry.type === 'directory'
  try {
    const origin = originOf(query, snapshot, {name: name.toString(), isDirectory})
    return placeOfOperand(operandInPlace(entry.path, origin))
  } catch (error) {
    if (error instanceof CuraError && error.code === 'refused') return null
    throw error
  }
}

interface Given {
  readonly operands: readonly string[]
  readonly from: string | null
  readonly here: string
}

/**
 * Whether the user can choose among the versions of the only operand, if `mayAsk`. Otherwise throws
 * a CuraError for operands that mean nothing.
 */
export const canChoose = (
  {operands, from, here}: Given,
  mayAsk: boolean,
  asking: Asking & Observer,
): Promise<boolean> =>
  ask(asking, ({choice}) => {
    const [path, ...others] = operands
    const isOne = path !== undefined && others.length === 0
    if (mayAsk && isOne && isPathOnly(path, choice)) return Promise.resolve(true)
    if (path !== undefined) wantedFrom(operands, from, choice, here)
    return Promise.resolve(false)
  })

/** The newest snapshot taken before a restore that has the path; null if none has. */
async function guardWith(path: string, asking: Asking & Observer): Promise<string | null> {
  const filters = {...asking.filters, tag: guardTag}
  const options = {...asking, filters, paths: [path], follow: false, metadata: false}
  const found = await history(options).catch((error: unknown) => {
    if (error instanceof CuraError && error.code === 'notFound') return null
    throw error
  })
  return found?.histories.flatMap(({versions}) => versions)[0]?.last ?? null
}

/** The versions of a path, newest first. Throws a CuraError 'notFound' if there is none. */
export async function restoreChoices(
  path: string,
  here: string,
  asking: Asking & Observer,
): Promise<readonly RestoreChoice[]> {
  const options = {...asking, paths: [path], follow: true, metadata: false}
  const {histories} = await history(options).catch((error: unknown) =>
    ask<never>(asking, ({choice}) => {
      throw withRelativeHint(error, path, choice, here)
    }),
  )
  if (!histories.some(({versions}) => versions.length > 0)) {
    const guard = await guardWith(path, asking)
    const hint =
      guard === null
        ? searchHint(path)
        : `but ${guard}, which was taken before a restore, has it: add --from ${guard}`
    throw new CuraError('notFound', `no snapshot has ${printable(path)}; ${hint}`)
  }
  const labelOf = (one: PathHistory): string | null => (histories.length > 1 ? one.history : null)
  return ask(asking, (query) =>
    Promise.resolve(
      histories.flatMap((one) =>
        one.versions.map((version) => {
          return {version, history: labelOf(one), place: placeFor(query, version)}
        }),
      ),
    ),
  )
}

const isFree = (path: Buffer): Promise<boolean> =>
  lstat(path).then(
    () => false,
    () => true,
  )

/** A free name beside the place, such as '2026-11-22_10-00-00_letter.txt'. */
export async function nameBeside(place: Buffer, snapshot: string): Promise<Buffer> {
  const names = new VersionNames()
  for (;;) {
    const name = names.next(snapshot, place)
    if (await isFree(Buffer.concat([lastOf(place).parent, Buffer.from('/'), name]))) return name
  }
}
