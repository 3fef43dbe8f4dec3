// What a verification is told to do.
import type {Observer} from './events.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {parsePeriod, parseSize} from '../base/units.js'
import type {VerifyOptions as NativeOptions} from '../native/native.js'
import type {Zone} from '../retention/retention.js'

export type Limits = Pick<
  NativeOptions,
  'reading' | 'mostBytes' | 'mostShare' | 'most_ms' | 'before_s' | 'bytesPerSecond'
>

export interface VerifyOptions extends Observer {
  readonly storeDir: string
  /** Selectors without paths; none: all finished snapshots. */
  readonly snapshots: readonly string[]
  readonly limits: Limits
  readonly heals: boolean
  /** Say what would be healed, and change nothing. */
  readonly dryRun: boolean
  /** Another store that may have good copies. */
  readonly replicaDir: string | null
  /** Compare with the live sources. */
  readonly comparesSources: boolean
  readonly host: string | null
  readonly zone: Zone
  readonly force: boolean
  readonly wait_ms: number
  readonly now: Date
}

interface Texts {
  readonly read?: string | undefined
  readonly for?: string | undefined
  readonly 'older-than'?: string | undefined
  readonly bwlimit?: string | undefined
}

type Amount = Pick<Limits, 'reading' | 'mostBytes' | 'mostShare'>

/** The value of --read. Throws a CuraError. */
function amountFrom(text: string): Amount {
  const all = {reading: 'all', mostBytes: null, mostShare: null} as const
  if (text === 'all' || text === 'new' || text === 'bad') return {...all, reading: text}
  const share = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text)?.[1]
  if (share !== undefined && Number(share) > 0 && Number(share) <= 100) {
    return {...all, mostShare: Number(share) / 100}
  }
  if (/^\d/.test(text) && share === undefined) {
    return {...all, mostBytes: parseSize(text, '--read')}
  }
  throw new CuraError(
    'usage',
    `--read "${printable(text)}" is not all, new, bad, a part such as 10% or a size such as 50G`,
  )
}

/** Throws a CuraError for a value that cannot be read. */
export function limitsFrom(texts: Texts, {heals, now}: {heals: boolean; now: Date}): Limits {
  const {read, 'older-than': older, bwlimit} = texts
  const implied = texts.for ?? older ?? bwlimit
  const silent = heals ? 'bad' : 'none'
  const amount: Amount =
    read !== undefined
      ? amountFrom(read)
      : {reading: implied === undefined ? silent : 'all', mostBytes: null, mostShare: null}
  return {
    ...amount,
    most_ms: texts.for === undefined ? null : parsePeriod(texts.for, '--for'),
    before_s:
      older === undefined
        ? null
        : Math.floor((now.getTime() - parsePeriod(older, '--older-than')) / 1000),
    bytesPerSecond: bwlimit === undefined ? null : parseSize(bwlimit, '--bwlimit'),
  }
}
