// The flags that commands share, each with its environment variable. Help shows a flag's summary, and
// the man page its description, too.
import * as Flags from '@oclif/core/flags'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'

export const backupsDirFlag = Flags.string({
  char: 'b',
  env: 'CURA_BACKUPS_DIR',
  helpValue: 'STORE',
  required: true,
  summary: 'The directory that holds the snapshots.',
  description:
    'It belongs to you, and nobody else may write to it. It is never made for you: a store that is ' +
    'missing may be a disk that is not mounted.',
})

export const dryRunFlag = Flags.boolean({
  default: false,
  char: 'n',
  env: 'CURA_DRY_RUN',
  summary: 'Only print what would be done; touch nothing.',
  description: 'No lock is taken either.',
})

export const forceFlag = Flags.boolean({
  default: false,
  char: 'f',
  env: 'CURA_FORCE',
  summary: 'End another run on this store, if one is on, and take its place.',
  description: 'It gets a SIGTERM, and after 5 seconds a SIGKILL.',
})

export const allowEmptyFlag = Flags.boolean({
  default: false,
  env: 'CURA_ALLOW_EMPTY',
  summary: 'Accept a source that is empty now and was not in the last snapshot.',
  description: 'Without it such a run fails, for the disk of the source may not be mounted.',
})

export const hostFlag = Flags.string({
  env: 'CURA_HOST',
  helpValue: 'NAME',
  summary: 'Identify this machine by NAME instead of by its machine id.',
  description:
    'Each machine has its own history of a source. Containers whose machine id changes need this.',
})

export const movedFlag = Flags.boolean({
  default: false,
  env: 'CURA_MOVED',
  summary: 'Continue the history that a source of the same name has elsewhere.',
  description:
    'For a source that was moved, or a machine that was replaced. Once is enough. Do not back up the ' +
    'old source any more.',
})

export const externalRsyncFlag = Flags.boolean({
  default: false,
  env: 'CURA_EXTERNAL_RSYNC',
  summary: 'Have the installed rsync do the syncing; a source may then be on another host.',
  description:
    'It takes rsync 3.1 or later; RSYNC_RSH and the like reach it. Nothing can be left out then.',
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
  description: 'Commas divide tags, too.',
})

const retention = 'RETENTION'

export const noPruneFlag = Flags.boolean({
  default: false,
  env: 'CURA_NO_PRUNE',
  helpGroup: retention,
  summary: 'Remove no snapshot, even if no rule keeps it.',
})

/** One rule of retention: `text` says what it keeps. */
const keepFlag = (name: string, text: string, extent = 'EXTENT') =>
  Flags.string({
    env: `CURA_KEEP_${name}`,
    helpGroup: retention,
    helpValue: extent,
    summary: text,
  })

export const extentText =
  'EXTENT is a number of hours, days, weeks, months or years, such as 24h, 30d, 52w, 12m or 5y, or ' +
  'a plain number: so many of them in which there is a snapshot.'

export const keepFlags = {
  'keep-last': keepFlag('LAST', 'Keep the newest N snapshots.', 'N'),
  'keep-all': keepFlag('ALL', 'Keep every snapshot of that time, such as 7d.'),
  'keep-hourly': keepFlag('HOURLY', 'Keep the first of each hour, such as 24h.'),
  'keep-daily': keepFlag('DAILY', 'Keep the first of each day, such as 30d.'),
  'keep-weekly': keepFlag('WEEKLY', 'Keep the first of each week, such as 52w.'),
  'keep-monthly': keepFlag('MONTHLY', 'Keep the first of each month, such as 12m.'),
  'keep-yearly': keepFlag('YEARLY', 'Keep the first of each year, such as 5y.'),
  'keep-tag': Flags.string({
    delimiter: ',',
    env: 'CURA_KEEP_TAG',
    helpGroup: retention,
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

const output = 'OUTPUT'

/** Flags that every command has. */
export const commonFlags = {
  quiet: Flags.boolean({
    default: false,
    char: 'q',
    env: 'CURA_QUIET',
    helpGroup: output,
    summary: 'Print errors only.',
  }),
  verbose: Flags.boolean({
    default: false,
    char: 'v',
    env: 'CURA_VERBOSE',
    helpGroup: output,
    summary: 'Have backup name every change and every entry left out.',
  }),
  json: Flags.boolean({
    default: false,
    env: 'CURA_JSON',
    helpGroup: output,
    summary: 'Print the result as one JSON object.',
    description: 'Paths in it that are not UTF-8 are there as path_b64, too.',
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

/** Throws a CuraError for what is no name. */
export function hostFrom(value: string | undefined): string | null {
  if (value === undefined) return null
  if (value !== '' && !value.includes('\ufffd')) return value
  throw new CuraError(
    'usage',
    `--host "${printable(value)}" is not a name: give one, or leave the flag out`,
  )
}
