// `cura-te-ipsum pin`: keeps snapshots forever.
import {annotateArgs, AnnotateCommand, annotateFlags} from '../annotate-command.js'

export default class Pin extends AnnotateCommand {
  static override summary = 'Keep snapshots forever.'
  static override description =
    'A pinned snapshot has a file named .backup_pinned and is never removed, until unpin removes ' +
    'the file. SNAPSHOT is latest, latest~2, oldest, a name or the beginning of one.'

  static override usage = 'pin -b STORE [FLAGS] SNAPSHOT...'
  static override examples = [
    {
      description: 'Keep the newest snapshot before an upgrade:',
      command: '<%= config.bin %> pin -b /mnt/backups latest',
    },
  ]

  static override args = annotateArgs
  static override flags = annotateFlags

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Pin)
    const annotation = {kind: 'pin', pinned: true} as const
    return this.annotate({selectors: args.snapshot, annotation, flags})
  }
}
