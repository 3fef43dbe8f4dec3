// `cura-te-ipsum digests`: prints the list that `sha256sum -c` checks a snapshot with.
import * as Args from '@oclif/core/args'
import {chooseFlags, QueryCommand} from '../query-command.js'
import {exitCode} from '../../base/exit-code.js'
import {operands} from '../settings.js'

export default class Digests extends QueryCommand {
  static override summary = 'Print the SHA-256 digests of a snapshot for sha256sum -c.'
  static override description =
    'Each digest was computed while its file was stored. Paths are relative to the snapshot. ' +
    'SNAPSHOT is latest (the default), latest~2, oldest, a name or the beginning of one. With ' +
    ':PATH behind it, only the files below that path are listed: a path in the snapshot, or one ' +
    'of this machine, which begins with a slash.'

  static override usage = 'digests -b STORE [FLAGS] [SNAPSHOT[:PATH]]'
  static override examples = [
    {
      description: 'Check a snapshot; no output means that no file has changed:',
      command:
        '<%= config.bin %> digests -b /mnt/backups 2026-11-22_22-00-00 > sums\n' +
        '(cd /mnt/backups/2026-11-22_22-00-00 && sha256sum -c --quiet) < sums',
    },
  ]

  static override args = {
    snapshot: Args.string({
      description: operands.snapshot.summary,
      ignoreStdin: true,
    }),
  }

  static override flags = chooseFlags

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Digests)
    const {digests} = await import('../../operations/digests.js')
    const {localZone} = await import('../../retention/retention.js')
    const {checkLines, digestJson, withoutText} = await import('../../report/digests.js')
    const {onPage, list} = this.paged(checkLines, digestJson)
    const {result} = await this.watch(true, (observer) =>
      digests({
        ...this.asking(flags),
        snapshot: args.snapshot === undefined ? null : this.located(args.snapshot),
        zone: localZone,
        onPage,
        ...observer,
      }),
    )
    // An incomplete list must not look complete.
    process.exitCode = this.isOutputLost ? exitCode({failed: true}) : result.exit
    if (this.format === 'text' && !this.isOutputLost) this.printProblem(withoutText(result))
    this.printWarnings(result.warnings)
    return {...result, digests: list}
  }
}
