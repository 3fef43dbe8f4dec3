// `cura-te-ipsum backup`: parses, calls the operation, prints the result.
import * as Args from '@oclif/core/args'
import {BaseCommand} from '../base-command.js'
import {
  backupFlags,
  compareFlags,
  excludeFlags,
  extentText,
  hostFrom,
  keepFlags,
  keepFlagsOf,
  pruneFlags,
  runFlags,
  tagsFrom,
} from '../flags.js'
import {refuseLateCommand} from '../hints.js'
import {waitFrom} from '../lock-settings.js'
import {operands} from '../settings.js'

export default class Backup extends BaseCommand {
  static override summary = 'Make a snapshot of the sources, if they have changed.'
  static override description =
    'A source is PATH, or NAME=PATH to give it another name in the snapshot. ' +
    'Write a path that contains "=" as ./a=b. With --external-rsync a source may also be ' +
    '[user@]host:/path, host::module/path or rsync://host/module/path.\n\n' +
    'After the backup, snapshots that no retention rule keeps are removed, as prune does; ' +
    `--no-prune keeps them. ${extentText}`

  static override usage = 'backup -b STORE [FLAGS] SOURCE...'
  static override examples = [
    {
      description: 'Two directories:',
      command: '<%= config.bin %> backup -b /mnt/backups /home/ann /etc',
    },
    {
      description: 'Preview changes and exclusions; the second source gets a name:',
      command: "<%= config.bin %> backup -b /mnt/backups -nv -e '*.tmp' /etc docs=/srv/doc",
    },
    {
      description: 'Keep the first snapshot of each day for a month, and tagged ones:',
      command: '<%= config.bin %> backup -b /mnt/backups --keep-daily 30d --keep-tag keep /etc',
    },
  ]

  static override args = {
    source: Args.string({
      description: operands.source.summary,
      ignoreStdin: true,
      multiple: true,
      required: false, // the operation reports it in a better sentence
    }),
  }

  static override flags = {
    ...runFlags,
    ...backupFlags,
    ...excludeFlags,
    ...compareFlags,
    ...pruneFlags,
    ...keepFlags,
  }

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Backup)
    refuseLateCommand(args.source ?? [])
    const {backup} = await import('../../operations/backup.js')
    const {policyFrom} = await import('../../retention/policy.js')
    const {localZone} = await import('../../retention/retention.js')
    const {backupReport} = await import('../../report/backup.js')
    const {trustFrom, selectionFrom} = await import('../../engine/selection.js')
    const {backupJson} = await import('../../report/json.js')
    const {quiet, verbose, 'dry-run': dryRun} = flags
    const policy = policyFrom(keepFlagsOf(flags))
    const selection = selectionFrom(flags)
    const forPrograms = this.jsonEnabled()
    const listing = verbose && (!quiet || forPrograms)
    const lists = {changes: listing || (dryRun && forPrograms), omissions: listing}
    const {result, changes, omissions} = await this.watch(quiet, (observer) =>
      backup({
        storeDir: flags['backups-dir'],
        operands: args.source ?? [],
        dryRun,
        force: flags.force,
        wait_ms: waitFrom(flags.wait),
        allowEmpty: flags['allow-empty'],
        external: {rsync: flags['external-rsync'], hardlink: flags['external-hardlink']},
        selection,
        trust: trustFrom(flags),
        digests: !flags['no-digest'],
        tags: tagsFrom('--tag', flags.tag),
        host: hostFrom(flags.host),
        moved: flags.moved,
        pruning: {policy, zone: localZone, ...(flags['no-prune'] && {tellsOnly: true})},
        clock: () => new Date(), // commands own the clock
        lists,
        ...observer,
      }),
    )
    process.exitCode = result.exit
    if (this.format === 'text') this.report(backupReport(result, verbose, quiet), quiet)
    return backupJson(result, lists.changes ? changes : null, lists.omissions ? omissions : null)
  }
}
