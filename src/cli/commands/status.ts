// `cura-te-ipsum status`: parses, calls the operation, prints the result.
import {BaseCommand} from '../base-command.js'
import {extentText, keepFlags, keepFlagsOf, runFlags} from '../flags.js'

export default class Status extends BaseCommand {
  static override summary = 'List the snapshots of a store and report its health.'
  static override description =
    'Shows each snapshot with its size and the rules that keep it, the last successful backup, ' +
    'the owner of the lock, leftovers of interrupted runs, and the free space. It changes ' +
    `nothing. The --keep flags mean the same as for prune.\n\n${extentText}`

  static override usage = 'status -b STORE [FLAGS]'
  static override examples = [
    {description: 'Show the store:', command: '<%= config.bin %> status -b /mnt/backups'},
    {
      description: 'The same as JSON:',
      command: '<%= config.bin %> status -b /mnt/backups --json',
    },
  ]

  static override flags = {'backups-dir': runFlags['backups-dir'], ...keepFlags}

  async run(): Promise<object> {
    const {flags} = await this.parse(Status)
    const {status} = await import('../../operations/status.js')
    const {statusReport} = await import('../../report/status.js')
    const {statusJson} = await import('../../report/json.js')
    const {policyFrom} = await import('../../retention/policy.js')
    const {localZone} = await import('../../retention/retention.js')
    const result = status({
      storeDir: flags['backups-dir'],
      policy: policyFrom(keepFlagsOf(flags)),
      zone: localZone,
      now: new Date(),
    })
    if (!flags.json && !flags.quiet) this.print(statusReport(result))
    return statusJson(result)
  }
}
