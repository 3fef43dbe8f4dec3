// `cura-te-ipsum status`: parses, calls the operation, prints what it found.
import {BaseCommand} from '../base-command.js'
import {extentText, keepFlags, keepFlagsOf, runFlags} from '../flags.js'

export default class Status extends BaseCommand {
  static override summary = 'Show the snapshots of a store, and whether it is well.'
  static override description =
    'Lists them with their sizes and with the rules that keep them, and says when the last backup ' +
    'succeeded, who holds the lock, what was left behind, and how much room there is. Nothing is ' +
    `changed. The rules are given as to prune.\n\n${extentText}`

  static override usage = 'status -b STORE [FLAGS]'
  static override examples = [
    {description: 'See what there is:', command: '<%= config.bin %> status -b /mnt/backups'},
    {
      description: 'The same for programs:',
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
