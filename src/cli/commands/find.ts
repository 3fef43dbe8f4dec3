// `cura-te-ipsum find`: finds paths in all snapshots.
import * as Args from '@oclif/core/args'
import {queryFlagsFrom} from '../flags.js'
import {filterFlags, QueryCommand} from '../query-command.js'
import {findSettings} from '../query-settings.js'
import {operands} from '../settings.js'

export default class Find extends QueryCommand {
  static override summary = 'Find files in all snapshots, also deleted ones.'
  static override description =
    'PATTERN works as in .gitignore: a name such as "*.odt" is found at any depth, and a pattern ' +
    'that contains a slash must match the whole path, from the name of the source or from the ' +
    'root of this machine. Each line has the first and the last snapshot that hold the path.\n\n' +
    'TIME is 2026-11-21, "2026-11-21 14:00", "2026-11-21 14:00:05", a period such as 2h, 3d, 2w, ' +
    '6m or 1y, today, yesterday, or "yesterday 18:00". --newer counts from the beginning of a ' +
    'day, and --older up to it.'

  static override usage = 'find -b STORE [FLAGS] [PATTERN...]'
  static override examples = [
    {
      description: 'Deleted texts:',
      command: "<%= config.bin %> find -b /mnt/backups --deleted '*.odt' '*.txt'",
    },
    {
      description: 'Large files in all versions of a directory:',
      command: "<%= config.bin %> find -b /mnt/backups --size +1G '/home/ann/videos/**'",
    },
  ]

  static override args = {
    pattern: Args.string({
      description: operands.pattern.summary,
      ignoreStdin: true,
      multiple: true,
      required: false, // with --digest and the like, every path counts
    }),
  }

  static override flags = {...filterFlags, ...queryFlagsFrom(findSettings)}

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Find)
    const {find} = await import('../../operations/find.js')
    const {conditionsFrom} = await import('../../operations/find-conditions.js')
    const {localZone} = await import('../../retention/retention.js')
    const {foundJson, foundLines, foundPaths, undigestedText, unmatchedText} =
      await import('../../report/find.js')
    const asking = this.asking(flags)
    const texts = {
      patterns: args.pattern ?? [],
      ignoreCase: flags['ignore-case'],
      types: flags.type ?? [],
      size: flags.size,
      newer: flags.newer,
      older: flags.older,
      digest: flags.digest,
      sameAs: flags['same-as'],
      deleted: flags.deleted,
    }
    const conditions = await conditionsFrom(texts, asking.now, localZone)
    const {onPage, list} = this.paged(flags.print0 ? foundPaths : foundLines, foundJson)
    const {result} = await this.watch(true, (observer) =>
      find({...asking, zone: localZone, conditions, onPage, ...observer}),
    )
    process.exitCode = result.exit
    if (result.found + result.undigested === 0) {
      this.printWarnings([unmatchedText(texts.patterns, texts.ignoreCase)])
    }
    this.printWarnings([...undigestedText(result.undigested), ...result.warnings])
    return {...result, matches: list}
  }
}
