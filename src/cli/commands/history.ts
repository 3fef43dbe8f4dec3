// `cura-te-ipsum history`: lists the versions of a path.
import * as Args from '@oclif/core/args'
import {printable} from '../../base/escape.js'
import {CuraError} from '../../base/errors.js'
import {exitCode} from '../../base/exit-code.js'
import {queryFlagsFrom} from '../flags.js'
import {filterFlags, QueryCommand} from '../query-command.js'
import {historySettings} from '../query-settings.js'
import {operands} from '../settings.js'
import type {DeletedOptions} from '../../operations/deleted.js'
import type {PathHistory, Version} from '../../operations/history.js'

function refuseWithDeleted(flags: Readonly<Record<string, unknown>>): void {
  const given = ['restore-all', 'metadata', 'no-follow'].find((name) => Boolean(flags[name]))
  if (flags.deleted !== true || given === undefined) return
  throw new CuraError(
    'usage',
    `--deleted lists what is gone, without versions: leave out --${given}`,
  )
}

export default class History extends QueryCommand {
  static override summary = 'List the versions of a file, newest first.'
  static override description =
    'PATH is a path of this machine, which may no longer exist, or a path in the snapshots, which ' +
    'begins with the name of a source. Versions differ in content: the same content in several ' +
    'snapshots is one version. Renames are followed.'

  static override usage = 'history -b STORE [FLAGS] PATH...'
  static override examples = [
    {
      description: 'The versions of a file:',
      command: '<%= config.bin %> history -b /mnt/backups /home/ann/letter.txt',
    },
    {
      description: 'What was deleted below a directory:',
      command: '<%= config.bin %> history -b /mnt/backups --deleted /home/ann',
    },
  ]

  static override args = {
    path: Args.string({
      description: operands.path.summary,
      ignoreStdin: true,
      multiple: true,
      required: true,
    }),
  }

  static override flags = {...filterFlags, ...queryFlagsFrom(historySettings)}

  async run(): Promise<object> {
    const {args, flags} = await this.parse(History)
    refuseWithDeleted(flags)
    const {localZone} = await import('../../retention/retention.js')
    const asking = {
      ...this.asking(flags),
      zone: localZone,
      paths: args.path.map((text) => this.located(text)),
    }
    if (flags.deleted) return this.listDeleted(asking, flags.print0)
    const {history} = await import('../../operations/history.js')
    const {copiedText, historyJson, missingTexts} = await import('../../report/history.js')
    const options = {...asking, follow: !flags['no-follow'], metadata: flags.metadata}
    const {result} = await this.watch(true, (observer) => history({...options, ...observer}))
    const {histories, warnings} = result
    // A path without versions is a mistake, so nothing is copied then.
    const target = result.exit === exitCode({}) ? flags['restore-all'] : undefined
    const restored = await this.restoreAll(target, asking.storeDir, histories)
    await this.printHistories(histories, flags.print0 ? asking.storeDir : null)
    if (this.format === 'text' && !flags.print0 && restored !== null) {
      await this.printAll(copiedText(restored, target ?? ''))
    }
    this.printWarnings([...warnings, ...missingTexts(histories), ...(restored?.problems ?? [])])
    const exit = restored?.exit ?? result.exit
    process.exitCode = exit
    const [only, ...more] = histories.map(historyJson)
    const answer = more.length === 0 ? only : {histories: [only, ...more]}
    return {...answer, ...(restored && {restored}), warnings, exit}
  }

  /** With a store, prints the paths of the stored versions. */
  private async printHistories(histories: readonly PathHistory[], storeDir: string | null) {
    const {historyText, storedPaths, versionJson} = await import('../../report/history.js')
    if (this.format === 'lines') {
      const {onPage} = this.paged<Version>(() => '', versionJson)
      for (const {versions} of histories) await onPage(versions)
    } else if (this.format === 'text' && storeDir !== null) {
      for (const one of histories) await this.printAll(storedPaths(storeDir, one))
    } else if (this.format === 'text') {
      const texts = histories.map(historyText).filter((text) => text !== '')
      await this.printAll(texts.join('\n'))
    }
  }

  private async restoreAll(
    directory: string | undefined,
    storeDir: string,
    histories: readonly PathHistory[],
  ) {
    if (directory === undefined) return null
    const {restoreVersions} = await import('../../operations/restore-versions.js')
    const {result} = await this.watch(true, ({signal}) =>
      restoreVersions(histories, {storeDir, directory, signal}),
    )
    return result
  }

  private async listDeleted(
    asking: Omit<DeletedOptions, 'emit' | 'onPage' | 'signal'>,
    print0: boolean,
  ): Promise<object> {
    const {deleted: listDeleted} = await import('../../operations/deleted.js')
    const {foundJson, foundLines, foundPaths} = await import('../../report/find.js')
    const {onPage, list} = this.paged(print0 ? foundPaths : foundLines, foundJson)
    const {result} = await this.watch(true, (observer) =>
      listDeleted({...asking, onPage, ...observer}),
    )
    process.exitCode = result.exit
    this.printWarnings(result.warnings)
    if (result.found === 0 && result.warnings.length === 0) {
      this.printWarnings([`Nothing is deleted below ${printable(asking.paths.join(', '))}.`])
    }
    return {...result, matches: list}
  }
}
