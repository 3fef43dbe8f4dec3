// `cura-te-ipsum prune`: parses, calls the operation, prints the result.
import * as Args from '@oclif/core/args'
import {BaseCommand} from '../base-command.js'
import {extentText, hostFrom, keepFlags, keepFlagsOf, runFlags} from '../flags.js'
import {waitFrom} from '../lock-settings.js'
import {operands} from '../settings.js'

export default class Prune extends BaseCommand {
  static override summary = 'Remove the snapshots that no retention rule keeps.'
  static override description =
    'The default policy is --keep-last 10 --keep-all 7d --keep-daily 30d --keep-weekly 52w ' +
    '--keep-monthly 12m --keep-yearly 5y. Any --keep flag replaces all of it. ' +
    `${extentText}\n\nThe newest snapshot of each source is never removed, and neither are ` +
    'pinned, unfinished and future-dated snapshots. With SNAPSHOT, only those snapshots are ' +
    'removed, and only if no rule keeps them: latest~2, oldest, names or beginnings of names.'

  static override usage = 'prune -b STORE [FLAGS] [SNAPSHOT...]'
  static override examples = [
    {
      description: 'Preview what would be removed, and why the rest is kept:',
      command: '<%= config.bin %> prune -b /mnt/backups -n',
    },
    {
      description: 'Use your own rules:',
      command: '<%= config.bin %> prune -b /mnt/backups --keep-daily 14d --keep-monthly 12',
    },
  ]

  static override args = {
    snapshot: Args.string({
      description: operands.snapshots.summary,
      multiple: true,
      required: false,
      ignoreStdin: true,
    }),
  }

  static override flags = {...runFlags, ...keepFlags}

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Prune)
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
        wait_ms: waitFrom(flags.wait),
        selectors: args.snapshot ?? [],
        host: hostFrom(process.env.CURA_HOST),
        clock: () => new Date(), // commands own the clock
        ...observer,
      }),
    )
    process.exitCode = result.exit
    if (this.format === 'text') this.report(pruneReport(result), quiet)
    return pruneJson(result)
  }
}
