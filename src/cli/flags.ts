// Makes oclif's flags from the table of settings, and reads the values of some flags.
import * as Flags from '@oclif/core/flags'
import type {Interfaces} from '@oclif/core'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {guardTag} from '../retention/guards.js'
import {
  backupSettings,
  compareSettings,
  excludeSettings,
  keepSettings,
  outputSettings,
  pruneSettings,
  runSettings,
  variableOf,
} from './settings.js'
import type {Setting} from './settings.js'

type FlagOf<S extends Setting> = S extends {readonly type: 'switch'}
  ? Interfaces.BooleanFlag<boolean>
  : S extends {readonly type: 'list'}
    ? Interfaces.OptionFlag<string[] | undefined>
    : S extends {readonly required: true}
      ? Interfaces.OptionFlag<string>
      : Interfaces.OptionFlag<string | undefined>

function flagFor(name: string, setting: Setting, hasVariable: boolean) {
  const {type, char, value, delimiter, required, group, summary, description, options} = setting
  const shared = {
    ...(hasVariable && {env: variableOf(name)}),
    summary,
    // oclif parses -0 as well, whatever its types say.
    ...(char !== undefined && {char: char as 'a'}),
    ...(group !== undefined && {helpGroup: group}),
    ...(description !== undefined && {description}),
  }
  if (type === 'switch') return Flags.boolean({...shared, default: false})
  const text = {
    ...shared,
    ...(value !== undefined && {helpValue: value}),
    ...(options !== undefined && {options}),
  }
  if (type === 'text') return Flags.string({...text, ...(required === true && {required})})
  const divided = {...text, ...(delimiter !== undefined && {delimiter})}
  return Flags.string({...divided, multiple: true, multipleNonGreedy: true})
}

const flagsFrom = <T extends Readonly<Record<string, Setting>>>(table: T, hasVariables = true) =>
  Object.fromEntries(
    Object.entries(table).map(([name, setting]) => [name, flagFor(name, setting, hasVariables)]),
  ) as unknown as {[N in keyof T]: FlagOf<T[N]>}

/** The flags of a table in query-settings.ts. */
export const queryFlagsFrom = <T extends Readonly<Record<string, Setting>>>(table: T) =>
  flagsFrom(table, false)

export const runFlags = flagsFrom(runSettings)
export const backupFlags = flagsFrom(backupSettings)
export const excludeFlags = flagsFrom(excludeSettings)
export const compareFlags = flagsFrom(compareSettings)
export const pruneFlags = flagsFrom(pruneSettings)
export const keepFlags = flagsFrom(keepSettings)
export const outputFlags = flagsFrom(outputSettings)

export const extentText =
  'EXTENT is a period such as 24h, 30d, 52w, 12m or 5y (hours, days, weeks, months, years), or ' +
  'N: the last N periods that contain a snapshot.'

type KeepTexts = {
  readonly [name in Exclude<keyof typeof keepFlags, 'keep-tag'>]?: string | undefined
}

/** The keep flags in the form the policy expects; it refuses empty tags. */
export const keepFlagsOf = (
  flags: KeepTexts & {readonly 'keep-tag'?: string | readonly string[] | undefined},
) => ({...flags, 'keep-tag': dividedTexts(flags['keep-tag'])})

/** oclif returns a list from the environment as one undivided text, whatever its type says. */
function dividedTexts(value: string | readonly string[] | undefined): string[] {
  const given = value === undefined ? [] : [value].flat()
  return given.flatMap((text) => text.split(',')).map((text) => text.trim())
}

export function textsFrom(value: string | readonly string[] | undefined): string[] {
  return [...new Set(dividedTexts(value).filter((text) => text !== ''))]
}

/** The tags that a user gives or takes. Throws a CuraError for the one that only the tool gives. */
export function tagsFrom(flag: string, value: string | readonly string[] | undefined): string[] {
  const tags = textsFrom(value)
  if (!tags.includes(guardTag)) return tags
  throw new CuraError(
    'usage',
    `${flag} ${guardTag}: this tag is reserved. It hides the snapshots that are taken before a ` +
      'restore; choose another tag',
  )
}

/** Throws a CuraError for an empty or unreadable name. */
export function hostFrom(value: string | undefined): string | null {
  if (value === undefined) return null
  if (value !== '' && !value.includes('\ufffd')) return value
  throw new CuraError(
    'usage',
    `--host "${printable(value)}" is not a valid name: give a name, or omit --host`,
  )
}
