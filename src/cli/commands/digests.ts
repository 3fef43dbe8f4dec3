// `cura-te-ipsum digests`: prints what `sha256sum -c` checks a snapshot with.
import * as Args from '@oclif/core/args'
import {BaseCommand} from '../base-command.js'
import {exitCode} from '../../base/exit-code.js'
import {runFlags} from '../flags.js'
import {JsonList} from '../../report/json-pieces.js'
import type {FileDigest} from '../../native/native.js'
import {operands} from '../settings.js'

export default class Digests extends BaseCommand {
  static override summary = 'Print the digests of the files of a snapshot, for sha256sum.'
  static override description =
    'Each was taken while the file was stored. Paths begin below the directory of the snapshot, ' +
    'which is the newest finished one unless another is named.'

  static override usage = 'digests -b STORE [FLAGS] [SNAPSHOT]'
  static override examples = [
    {
      description: 'Check a snapshot; silence means that it is what was stored:',
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

  static override flags = {'backups-dir': runFlags['backups-dir']}

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Digests)
    const {digests} = await import('../../operations/digests.js')
    const {checkLines, digestJson, withoutText} = await import('../../report/digests.js')
    const {json} = flags
    const listed: FileDigest[] = []
    const collect = (page: readonly FileDigest[]): Promise<boolean> => {
      for (const file of page) listed.push(file)
      return Promise.resolve(true)
    }
    const result = await digests({
      storeDir: flags['backups-dir'],
      snapshot: args.snapshot ?? null,
      now: new Date(), // commands own the clock
      onPage: json ? collect : (page) => this.printAll(checkLines(page)),
    })
    // A list that was cut off must not look as if it were whole.
    process.exitCode = this.isOutputLost ? exitCode({failed: true}) : result.exit
    if (!json && !this.isOutputLost) this.printProblem(withoutText(result))
    return {...result, digests: new JsonList(listed, digestJson)}
  }
}
