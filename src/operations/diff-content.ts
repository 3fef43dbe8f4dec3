// How the contents of a changed file differ, as a unified diff.
import {isUtf8} from 'node:buffer'
import {printable, printableText} from '../base/escape.js'
import {isNativeError} from '../native/failure.js'
import type {Change, NativeStore} from '../native/native.js'

const sizeLimit_bytes = 1_000_000
/** Beyond this, two texts have hardly a line in common. */
const timeLimit_ms = 5000

/** A file of a snapshot. */
interface File {
  readonly snapshot: string
  readonly path: Buffer
}

const labelOf = ({snapshot, path}: File): string => `${snapshot}/${printable(path)}`

/** Null if it is too large or no text. Throws an errno name. */
function textOf(store: NativeStore, {snapshot, path}: File): string | null {
  const bytes = store.readFile(snapshot, path, sizeLimit_bytes)
  return bytes === null || bytes.includes(0) || !isUtf8(bytes) ? null : bytes.toString()
}

async function patch(before: File, after: File, [old, now]: readonly string[]): Promise<string> {
  const {structuredPatch} = await import('diff')
  const [from, to] = [labelOf(before), labelOf(after)]
  const options = {context: 3, timeout: timeLimit_ms}
  const found = structuredPatch(from, to, old ?? '', now ?? '', '', '', options)
  if (found === undefined) return `Files ${from} and ${to} differ\n`
  const hunks = found.hunks.flatMap(({oldStart, oldLines, newStart, newLines, lines}) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines.map(printableText),
  ])
  return [`--- ${from}`, `+++ ${to}`, ...hunks].map((line) => `${line}\n`).join('')
}

/**
 * The unified diff of a changed file, or a sentence if there is none; null for every other change.
 * `onFailure` gets a sentence about a file that cannot be read.
 */
export async function contentOf(
  store: NativeStore,
  change: Change,
  [from, to]: readonly [string, string],
  onFailure: (text: string) => void,
): Promise<string | null> {
  if (change.kind !== 'changed' || change.type !== 'file') return null
  const before = {snapshot: from, path: change.from ?? change.path}
  const after = {snapshot: to, path: change.path}
  try {
    const old = textOf(store, before)
    const now = textOf(store, after)
    if (old !== null && now !== null) return await patch(before, after, [old, now])
    return `Binary files ${labelOf(before)} and ${labelOf(after)} differ\n`
  } catch (error) {
    // It was of another type before.
    if (!isNativeError(error)) throw error
    if (['EINVAL', 'ELOOP'].includes(error.code)) return null
    onFailure(`${labelOf(before)} and ${labelOf(after)} could not be compared: ${error.code}.`)
    return null
  }
}
