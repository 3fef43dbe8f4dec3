// What pin, unpin and tag share.
import * as Args from '@oclif/core/args'
import {queryFlagsFrom, runFlags} from './flags.js'
import {waitFrom} from './lock-settings.js'
import {QueryCommand, type Chosen} from './query-command.js'
import {atSettings, filterSettings} from './query-settings.js'
import {operands} from './settings.js'
import type {Annotation} from '../operations/annotate.js'

export const annotateFlags = {
  'backups-dir': runFlags['backups-dir'],
  'dry-run': runFlags['dry-run'],
  force: runFlags.force,
  wait: runFlags.wait,
  ...queryFlagsFrom(filterSettings),
  ...queryFlagsFrom(atSettings),
}

export const annotateArgs = {
  snapshot: Args.string({
    description: operands.snapshots.summary,
    required: false, // --at alone chooses a snapshot
    multiple: true,
    ignoreStdin: true,
  }),
}

interface Given {
  readonly selectors: readonly string[] | undefined
  readonly annotation: Annotation
  readonly flags: Chosen & {
    readonly 'dry-run': boolean
    readonly force: boolean
    readonly wait?: string | undefined
    readonly quiet: boolean
  }
}

export abstract class AnnotateCommand extends QueryCommand {
  protected async annotate({selectors, annotation, flags}: Given): Promise<object> {
    const {annotate} = await import('../operations/annotate.js')
    const {localZone} = await import('../retention/retention.js')
    const {annotateJson, annotateReport} = await import('../report/annotate.js')
    const {result} = await this.watch(flags.quiet, (observer) =>
      annotate({
        ...this.asking(flags),
        ...observer,
        zone: localZone,
        selectors: selectors ?? [],
        annotation,
        dryRun: flags['dry-run'],
        force: flags.force,
        wait_ms: waitFrom(flags.wait),
      }),
    )
    process.exitCode = result.exit
    if (this.format === 'text' && !flags.quiet) this.print(annotateReport(result, annotation.kind))
    return annotateJson(result)
  }
}
