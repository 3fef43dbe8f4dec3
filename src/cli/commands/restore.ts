// `cura-te-ipsum restore`: parses, asks if it may, calls the operation, prints the result.
import * as Args from '@oclif/core/args'
import {CuraError} from '../../base/errors.js'
import {shellWord} from '../../base/escape.js'
import {exitCode} from '../../base/exit-code.js'
import {queryFlagsFrom, runFlags} from '../flags.js'
import {waitFrom} from '../lock-settings.js'
import {chooseFlags, QueryCommand} from '../query-command.js'
import {restoreSettings} from '../query-settings.js'
import {operands} from '../settings.js'
import type {SelectionOptions} from '../../native/native.js'
import type {Answer} from '../restore-dialogue.js'
import type {RestoreOptions, RestoreTarget} from '../../operations/restore-options.js'

type Asked = Pick<RestoreOptions, 'filters' | 'host' | 'now' | 'storeDir' | 'zone'>

interface Wishes {
  readonly to?: string | undefined
  readonly 'in-place': boolean
  readonly from?: string | undefined
  readonly at?: string | undefined
  readonly delete: boolean
  readonly 'delete-excluded': boolean
  readonly 'max-delete'?: string | undefined
  readonly exclude?: readonly string[] | undefined
  readonly iexclude?: readonly string[] | undefined
  readonly 'exclude-file'?: readonly string[] | undefined
  readonly include?: readonly string[] | undefined
}

const overwrites = ['if-changed', 'always', 'if-newer', 'never'] as const
const noExclusions = {'exclude-caches': false, 'one-file-system': false}

function refuse(message: string): never {
  throw new CuraError('usage', message)
}

/** Throws a usage error for flags that make no sense together. */
function checkFlags(flags: Wishes): void {
  if (flags.to !== undefined && flags['in-place']) refuse('give either --to DIR or --in-place')
  if (flags.from !== undefined && flags.at !== undefined) {
    refuse('give either --from SNAPSHOT or --at TIME')
  }
  const needing = (['delete-excluded', 'max-delete'] as const).find((name) => Boolean(flags[name]))
  if (!flags.delete && needing !== undefined) refuse(`--${needing} works only with --delete`)
  const excludes = [flags.exclude, flags.iexclude, flags['exclude-file']].some(Boolean)
  if (flags.include !== undefined && !excludes) {
    refuse(
      '--include makes exceptions from --exclude: to restore only some paths, name them, as in ' +
        'latest:docs/letter.txt',
    )
  }
}

function targetFrom({to, 'in-place': inPlace}: Wishes): RestoreTarget | null {
  if (inPlace) return {inPlace: true}
  return to === undefined ? null : {inPlace: false, directory: to, name: null}
}

/** The exceptions come last, because the last match decides. */
function exclusionsFrom(
  selection: SelectionOptions | null,
  {include = []}: Wishes,
): SelectionOptions | null {
  const exceptions = include.map((pattern) => ({
    origin: '--include',
    text: Buffer.from(`!${pattern}`),
    isFile: false,
    foldsCase: false,
  }))
  return selection && {...selection, patterns: [...selection.patterns, ...exceptions]}
}

export default class Restore extends QueryCommand {
  static override summary = 'Restore files, in place or into a directory.'
  static override description =
    'WHAT is SNAPSHOT:PATH such as latest:docs/letter.txt, a SNAPSHOT with all its sources, or a ' +
    'path of this machine, which need not exist any more; --at and --from choose its snapshot. On ' +
    'a terminal, a path without --to and --in-place lists its versions and asks.\n\n--to DIR puts ' +
    'the contents of a directory into DIR, and a file or each of several operands under its own ' +
    'name; what exists in DIR is kept and named (exit 3) unless --overwrite if-changed is given. ' +
    'Nothing is saved first, so --overwrite and --delete cannot be undone there. --in-place ' +
    'restores to where it was backed up from. What is there before is saved in the store for a ' +
    'week, and the command that undoes the restore is printed.\n\nEach file is written under a ' +
    'temporary name and renamed, so that it is always the old or the new one. Contents are checked ' +
    'against their SHA-256 digests; a damaged file is restored from another snapshot or named ' +
    '(exit 5).'

  static override usage = 'restore -b STORE [FLAGS] WHAT...'
  static override examples = [
    {
      description: 'A file back to where it was, as it is in latest:',
      command: '<%= config.bin %> restore -b /mnt/backups --in-place latest:etc/hosts',
    },
    {
      description: 'A directory of another machine, such as the one that this one replaces:',
      command: '<%= config.bin %> restore -b /mnt/backups --host old latest:etc --to /mnt/etc',
    },
    {
      description: 'Look at the versions of a file, and choose one:',
      command: '<%= config.bin %> restore -b /mnt/backups /home/ann/letter.txt',
    },
    {
      description: 'A directory as it was three days ago, without what was added since:',
      command: '<%= config.bin %> restore -b /mnt/backups --at 3d --in-place --delete /etc',
    },
    {
      description: 'Everything into another directory:',
      command: '<%= config.bin %> restore -b /mnt/backups latest --to /mnt/new',
    },
  ]

  static override args = {
    what: Args.string({
      description: operands.what.summary,
      ignoreStdin: true,
      multiple: true,
      required: false, // the operation reports it in a better sentence
    }),
  }

  static override flags = {
    'dry-run': runFlags['dry-run'],
    wait: runFlags.wait,
    ...chooseFlags,
    ...queryFlagsFrom(restoreSettings),
  }

  async run(): Promise<object> {
    const {args, flags} = await this.parse(Restore)
    checkFlags(flags)
    const {localZone} = await import('../../retention/retention.js')
    const {quiet, verbose, 'dry-run': dryRun, suid} = flags
    const asking = {...this.asking(flags), zone: localZone}
    const {refuseMixed} = await import('../../operations/restore-mistakes.js')
    refuseMixed(args.what ?? [], flags.from ?? null, this.argv)
    const given = (args.what ?? []).map((text) => this.located(text))
    const target = targetFrom(flags)
    const answer =
      target === null ? await this.ask(given, flags, asking) : {operands: given, target}
    if (answer === null) return this.left()
    const {restore} = await import('../../operations/restore.js')
    const {deleteLimitFrom} = await import('../../operations/restore-brake.js')
    const {selectionFrom} = await import('../../engine/selection.js')
    const {restoreJson, restoreReport} = await import('../../report/restore.js')
    const {'max-delete': maxDelete} = flags
    const {result, restored} = await this.watch(quiet, (observer) =>
      restore({
        ...asking,
        ...answer,
        from: target === null ? null : (flags.from ?? null),
        overwrite: overwrites.find((when) => when === flags.overwrite) ?? null,
        checksum: flags.checksum,
        deletes: flags.delete,
        deletesExcluded: flags['delete-excluded'],
        maxDelete: maxDelete === undefined ? null : deleteLimitFrom(maxDelete),
        guards: !flags['no-guard'],
        wait_ms: waitFrom(flags.wait),
        keepsOwner: !flags['no-owner'],
        keepsXattrs: !flags['no-xattr'],
        keepsSuid: suid === undefined ? null : suid === 'keep',
        selection: exclusionsFrom(selectionFrom({...noExclusions, ...flags}), flags),
        dryRun,
        here: process.cwd(),
        lists: (!quiet && (verbose || dryRun)) || this.jsonEnabled(),
        clock: () => new Date(), // commands own the clock
        ...observer,
      }),
    )
    process.exitCode = result.exit
    if (this.format === 'text') this.report(restoreReport(result, verbose, quiet), quiet)
    return restoreJson(result, restored)
  }

  /** Throws a usage error where nobody can be asked. */
  private async ask(
    given: readonly string[],
    {quiet, from}: {readonly quiet: boolean; readonly from?: string | undefined},
    asking: Asked,
  ): Promise<Pick<RestoreOptions, 'filters' | 'operands' | 'target'> | null> {
    const [path, ...others] = given
    const rows = this.terminalRows
    const {canChoose, restoreChoices} = await import('../../operations/restore-choices.js')
    const mayAsk = this.format === 'text' && !quiet && rows !== null && from === undefined
    const wanted = {operands: given, from: from ?? null, here: process.cwd()}
    const {result: isChoice} = await this.watch(true, (observer) =>
      canChoose(wanted, mayAsk, {...asking, ...observer}),
    )
    if (rows === null || !isChoice || path === undefined || others.length > 0) {
      return this.refuseUnclear(given.length === 0)
    }
    const {askWhatAndWhere} = await import('../restore-dialogue.js')
    const {result: choices} = await this.watch(false, (observer) =>
      restoreChoices(path, wanted.here, {...asking, ...observer}),
    )
    const print = (text: string): void => {
      this.print(text)
    }
    const answer: Answer | null = await askWhatAndWhere(choices, {print, rows})
    if (answer === null) return null
    // The name of a snapshot needs no time.
    const kept = Object.entries(asking.filters).filter(([name]) => name !== 'at')
    return {operands: [answer.operand], target: answer.target, filters: Object.fromEntries(kept)}
  }

  private refuseUnclear(isEmpty: boolean): never {
    if (isEmpty) {
      refuse('name what to restore: SNAPSHOT:PATH, or a path of this machine with --at or --from')
    }
    const words = ['cura-te-ipsum', 'restore', ...this.argv].map(shellWord).join(' ')
    refuse(
      'say where to restore to: back to where it was, or into a directory\n' +
        `  ${words} --in-place\n  ${words} --to DIR`,
    )
  }

  private left(): object {
    this.print('Nothing was restored.\n')
    return {exit: exitCode({})}
  }
}
