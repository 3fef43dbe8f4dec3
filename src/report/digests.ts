// The output of digests: lines for sha256sum, JSON, and a sentence about missing digests.
import type {DigestsResult, FileDigest} from '../operations/digests.js'
import {pathJson} from '../base/escape.js'
import {count, counted} from '../base/units.js'

/** Bytes as Latin-1. A line with escaped characters begins with a backslash, as in sha256sum. */
function checkLine({path, sha256}: FileDigest): string {
  const name = path.toString('latin1')
  if (!/[\\\n\r]/.test(name)) return `${sha256}  ${name}\n`
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return `\\${sha256}  ${escaped}\n`
}

/** The known digests, as `sha256sum -c` reads them. */
export const checkLines = (page: readonly FileDigest[]): Buffer =>
  Buffer.from(
    page
      .filter(({sha256}) => sha256 !== null)
      .map(checkLine)
      .join(''),
    'latin1',
  )

export const digestJson = ({path, sha256}: FileDigest): object => ({...pathJson(path), sha256})

/** A sentence about the files without a digest; empty if there are none. */
export function withoutText({snapshot, files, without}: DigestsResult): string {
  if (without === 0) return ''
  const of = `${count(without)} of ${counted(files, 'file')} in ${snapshot}`
  return `${of} ${without === 1 ? 'has' : 'have'} no digest.\n`
}
