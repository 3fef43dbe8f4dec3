// `cura-te-ipsum size`: says what removing snapshots would free.
import * as Args from '@oclif/core/args'
import {queryFlagsFrom} from '../flags.js'
import {chooseFlags, QueryCommand} from '../query-command.js'
import {sizeSettings} from '../query-settings.js'
import {operands} from '../settings.js'
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'
import {exitCode} from '../../base/exit-code.js'

/** The value of --top. */
function topFrom(text: string | undefined): number {
  if (text === undefined) return 0
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new CuraError('usage', `--top "${printable(text)}" is not a number from 1 to 999999`)
}

export default class Size extends QueryCommand {
  static override summary = 'Show exactly what removing snapshots would free on disk.'
  static override description =
    'Without SNAPSHOT, lists every snapshot with what removing it alone would free. With one or ' +
    'more, adds what removing them together would free: this is more than the sum, because files ' +
    'that only these snapshots share are freed as well. Amounts are disk space and inodes, with ' +
    'directories, deltas and records. SNAPSHOT is latest, latest~2, oldest, a name or the ' +
    'beginning of one.'

  static override usage = 'size -b STORE [FLAGS] [SNAPSHOT...]'
  static override examples = [
    {
      description: 'Show what removing the two oldest of three snapshots would free, and where:',
      command: '<%= config.bin %> size -b /mnt/backups --top 10 oldest latest~1',
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

  static override flags = {...chooseFlags, ...queryFlagsFrom(sizeSettings)}

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Size)
    const {size} = await import('../../operations/size.js')
    const {localZone} = await import('../../retention/retention.js')
    const {sizeItemJson, sizeJson, sizeTable, sizeText} = await import('../../report/size.js')
    const {onPage, list} = this.paged(sizeTable, sizeItemJson)
    const {result} = await this.watch(true, (observer) =>
      size({
        ...this.asking(flags),
        snapshots: args.snapshot ?? [],
        top: topFrom(flags.top),
        zone: localZone,
        ...observer,
      }),
    )
    const isWanted = await onPage(result.snapshots)
    if (isWanted && this.format === 'text') await this.printAll(sizeText(result))
    process.exitCode = this.isOutputLost ? exitCode({failed: true}) : result.exit
    this.printWarnings(result.warnings)
    return {...sizeJson(result), snapshots: list, exit: result.exit}
  }
}
