// The flags that commands share, each with its environment variable.
import * as Flags from '@oclif/core/flags'

export const backupsDirFlag = Flags.string({
  char: 'b',
  env: 'CURA_BACKUPS_DIR',
  helpValue: 'STORE',
  required: true,
  summary: 'The directory that holds the snapshots.',
})

export const dryRunFlag = Flags.boolean({
  char: 'n',
  env: 'CURA_DRY_RUN',
  summary: 'Only print what would be done; touch nothing.',
})

export const forceFlag = Flags.boolean({
  char: 'f',
  env: 'CURA_FORCE',
  summary: 'End another run on this store, if one is on, and take its place.',
})

export const allowEmptyFlag = Flags.boolean({
  env: 'CURA_ALLOW_EMPTY',
  summary: 'Accept a source that is empty now and was not in the last snapshot.',
})

export const tagFlag = Flags.string({
  delimiter: ',',
  env: 'CURA_TAG',
  helpValue: 'TAG',
  multiple: true,
  multipleNonGreedy: true,
  summary: 'Mark the snapshot with a tag; may be given more than once.',
})

/** Flags that every command has. */
export const commonFlags = {
  json: Flags.boolean({
    env: 'CURA_JSON',
    helpGroup: 'GLOBAL',
    summary: 'Print the result as one JSON object.',
  }),
  quiet: Flags.boolean({
    char: 'q',
    env: 'CURA_QUIET',
    helpGroup: 'GLOBAL',
    summary: 'Print errors only.',
  }),
  verbose: Flags.boolean({
    char: 'v',
    env: 'CURA_VERBOSE',
    helpGroup: 'GLOBAL',
    summary: 'Name every change and every entry left out.',
  }),
}

/** From the environment oclif hands over one text, undivided, whatever its type says. */
export function tagsFrom(value: string | readonly string[] | undefined): string[] {
  const texts = value === undefined ? [] : [value].flat()
  const tags = texts.flatMap((text) => text.split(',')).map((tag) => tag.trim())
  return [...new Set(tags.filter((tag) => tag !== ''))]
}
