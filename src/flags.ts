// The flags that commands share, each with its environment variable.
import * as Flags from '@oclif/core/flags'
import {CuraError} from './errors.js'
import {printable} from './escape.js'

export const backupsDirFlag = Flags.string({
  char: 'b',
  env: 'CURA_BACKUPS_DIR',
  helpValue: 'STORE',
  required: true,
  summary: 'The directory that holds the snapshots.',
})

export const dryRunFlag = Flags.boolean({
  default: false,
  char: 'n',
  env: 'CURA_DRY_RUN',
  summary: 'Only print what would be done; touch nothing.',
})

export const forceFlag = Flags.boolean({
  default: false,
  char: 'f',
  env: 'CURA_FORCE',
  summary: 'End another run on this store, if one is on, and take its place.',
})

export const allowEmptyFlag = Flags.boolean({
  default: false,
  env: 'CURA_ALLOW_EMPTY',
  summary: 'Accept a source that is empty now and was not in the last snapshot.',
})

export const externalRsyncFlag = Flags.boolean({
  default: false,
  env: 'CURA_EXTERNAL_RSYNC',
  summary: 'Have the installed rsync do the syncing; a source may then be on another host.',
})

export const externalHardlinkFlag = Flags.boolean({
  default: false,
  env: 'CURA_EXTERNAL_HARDLINK',
  summary: 'Have cp (gcp on macOS) make the hardlinks to the previous snapshot.',
})

export const noDigestFlag = Flags.boolean({
  default: false,
  env: 'CURA_NO_DIGEST',
  summary: 'Take no digests of the files that are stored anew.',
})

export const tagFlag = Flags.string({
  delimiter: ',',
  env: 'CURA_TAG',
  helpValue: 'TAG',
  multiple: true,
  multipleNonGreedy: true,
  summary: 'Mark the snapshot with a tag; may be given more than once.',
})

export const noPruneFlag = Flags.boolean({
  default: false,
  env: 'CURA_NO_PRUNE',
  summary: 'Remove no snapshot, even if no rule keeps it.',
})

/** One rule of retention: `text` says what it keeps. */
const keepFlag = (name: string, text: string, extent = 'EXTENT') =>
  Flags.string({
    env: `CURA_KEEP_${name}`,
    helpGroup: 'RETENTION',
    helpValue: extent,
    summary: text,
  })

/** EXTENT is a count such as 7, or a window such as 24h, 30d, 52w, 12m, 5y. */
export const keepFlags = {
  'keep-last': keepFlag('LAST', 'Keep the newest N snapshots.', 'N'),
  'keep-all': keepFlag('ALL', 'Keep every snapshot of that time, such as 7d.'),
  'keep-hourly': keepFlag(
    'HOURLY',
    'Keep the first of each hour, for so many hours or such as 24h.',
  ),
  'keep-daily': keepFlag('DAILY', 'Keep the first of each day, for so many days or such as 30d.'),
  'keep-weekly': keepFlag('WEEKLY', 'Keep the first of each week, for so many or such as 52w.'),
  'keep-monthly': keepFlag('MONTHLY', 'Keep the first of each month, for so many or such as 12m.'),
  'keep-yearly': keepFlag('YEARLY', 'Keep the first of each year, for so many or such as 5y.'),
  'keep-tag': Flags.string({
    delimiter: ',',
    env: 'CURA_KEEP_TAG',
    helpGroup: 'RETENTION',
    helpValue: 'TAG',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'Keep every snapshot with this tag; may be given more than once.',
  }),
}

type KeepTexts = {
  readonly [name in Exclude<keyof typeof keepFlags, 'keep-tag'>]?: string | undefined
}

/** The keep flags as the policy takes them, which refuses empty tags. */
export const keepFlagsOf = (
  flags: KeepTexts & {readonly 'keep-tag'?: string | readonly string[] | undefined},
) => ({...flags, 'keep-tag': dividedTexts(flags['keep-tag'])})

/** Flags that every command has. */
export const commonFlags = {
  json: Flags.boolean({
    default: false,
    env: 'CURA_JSON',
    helpGroup: 'GLOBAL',
    summary: 'Print the result as one JSON object.',
  }),
  quiet: Flags.boolean({
    default: false,
    char: 'q',
    env: 'CURA_QUIET',
    helpGroup: 'GLOBAL',
    summary: 'Print errors only.',
  }),
  verbose: Flags.boolean({
    default: false,
    char: 'v',
    env: 'CURA_VERBOSE',
    helpGroup: 'GLOBAL',
    summary: 'Name every change and every entry left out.',
  }),
}

/** What is asked of a flag's definition here. */
interface Defined {
  readonly type: string
  readonly env?: string | undefined
}

const clearSwitch = /^(|1|true|y|yes|0|false|n|no)$/i

/**
 * Throws a CuraError for a switch in the environment that is neither on nor off: oclif takes what it
 * does not know for off, and CURA_DRY_RUN=on must not remove a thing.
 */
export function refuseUnclearSwitches(
  flags: Readonly<Record<string, Defined>>,
  environment: NodeJS.ProcessEnv,
): void {
  for (const {type, env = ''} of Object.values(flags)) {
    const text = environment[env] ?? ''
    if (type !== 'boolean' || clearSwitch.test(text)) continue
    throw new CuraError('usage', `${env} is "${printable(text)}": say 1 for yes, or 0 for no`)
  }
}

/** From the environment oclif hands over one text, undivided, whatever its type says. */
function dividedTexts(value: string | readonly string[] | undefined): string[] {
  const given = value === undefined ? [] : [value].flat()
  return given.flatMap((text) => text.split(',')).map((text) => text.trim())
}

export function textsFrom(value: string | readonly string[] | undefined): string[] {
  return [...new Set(dividedTexts(value).filter((text) => text !== ''))]
}
