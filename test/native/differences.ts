// Compares two snapshots through the addon's door.
import {follow} from '../../src/native/job.js'
import type {Change, KindCounts} from '../../src/native/native.js'
import {withRecords} from './records.js'

type Tree = readonly [snapshot: string, path: string]

const never = new AbortController().signal

export interface Differences {
  readonly changes: readonly Change[]
  readonly files: KindCounts
  readonly directories: KindCounts
  readonly bytes: number
  /** 'renamed file docs/a -> docs/b', with bytes as Latin-1. */
  readonly lines: readonly string[]
}

const lineOf = ({kind, type, path, from}: Change): string => {
  const old = from === undefined || kind !== 'renamed' ? '' : `${from.toString('latin1')} -> `
  return `${kind} ${type} ${old}${path.toString('latin1')}`
}

/** Fails if one of the paths does not exist. */
export function changesOf(storeDir: string, before: Tree, after: Tree): Promise<Differences> {
  return withRecords(storeDir, [before[0], after[0]], async (records) => {
    const paths = [before[1], after[1]].map((path) => Buffer.from(path, 'latin1'))
    const [pathBefore = Buffer.of(), pathAfter = Buffer.of()] = paths
    const job = records.diff(0, pathBefore, 1, pathAfter)
    const found = await follow(job, never, () => undefined)
    if (found === null) throw new Error('there is no such path')
    const changes: Change[] = []
    for (;;) {
      const page = found.changes(7)
      if (page.length === 0) break
      changes.push(...page)
    }
    return {...found, changes, lines: changes.map(lineOf)}
  })
}
