// The retention policy as the user gives it: rules, and how far back each one reaches.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'

/** Hour, day, week, month, year. */
export type Unit = 'h' | 'd' | 'w' | 'm' | 'y'

/** How far back a rule reaches: a number of non-empty periods, or a span of the calendar. */
export type Extent = {readonly count: number} | {readonly amount: number; readonly unit: Unit}

/** In the order in which policies list the rules. */
export const ruleNames = ['last', 'all', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const
export type RuleName = (typeof ruleNames)[number]

export interface Rule {
  readonly rule: RuleName
  readonly extent: Extent
}

export interface Policy {
  /** Each rule at most once. */
  readonly rules: readonly Rule[]
  /** A snapshot with any of these tags is kept. */
  readonly tags: readonly string[]
}

export const defaultPolicy: Policy = {
  rules: [
    // A count, because one run with a clock years ahead would end every window.
    {rule: 'last', extent: {count: 10}},
    {rule: 'all', extent: {amount: 7, unit: 'd'}},
    {rule: 'daily', extent: {amount: 30, unit: 'd'}},
    {rule: 'weekly', extent: {amount: 52, unit: 'w'}},
    {rule: 'monthly', extent: {amount: 12, unit: 'm'}},
    {rule: 'yearly', extent: {amount: 5, unit: 'y'}},
  ],
  tags: [],
}

/** As the command line gives them; the tags one by one, see tagsFrom(). */
export type KeepFlags = {readonly [name in `keep-${RuleName}`]?: string | undefined} & {
  readonly 'keep-tag'?: readonly string[] | undefined
}

/** '30d', '7'. */
export function extentText(extent: Extent): string {
  return 'count' in extent ? String(extent.count) : `${extent.amount}${extent.unit}`
}

/** Null if it is neither a count nor a window. */
function parseExtent(text: string): Extent | null {
  const match = /^(\d{1,5})([hdwmy]?)$/.exec(text)
  if (match === null) return null
  const amount = Number(match[1])
  const unit = match[2] as Unit | ''
  return unit === '' ? {count: amount} : {amount, unit}
}

function badExtent(rule: RuleName, text: string): CuraError {
  const wanted =
    rule === 'last'
      ? 'not a count such as 7 (at most 5 digits; for a window, use --keep-all)'
      : 'neither a count such as 7 nor a window such as 30d (at most 5 digits, then h, d, w, m or y)'
  return new CuraError('usage', `--keep-${rule} "${printable(text)}" is ${wanted}`)
}

/** Null for a rule that is turned off by a 0. Throws a CuraError. */
function parseRule(rule: RuleName, text: string): Rule | null {
  const extent = parseExtent(text)
  if (extent === null || (rule === 'last' && !('count' in extent))) throw badExtent(rule, text)
  const reach = 'count' in extent ? extent.count : extent.amount
  return reach === 0 ? null : {rule, extent}
}

/**
 * The default policy without any keep flag, otherwise exactly the given rules. An empty text is
 * refused, because it comes from an unset variable in the user's script, and ignoring the rule would
 * remove snapshots that it should keep. Throws a CuraError.
 */
export function policyFrom(flags: KeepFlags): Policy {
  const given = ruleNames.flatMap((rule) => {
    const text = flags[`keep-${rule}` as const]
    return text === undefined ? [] : [{rule, text}]
  })
  const tags = [...new Set(flags['keep-tag'])]
  if (tags.includes('')) {
    throw new CuraError('usage', '--keep-tag "" is not a tag: name one, or leave the flag out')
  }
  if (given.length === 0 && tags.length === 0) return defaultPolicy
  const rules = given
    .map(({rule, text}) => parseRule(rule, text))
    .filter((parsed) => parsed !== null)
  if (rules.length === 0 && tags.length === 0) {
    throw new CuraError(
      'usage',
      'these flags would remove everything but the newest snapshot: set one of the --keep flags to ' +
        'more than 0, such as --keep-daily 30d, or leave them all out for the default policy',
    )
  }
  return {rules, tags}
}
