// What the commands share that ask questions about snapshots.
import {BaseCommand} from './base-command.js'
import {hostFrom, queryFlagsFrom, runFlags} from './flags.js'
import {atSettings, filterSettings} from './query-settings.js'
import {livePath} from './live-path.js'
import {JsonList} from '../report/json-pieces.js'
import {toJsonLine} from '../base/escape.js'
import type {Filters} from '../store/selectors.js'

/** Of commands that look at many snapshots. */
export const filterFlags = {
  'backups-dir': runFlags['backups-dir'],
  'json-lines': runFlags['json-lines'],
  ...queryFlagsFrom(filterSettings),
}

/** Of commands that choose a snapshot. */
export const chooseFlags = {...filterFlags, ...queryFlagsFrom(atSettings)}

export type Chosen = {readonly [name in keyof Filters]?: string | undefined} & {
  readonly 'backups-dir': string
}

/** A list that is printed while it is made, or kept for the one object of --json. */
export interface Paged<T> {
  /** False if the output accepts no more. */
  readonly onPage: (page: readonly T[]) => Promise<boolean>
  readonly list: JsonList<T>
}

export abstract class QueryCommand extends BaseCommand {
  /** The store, the time and the filters, for the operation. */
  protected asking({'backups-dir': storeDir, source, tag, host, at}: Chosen) {
    const filters: Filters = {
      ...(source !== undefined && {source}),
      ...(tag !== undefined && {tag}),
      ...(host !== undefined && {host}),
      ...(at !== undefined && {at}),
    }
    // commands own the clock
    return {storeDir, now: new Date(), host: hostFrom(process.env.CURA_HOST), filters}
  }

  /** A relative path is one of this machine. */
  protected located(operand: string): string {
    return livePath(operand, () => process.cwd())
  }

  /** `textOf` gets a page, `jsonOf` one item; `event` is its name in --json-lines. */
  protected paged<T>(
    textOf: (page: readonly T[]) => Buffer | string,
    jsonOf: (item: T) => object,
    event = 'entry',
  ): Paged<T> {
    const kept: T[] = []
    const lineOf = (item: T): string => toJsonLine({event, ...jsonOf(item)})
    const onPage = (page: readonly T[]): Promise<boolean> => {
      if (this.format === 'text') return this.printAll(textOf(page))
      if (this.format === 'lines') return this.printAll(page.map(lineOf).join(''))
      for (const item of page) kept.push(item)
      return Promise.resolve(true)
    }
    return {onPage, list: new JsonList(kept, jsonOf)}
  }

  /** Prints the warnings of an answer; JSON has them in the object. */
  protected printWarnings(warnings: readonly string[]): void {
    if (this.format !== 'text') return
    for (const warning of warnings) this.printProblem(`cura-te-ipsum: ${warning}\n`)
  }
}
