// `cura-te-ipsum verify`: parses, calls the operation, prints the result.
import * as Args from '@oclif/core/args'
import {hostFrom, queryFlagsFrom, runFlags} from '../flags.js'
import {waitFrom} from '../lock-settings.js'
import {QueryCommand} from '../query-command.js'
import {operands} from '../settings.js'
import {verifySettings} from '../verify-settings.js'
import {CuraError} from '../../base/errors.js'

function refuse(message: string): never {
  throw new CuraError('usage', message)
}

export default class Verify extends QueryCommand {
  static override summary = 'Prove that the stored snapshots are as they were recorded.'
  static override description =
    'Compares the tree of each snapshot with its record: names, types, sizes, permissions, ' +
    'owners, dates, hardlinks. With --read it also reads contents, each file once however many ' +
    'snapshots share it. Each run goes on where the last one ended: files that were never read ' +
    'come first, then those that were damaged, then those read longest ago. Exits with 5 if it ' +
    'finds damage that is not healed.'

  static override usage = 'verify -b STORE [FLAGS] [SNAPSHOT...]'
  static override examples = [
    {
      description: 'Read for 20 minutes each night, new files first:',
      command: '<%= config.bin %> verify -b /mnt/backups --for 20m',
    },
    {
      description: 'Repair what is damaged, with another store as donor:',
      command: '<%= config.bin %> verify -b /mnt/backups --heal --replica /mnt/usb',
    },
  ]

  static override args = {
    snapshot: Args.string({
      description: operands.snapshots.summary,
      ignoreStdin: true,
      multiple: true,
      required: false,
    }),
  }

  static override flags = {
    'backups-dir': runFlags['backups-dir'],
    'dry-run': runFlags['dry-run'],
    wait: runFlags.wait,
    'json-lines': runFlags['json-lines'],
    ...queryFlagsFrom(verifySettings),
  }

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Verify)
    const {heal, quiet, verbose, replica, 'dry-run': dryRun} = flags
    if (replica !== undefined && !heal) refuse('--replica works only with --heal')
    if (dryRun && !heal) refuse('-n works only with --heal: without it, verify changes nothing')
    const now = new Date() // commands own the clock
    const {limitsFrom} = await import('../../operations/verify-options.js')
    const {verify} = await import('../../operations/verify.js')
    const {localZone} = await import('../../retention/retention.js')
    const {damageJson, verifyJson, verifyReport} = await import('../../report/verify.js')
    const limits = limitsFrom(flags, {heals: heal, now})
    const {result} = await this.watch(quiet, (observer) =>
      verify({
        storeDir: flags['backups-dir'],
        snapshots: args.snapshot ?? [],
        limits,
        heals: heal,
        dryRun,
        replicaDir: replica ?? null,
        comparesSources: flags.source,
        host: hostFrom(process.env.CURA_HOST),
        zone: localZone,
        force: false,
        wait_ms: waitFrom(flags.wait),
        now,
        ...observer,
      }),
    )
    const {onPage, list} = this.paged(() => '', damageJson, 'damage')
    await onPage(result.damages)
    process.exitCode = result.exit
    if (this.format === 'text') {
      this.report(verifyReport(result, {screen: this.screen, verbose}), quiet)
    }
    return {...verifyJson(result), damaged: list, exit: result.exit}
  }
}
