// `cura-te-ipsum prune`: parses, calls the operation, prints what it came to.
import {BaseCommand} from '../base-command.js'
import {extentText, keepFlags, keepFlagsOf, runFlags} from '../flags.js'

export default class Prune extends BaseCommand {
  static override summary = 'Remove the snapshots that no retention rule keeps.'
  static override description =
    'Without any --keep flag the policy is --keep-last 10 --keep-all 7d --keep-daily 30d ' +
    '--keep-weekly 52w --keep-monthly 12m --keep-yearly 5y; with one or more it is just these. ' +
    `${extentText}\n\nNever removed are the newest snapshot of each source, and those that are pinned, unfinished or ` +
    'dated in the future.'

  static override usage = 'prune -b STORE [FLAGS]'
  static override examples = [
    {
      description: 'See what would be removed, and what keeps the rest:',
      command: '<%= config.bin %> prune -b /mnt/backups -n',
    },
    {
      description: 'By rules of your own:',
      command: '<%= config.bin %> prune -b /mnt/backups --keep-daily 14d --keep-monthly 12',
    },
  ]

  static override flags = {...runFlags, ...keepFlags}

  async run(): Promise<object> {
    const {flags} = await this.parse(Prune)
    const {prune} = await import('../../operations/prune.js')
    const {policyFrom} = await import('../../retention/policy.js')
    const {localZone} = await import('../../retention/retention.js')
    const {pruneReport} = await import('../../report/prune.js')
    const {pruneJson} = await import('../../report/json.js')
    const {quiet} = flags
    const policy = policyFrom(keepFlagsOf(flags))
    const {result} = await this.watch(quiet, (observer) =>
      prune({
        storeDir: flags['backups-dir'],
        policy,
        zone: localZone,
        dryRun: flags['dry-run'],
        force: flags.force,
        clock: () => new Date(), // commands own the clock
        ...observer,
      }),
    )
    process.exitCode = result.exit
    if (this.format === 'text') this.report(pruneReport(result), quiet)
    return pruneJson(result)
  }
}
