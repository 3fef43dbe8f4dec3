// The output of find: a line for each path, null-terminated paths, JSON.
import type {FoundPath} from '../operations/find.js'
import {pathJson, printable} from '../base/escape.js'
import {counted} from '../base/units.js'

/** '  [eva (/home/eva on desktop)]'; empty if the source's name alone says which history it is. */
export function historyNote(path: Buffer, history: string | null): string {
  const [source] = path.toString().split('/', 1)
  return history === null || history === source ? '' : `  [${printable(history)}]`
}

/** The first and the last snapshot with the path, then the path. */
function lineOf({first, last, path, type, present, history}: FoundPath): string {
  const name = `${printable(path)}${type === 'directory' ? '/' : ''}`
  return `${first}  ${last}  ${name}${present ? '' : '  (deleted)'}${historyNote(path, history)}\n`
}

export const foundLines = (page: readonly FoundPath[]): string => page.map(lineOf).join('')

const end = Buffer.from('\0')

/** Raw bytes. */
export const foundPaths = (page: readonly FoundPath[]): Buffer =>
  Buffer.concat(page.flatMap(({path}) => [path, end]))

export const foundJson = ({
  path,
  type,
  bytes,
  mtime,
  first,
  last,
  ...match
}: FoundPath): object => ({
  ...pathJson(path),
  type,
  size: bytes,
  mtime,
  first,
  last,
  snapshots: match.count,
  present: match.present,
  sha256: match.sha256,
  history: match.history,
})

/** What may help if nothing matches. */
export function unmatchedText(patterns: readonly string[], ignoreCase: boolean): string {
  const names = patterns.map((pattern) => printable(pattern))
  const plain = names.find((name) => !/[*?[\]\\/']/.test(name))
  const advice = [
    ...(plain === undefined ? [] : [`For a part of a name write '*${plain}*'`]),
    ...(ignoreCase || names.length === 0 ? [] : ['-i ignores case']),
  ]
  const first = names.length === 0 ? 'Nothing was found.' : `No path matches ${names.join(' or ')}.`
  return [first, ...(advice.length === 0 ? [] : [`${advice.join('; ')}.`])].join(' ')
}

/** Sentences about what could not be compared; empty if there is nothing to say. */
export function undigestedText(undigested: number): string[] {
  if (undigested === 0) return []
  const paths = counted(undigested, 'path')
  const rest = undigested === 1 ? 'was not compared, because its digest is' : 'were not compared, because their digests are' // prettier-ignore
  return [`${paths} ${rest} unknown.`]
}
