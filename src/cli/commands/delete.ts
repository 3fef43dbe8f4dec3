// `cura-te-ipsum delete`: parses, calls the operation, prints the result.
import * as Args from '@oclif/core/args'
import {hostFrom, queryFlagsFrom, runFlags} from '../flags.js'
import {waitFrom} from '../lock-settings.js'
import {QueryCommand, chooseFlags} from '../query-command.js'
import {deleteSettings} from '../query-settings.js'
import {operands} from '../settings.js'

export default class Delete extends QueryCommand {
  static override summary = 'Delete the snapshots that you name.'
  static override description =
    'Files that other snapshots share stay. If one of the snapshots is pinned, or is the last one ' +
    'of a source, nothing is deleted (exit 6). A snapshot that another process reads is left and ' +
    'named (exit 3). Unfinished snapshots and those dated in the future are deleted only by their ' +
    'full names. With --all --source NAME, all snapshots of a source that you no longer back up ' +
    'are deleted; those that hold other sources as well are left and named (exit 3).'

  static override usage = 'delete -b STORE [FLAGS] SNAPSHOT...'
  static override examples = [
    {
      description: 'Show what deleting the oldest snapshot would free:',
      command: '<%= config.bin %> delete -b /mnt/backups -n oldest',
    },
    {
      description: 'Delete all snapshots of a source that no longer exists:',
      command: '<%= config.bin %> delete -b /mnt/backups --all --source photos',
    },
  ]

  static override args = {
    snapshot: Args.string({
      description: operands.snapshots.summary,
      ignoreStdin: true,
      multiple: true,
      required: false, // the operation reports it in a better sentence
    }),
  }

  static override flags = {...runFlags, ...chooseFlags, ...queryFlagsFrom(deleteSettings)}

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Delete)
    const {deleteSnapshots} = await import('../../operations/delete.js')
    const {localZone} = await import('../../retention/retention.js')
    const {deleteReport} = await import('../../report/prune.js')
    const {deleteJson} = await import('../../report/json.js')
    const {quiet} = flags
    const {storeDir, filters} = this.asking(flags)
    const {result} = await this.watch(quiet, (observer) =>
      deleteSnapshots({
        storeDir,
        filters,
        snapshots: args.snapshot ?? [],
        all: flags.all,
        allowLast: flags['allow-last'],
        dryRun: flags['dry-run'],
        force: flags.force,
        wait_ms: waitFrom(flags.wait),
        host: hostFrom(process.env.CURA_HOST),
        zone: localZone,
        clock: () => new Date(), // commands own the clock
        ...observer,
      }),
    )
    process.exitCode = result.exit
    if (this.format === 'text') this.report(deleteReport(result), quiet)
    return deleteJson(result)
  }
}
