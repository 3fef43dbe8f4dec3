// `cura-te-ipsum diff`: shows what differs between two snapshots, or since one.
import * as Args from '@oclif/core/args'
import {chooseFlags, QueryCommand} from '../query-command.js'
import {queryFlagsFrom} from '../flags.js'
import {diffSettings} from '../query-settings.js'
import {exitCode} from '../../base/exit-code.js'
import {operands} from '../settings.js'
import type {DiffChange} from '../../operations/diff.js'

export default class Diff extends QueryCommand {
  static override summary = 'Show what differs between two snapshots.'
  static override description =
    'Without arguments, it compares the two newest snapshots; with one, compares it with the ' +
    'newest. A path on one side counts for both. A path of this machine alone, which begins with ' +
    'a slash, is compared in the two newest snapshots that hold its source. --at TIME chooses the ' +
    'snapshot to compare with the newest: --at 3d shows what has changed since then. Sources that ' +
    'only one snapshot holds are named and not compared.\n\nThe first line names the two ' +
    'snapshots. Each other line begins with + (new), - (deleted), M (changed), m (only ' +
    'permissions, owner or times changed) or R (renamed); directories end with a slash. A renamed ' +
    'directory is one line.'

  static override usage = 'diff -b STORE [FLAGS] [A[:PATH] [B[:PATH]]]'
  static override examples = [
    {
      description: 'What did the last backup change?',
      command: '<%= config.bin %> diff -b /mnt/backups',
    },
    {
      description: 'What has changed in the last three days?',
      command: '<%= config.bin %> diff -b /mnt/backups --at 3d',
    },
    {
      description: 'What differs between the documents now and on Friday?',
      command: '<%= config.bin %> diff -b /mnt/backups --live 2026-11-20:/home/ann/documents',
    },
  ]

  static override args = {
    a: Args.string({description: operands.snapshot.summary, ignoreStdin: true}),
    b: Args.string({description: operands.snapshot.summary, ignoreStdin: true}),
  }

  static override flags = {...chooseFlags, ...queryFlagsFrom(diffSettings)}

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Diff)
    const {diff} = await import('../../operations/diff.js')
    const {localZone} = await import('../../retention/retention.js')
    const {comparedLine, diffJson, diffLines, diffSummary, nameLines} =
      await import('../../report/diff.js')
    // Printed before the first change, so that an error has no output.
    let head = ''
    const textOf = (page: readonly DiffChange[]): string => {
      const text = flags['name-only'] ? nameLines(page) : head + diffLines(page)
      head = ''
      return text
    }
    const {onPage, list} = this.paged(textOf, diffJson, 'change')
    const {result} = await this.watch(true, (observer) =>
      diff({
        ...this.asking(flags),
        from: args.a === undefined ? null : this.located(args.a),
        to: args.b === undefined ? null : this.located(args.b),
        live: flags.live,
        metadata: flags.metadata,
        // What is not printed is not read.
        content: flags.content && !flags.stat && (this.format !== 'text' || !flags['name-only']),
        exitCode: flags['exit-code'],
        zone: localZone,
        onStart: (compared) => {
          head = comparedLine(compared)
        },
        onPage: flags.stat ? () => Promise.resolve(true) : onPage,
        ...observer,
      }),
    )
    process.exitCode = this.isOutputLost ? exitCode({failed: true}) : result.exit
    if (this.format === 'text' && !flags['name-only']) this.print(head + diffSummary(result))
    this.printWarnings(result.warnings)
    return {...result, changes: list}
  }
}
