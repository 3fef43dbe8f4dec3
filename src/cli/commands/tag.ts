// `cura-te-ipsum tag`: adds tags to snapshots and removes them.
import {annotateArgs, AnnotateCommand, annotateFlags} from '../annotate-command.js'
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'
import {queryFlagsFrom, tagsFrom} from '../flags.js'
import {tagSettings} from '../query-settings.js'

/** Throws a CuraError if nothing is asked for, or the same tag twice. */
function changesFrom(flags: {add?: string[] | undefined; remove?: string[] | undefined}) {
  const [add, remove] = [tagsFrom('--add', flags.add), tagsFrom('--remove', flags.remove)]
  if (add.length + remove.length === 0) {
    throw new CuraError('usage', 'give the tags: --add TAG, --remove TAG, or both')
  }
  const both = add.find((tag) => remove.includes(tag))
  if (both === undefined) return {add, remove}
  throw new CuraError('usage', `the tag ${printable(both)} is both added and removed: choose one`)
}

export default class Tag extends AnnotateCommand {
  static override summary = 'Add tags to snapshots, or remove them.'
  static override description =
    'The tags are in a file named .backup_tags, which replaces the tags that the backup gave. ' +
    '--keep-tag keeps snapshots by their tags. SNAPSHOT is latest, latest~2, oldest, a name or ' +
    'the beginning of one.'

  static override usage = 'tag -b STORE [FLAGS] SNAPSHOT...'
  static override examples = [
    {
      description: 'Name the last snapshot before an upgrade:',
      command: '<%= config.bin %> tag -b /mnt/backups --add before-upgrade latest',
    },
  ]

  static override args = annotateArgs
  static override flags = {...annotateFlags, ...queryFlagsFrom(tagSettings)}

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Tag)
    const annotation = {kind: 'tag', ...changesFrom(flags)} as const
    return this.annotate({selectors: args.snapshot, annotation, flags})
  }
}
