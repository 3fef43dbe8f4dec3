// `cura-te-ipsum status`: parses, calls the operation, prints the result.
import {BaseCommand} from '../base-command.js'
import {extentText, keepFlags, keepFlagsOf, queryFlagsFrom, runFlags} from '../flags.js'
import {filterSettings, statusSettings} from '../query-settings.js'
import {parsePeriod} from '../../base/units.js'

const {source} = filterSettings

export default class Status extends BaseCommand {
  static override summary = 'List the snapshots of a store and report its health.'
  static override description =
    'Shows each snapshot with its size and the rules that keep it, how the last run ended, ' +
    'the owner of the lock, leftovers of interrupted runs, the free space, and what is wrong. ' +
    'It changes nothing. Exits with 3 if the store is damaged, has no finished snapshot, or if ' +
    `--max-age is exceeded. The --keep flags mean the same as for prune.\n\n${extentText}`

  static override usage = 'status -b STORE [FLAGS]'
  static override examples = [
    {description: 'Show the store:', command: '<%= config.bin %> status -b /mnt/backups'},
    {
      description: 'The same as JSON:',
      command: '<%= config.bin %> status -b /mnt/backups --json',
    },
    {
      description: 'Exit with 3 if a source has had no good run for 26 hours:',
      command: '<%= config.bin %> status -b /mnt/backups --max-age 26h -q',
    },
  ]

  static override flags = {
    'backups-dir': runFlags['backups-dir'],
    ...queryFlagsFrom({source, ...statusSettings}),
    ...keepFlags,
  }

  async run(): Promise<object> {
    const {flags} = await this.parse(Status)
    const {status} = await import('../../operations/status.js')
    const {problemsText, statusReport} = await import('../../report/status.js')
    const {statusJson} = await import('../../report/status-json.js')
    const {policyFrom} = await import('../../retention/policy.js')
    const {localZone} = await import('../../retention/retention.js')
    const maxAge = flags['max-age']
    const result = status({
      storeDir: flags['backups-dir'],
      policy: policyFrom(keepFlagsOf(flags)),
      zone: localZone,
      source: flags.source,
      maxAge_ms: maxAge === undefined ? null : parsePeriod(maxAge, '--max-age'),
      now: new Date(),
    })
    process.exitCode = result.exit
    if (this.format === 'text') {
      if (flags.quiet) this.printProblem(problemsText(result))
      else this.print(await statusReport(result, this.screen))
    }
    return statusJson(result)
  }
}
