// `cura-te-ipsum unpin`: leaves pinned snapshots to the rules again.
import {annotateArgs, AnnotateCommand, annotateFlags} from '../annotate-command.js'

export default class Unpin extends AnnotateCommand {
  static override summary = 'Let the retention rules judge pinned snapshots again.'
  static override description =
    'The next prune may remove them. SNAPSHOT is latest, latest~2, oldest, a name or the ' +
    'beginning of one.'

  static override usage = 'unpin -b STORE [FLAGS] SNAPSHOT...'
  static override examples = [
    {
      description: 'Unpin a snapshot:',
      command: '<%= config.bin %> unpin -b /mnt/backups 2026-11-22',
    },
  ]

  static override args = annotateArgs
  static override flags = annotateFlags

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Unpin)
    const annotation = {kind: 'pin', pinned: false} as const
    return this.annotate({selectors: args.snapshot, annotation, flags})
  }
}
