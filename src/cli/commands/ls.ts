// `cura-te-ipsum ls`: lists what is in a snapshot.
import {resolve} from 'node:path'
import * as Args from '@oclif/core/args'
import {CuraError} from '../../base/errors.js'
import {exitCode} from '../../base/exit-code.js'
import {version} from '../../base/package.js'
import {queryFlagsFrom} from '../flags.js'
import {chooseFlags, QueryCommand} from '../query-command.js'
import {lsSettings} from '../query-settings.js'
import {operands} from '../settings.js'

export default class Ls extends QueryCommand {
  static override summary = 'List what is in a snapshot.'
  static override description =
    'SNAPSHOT is latest (the default), latest~2, oldest, a name or the beginning of one. PATH is ' +
    'a path in the snapshot, or one of this machine, which begins with a slash, ./ or ../ and ' +
    'need not exist any more. Without it, the sources are listed. Only the record of the snapshot ' +
    'is read, so this is fast.\n\n--ncdu prints everything below the path, with apparent sizes, ' +
    'for ncdu -f.'

  static override usage = 'ls -b STORE [FLAGS] [SNAPSHOT[:PATH]]'
  static override examples = [
    {
      description: 'List a directory as it was three days ago:',
      command: '<%= config.bin %> ls -b /mnt/backups -l --at 3d /home/ann/letters',
    },
    {
      description: 'Browse the newest snapshot by size:',
      command: '<%= config.bin %> ls -b /mnt/backups --ncdu | ncdu -f -',
    },
  ]

  static override args = {
    snapshot: Args.string({description: operands.snapshot.summary, ignoreStdin: true}),
  }

  static override flags = {...chooseFlags, ...queryFlagsFrom(lsSettings)}

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Ls)
    const {ls, sortKeys} = await import('../../operations/ls.js')
    const {localZone} = await import('../../retention/retention.js')
    const {lsJson, lsText} = await import('../../report/ls.js')
    const {NcduExport} = await import('../../report/ncdu.js')
    const sort = sortKeys.find((key) => key === flags.sort) ?? 'name'
    const isSorted = sort !== 'name' || flags.reverse
    if (flags.ncdu && (isSorted || this.format !== 'text')) {
      throw new CuraError('usage', 'give either --ncdu, or --json, --json-lines, --sort or -r')
    }
    const asked = this.asking(flags)
    const storeDir = resolve(asked.storeDir)
    const ncdu = new NcduExport({storeDir, version: version(), now: asked.now})
    const textOf = lsText(flags.long)
    const {onPage, list} = this.paged(() => '', lsJson)
    const {result} = await this.watch(true, (observer) =>
      ls({
        ...asked,
        ...observer,
        snapshot: args.snapshot === undefined ? null : this.located(args.snapshot),
        recursive: flags.recursive || flags.ncdu,
        sort,
        reverse: flags.reverse,
        zone: localZone,
        onPage: (page, listing) => {
          if (this.format !== 'text') return onPage(page)
          return this.printAll(flags.ncdu ? ncdu.page(page, listing) : textOf(page, listing))
        },
      }),
    )
    if (flags.ncdu) await this.printAll(ncdu.end(result))
    // An incomplete list must not look complete.
    process.exitCode = this.isOutputLost ? exitCode({failed: true}) : result.exit
    this.printWarnings(result.warnings)
    const {snapshot, path, ...rest} = result
    return {snapshot, path, ...rest, entries: list}
  }
}
