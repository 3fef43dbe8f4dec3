// `cura-te-ipsum backup`: parses, calls the operation, prints what it came to.
import * as Args from '@oclif/core/args'
import {BaseCommand} from '../base-command.js'
import {allowEmptyFlag, backupsDirFlag, dryRunFlag, forceFlag, tagFlag, tagsFrom} from '../flags.js'
import type {Change} from '../native.js'

export default class Backup extends BaseCommand {
  static override summary = 'Make a snapshot of the sources, if they have changed.'
  static override description =
    'A source is PATH, or NAME=PATH to give it another name in the snapshot. ' +
    'A path that contains "=" is written ./a=b.'

  static override usage = 'backup -b STORE SOURCE...'
  static override examples = [
    '<%= config.bin %> backup -b /mnt/backups /home/ann /etc',
    '<%= config.bin %> backup -b /mnt/backups -n documents=/srv/shared/docs',
  ]

  static override args = {
    source: Args.string({
      description: 'What to back up.',
      ignoreStdin: true,
      multiple: true,
      required: false, // told by the operation, in a better sentence
    }),
  }

  static override flags = {
    'backups-dir': backupsDirFlag,
    'dry-run': dryRunFlag,
    force: forceFlag,
    'allow-empty': allowEmptyFlag,
    tag: tagFlag,
  }

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Backup)
    const {backup} = await import('../backup.js')
    const {backupReport, changeLines} = await import('../report.js')
    const {backupJson} = await import('../report-json.js')
    const {onInterrupt} = await import('../interrupt.js')
    const {ProgressLine} = await import('../progress.js')
    const {json, quiet, verbose, 'dry-run': dryRun} = flags

    const live = new ProgressLine(process.stderr, () => performance.now())
    const interrupt = onInterrupt(() => {
      live.say('cura-te-ipsum: already stopping, cleaning up')
    })
    const listed: Change[] = []
    const collect = (page: readonly Change[]): void => void listed.push(...page)
    const show = (page: readonly Change[]): void => {
      live.clear()
      this.print(changeLines(page))
    }
    const wanted = (verbose || dryRun) && (json || !quiet)
    try {
      const result = await backup({
        storeDir: flags['backups-dir'],
        operands: args.source ?? [],
        dryRun,
        force: flags.force,
        allowEmpty: flags['allow-empty'],
        tags: tagsFrom(flags.tag),
        clock: () => new Date(), // commands own the clock
        signal: interrupt.signal,
        onProgress: (progress) => {
          if (!json && !quiet) live.update(progress)
        },
        onChanges: wanted ? (json ? collect : show) : null,
      })
      live.clear()
      process.exitCode = result.exit
      if (!json) this.report(backupReport(result, verbose), quiet)
      return backupJson(result, wanted ? listed : null)
    } finally {
      live.clear()
      interrupt.stop()
    }
  }
}
