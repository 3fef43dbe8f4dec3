// The brake of restore --delete: how many entries one run may delete. Pure.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {count, counted} from '../base/units.js'

/** What --max-delete allows. */
export type DeleteLimit =
  | {readonly of: 'all'}
  | {readonly of: 'entries'; readonly entries: number}
  /** A share of the entries that are there. */
  | {readonly of: 'share'; readonly percent: number}

interface Deletion {
  readonly deleted: number
  /** The directory of --to, where nothing is saved before it goes; null in place. */
  readonly directory: string | null
  /** Entries that are there now. */
  readonly existing: number
}

/** Without --max-delete, both must be exceeded: a small tree may change as a whole. */
const usualEntries = 1000
const usualPercent = 10

/** Throws a usage error. */
export function deleteLimitFrom(text: string): DeleteLimit {
  if (text === 'all') return {of: 'all'}
  const [, number = '', sign = ''] = /^(\d{1,15})(%?)$/.exec(text) ?? []
  if (number !== '' && sign === '') return {of: 'entries', entries: Number(number)}
  if (number !== '' && Number(number) <= 100) return {of: 'share', percent: Number(number)}
  throw new CuraError(
    'usage',
    `--max-delete "${printable(text)}" is not an amount: write a number such as 5000, a share ` +
      'such as 20%, or all',
  )
}

function isAllowed({deleted, existing, directory}: Deletion, limit: DeleteLimit | null): boolean {
  if (limit === null && directory !== null) return deleted === 0
  if (limit?.of === 'all') return true
  if (limit?.of === 'entries') return deleted <= limit.entries
  const share = (existing * (limit?.percent ?? usualPercent)) / 100
  return deleted <= share || (limit === null && deleted <= usualEntries)
}

/** Whether the brake would stop a restore that deletes so many entries. */
export const needsAllowance = (deleted: number): boolean => deleted > usualEntries

/** Why this is too much to delete; null if it may be deleted. */
export function deletionRefusal(deletion: Deletion, limit: DeleteLimit | null): string | null {
  if (isAllowed(deletion, limit)) return null
  const {deleted, existing, directory} = deletion
  const of = `${counted(deleted, 'entry', 'entries')} of ${count(existing)}`
  if (directory !== null) {
    return (
      `this would delete ${of} in ${printable(directory)}, and --to saves nothing, so ` +
      `nothing was restored: look at the list with -n; if that is right, add --max-delete ${String(
        deleted,
      )}`
    )
  }
  const hint = 'if that is right, add --max-delete all'
  return `this would delete ${of}, so nothing was restored: look at the list with -n; ${hint}`
}
