// Reads the conditions of find as people write them.
import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {parseSize} from '../base/units.js'
import {errorText} from '../native/failure.js'
import type {Conditions} from './find.js'
import type {Zone} from '../retention/retention.js'
import {lastSecondBefore} from '../store/at-time.js'

/** The flags of find. */
export interface ConditionTexts {
  readonly patterns: readonly string[]
  readonly ignoreCase: boolean
  /** Of f, d, l and s; empty: all. */
  readonly types: readonly string[]
  readonly size?: string | undefined
  readonly newer?: string | undefined
  readonly older?: string | undefined
  readonly digest?: string | undefined
  readonly sameAs?: string | undefined
  readonly deleted: boolean
}

function sizeTest(text: string): Conditions['size'] {
  const is = text.startsWith('+') ? 'above' : text.startsWith('-') ? 'below' : 'equal'
  try {
    return {is, bytes: parseSize(is === 'equal' ? text : text.slice(1), '--size')}
  } catch (error) {
    throw new CuraError(
      'usage',
      `--size "${printable(text)}" is not a size: write +10M for larger, -10M for smaller, or 10M`,
      {cause: error},
    )
  }
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  } catch (error) {
    throw new CuraError('usage', `--same-as: cannot read ${printable(path)}: ${errorText(error)}`, {
      cause: error,
    })
  }
  return hash.digest('hex')
}

function digestFrom(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
  throw new CuraError('usage', `--digest "${printable(text)}" is not 64 hexadecimal digits`)
}

/** Throws a usage error for a condition that cannot be read. */
export async function conditionsFrom(
  texts: ConditionTexts,
  now: Date,
  zone: Zone,
): Promise<Conditions> {
  const {patterns, ignoreCase, types, size, newer, older, digest, sameAs, deleted} = texts
  const second = (flag: string, text: string | undefined): number | null =>
    text === undefined ? null : lastSecondBefore(text, now, zone, flag)
  if (digest !== undefined && sameAs !== undefined) {
    throw new CuraError('usage', 'give either --digest or --same-as, not both')
  }
  const isWanted = (type: string): boolean => types.length === 0 || types.includes(type)
  const wanted = sameAs === undefined ? digest && digestFrom(digest) : await digestOfFile(sameAs)
  return {
    patterns,
    ignoreCase,
    types: {
      file: isWanted('f'),
      directory: isWanted('d'),
      symlink: isWanted('l'),
      special: isWanted('s'),
    },
    size: size === undefined ? null : sizeTest(size),
    after_s: second('--newer', newer),
    until_s: second('--older', older),
    digest: wanted ?? null,
    deleted,
  }
}
