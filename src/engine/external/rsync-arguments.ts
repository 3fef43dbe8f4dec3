// The runs of rsync that a backup consists of, and the arguments of each.
import {randomUUID} from 'node:crypto'
import type {Rsync} from './programs.js'
import {itemFormat} from './rsync-items.js'
import {partialName} from '../../store/snapshot-name.js'

/** A name that nothing in a store has, nor ever gets. */
export const nothing = partialName(randomUUID())

/** A source as rsync gets it. */
export interface RsyncSource {
  readonly name: string
  /** As the user typed it. */
  readonly typed: string
  /** What rsync is given. */
  readonly operand: string
  /** What rsync is given where it is told what to copy, and what each name then begins with. */
  readonly base: {readonly operand: string; readonly prefix: string}
  /** How rsync's messages begin the path of what is in it. */
  readonly root: string
  readonly isRemote: boolean
  readonly isDirectory: boolean
  /** Where the store lies in it, if it does. */
  readonly storeInside: string | null
}

/** `into` is the snapshot's directory in the store. */
export type RsyncRun = {readonly source: RsyncSource; readonly into: string} & (
  | {readonly stage: 'compare'}
  /** Copies a source that is a file. `linkFrom` is the snapshot that may have the same. */
  | {readonly stage: 'file'; readonly linkFrom: string | null}
  /** Copies these names (Latin-1), of which only directories may be there. */
  | {readonly stage: 'listed'; readonly linkFrom: string | null; readonly names: readonly string[]}
  /** Lists what is directly in the source. */
  | {readonly stage: 'look'}
  /** Gives the source's own directory its metadata. */
  | {readonly stage: 'root'}
)

/** A directory as a filter rule that means it and nothing else. */
function ruleFor(path: string): string {
  // Where no wildcard follows, a backslash means itself.
  const escaped = /[*?[]/.test(path) ? path.replace(/[\\*?[]/g, '\\$&') : path
  return `/${escaped}/`
}

/** A relative one starts from where the copies land. */
function linkDest(snapshot: string | null, {name, isDirectory}: RsyncSource): string[] {
  if (snapshot === null) return []
  return [`--link-dest=${isDirectory ? `../../${snapshot}/${name}` : `../${snapshot}`}`]
}

function stageArguments(run: RsyncRun): string[] {
  const {source} = run
  const excluded = source.storeInside === null ? [] : [`--exclude=${ruleFor(source.storeInside)}`]
  switch (run.stage) {
    case 'compare':
      return ['-n', '-r', '--delete', ...excluded]
    case 'file':
      return ['--ignore-existing', ...linkDest(run.linkFrom, source)]
    case 'listed':
      return ['--from0', '--files-from=-', '--ignore-existing', ...linkDest(run.linkFrom, source)]
    case 'look':
      return ['-n', '-d', ...excluded]
    case 'root':
      return ['-d', '--exclude=*']
  }
}

/** What is not there must be called a directory even for a file, as rsync would look above it. */
function destination({source: {name, isDirectory}, into}: RsyncRun): string {
  return `./${into}/${name}${isDirectory || into === nothing ? '/' : ''}`
}

export const rsyncArguments = (run: RsyncRun, rsync: Rsync): string[] => [
  ...stageArguments(run),
  '-lptgoDHS',
  ...rsync.options,
  '--numeric-ids',
  '-ii',
  '-8',
  '--no-motd',
  `--out-format=${itemFormat}`,
  '--',
  run.stage === 'listed' ? run.source.base.operand : run.source.operand,
  destination(run),
]
