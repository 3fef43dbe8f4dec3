// `cura-te-ipsum snapshots`: lists the snapshots of a store.
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'
import {extentText, keepFlags, keepFlagsOf, queryFlagsFrom} from '../flags.js'
import {filterFlags, QueryCommand} from '../query-command.js'
import {snapshotsSettings} from '../query-settings.js'

/** Throws a CuraError for anything but a number of at least 1. */
function lastFrom(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new CuraError('usage', `--last "${printable(text)}" is not a number of at least 1`)
}

export default class Snapshots extends QueryCommand {
  static override summary = 'List the snapshots of a store.'
  static override description =
    'The newest snapshot comes last. Unfinished and damaged snapshots are listed too, but those ' +
    'taken before a restore only with ' +
    '--tag before-restore. The --keep flags mean the same as for prune; KEPT BY begins with a ' +
    `pin and with tags (#tag).\n\n${extentText}`

  static override usage = 'snapshots -b STORE [FLAGS]'
  static override examples = [
    {
      description: 'List the newest ten snapshots of one source:',
      command: '<%= config.bin %> snapshots -b /mnt/backups --source photos --last 10',
    },
  ]

  static override flags = {...filterFlags, ...queryFlagsFrom(snapshotsSettings), ...keepFlags}

  async run(): Promise<object> {
    const {flags} = await this.parse(Snapshots)
    const {snapshots} = await import('../../operations/snapshots.js')
    const {snapshotsJson, snapshotsText} = await import('../../report/snapshots.js')
    const {scrubJson} = await import('../../report/status-json.js')
    const {policyFrom} = await import('../../retention/policy.js')
    const {localZone} = await import('../../retention/retention.js')
    const {result} = await this.watch(true, (observer) =>
      snapshots({
        ...this.asking(flags),
        ...observer,
        policy: policyFrom(keepFlagsOf(flags)),
        zone: localZone,
        last: lastFrom(flags.last),
        size: flags.size,
      }),
    )
    process.exitCode = result.exit
    const {onPage, list} = this.paged(() => '', snapshotsJson(result.sizes))
    if (this.format === 'text') this.print(await snapshotsText(result, this.screen))
    else await onPage([...result.verdicts].reverse())
    this.printWarnings(result.warnings)
    return {
      ...scrubJson(result.scrub),
      warnings: result.warnings,
      exit: result.exit,
      snapshots: list,
    }
  }
}
