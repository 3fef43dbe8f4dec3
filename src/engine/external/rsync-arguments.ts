// The rsync runs of a backup, and the arguments of each.
import {randomUUID} from 'node:crypto'
import type {Rsync} from './programs.js'
import {itemFormat} from './rsync-items.js'
import {partialName} from '../../store/snapshot-name.js'

/** A name that never exists in a store. */
export const nothing = partialName(randomUUID())

/** A source as rsync receives it. */
export interface RsyncSource {
  readonly name: string
  /** As the user typed it. */
  readonly typed: string
  /** The operand for rsync. */
  readonly operand: string
  /** The operand for a run with a list of names, and the prefix of each name in the list. */
  readonly base: {readonly operand: string; readonly prefix: string}
  /** The prefix of this source's paths in rsync's messages. */
  readonly root: string
  readonly isRemote: boolean
  readonly isDirectory: boolean
  /** The store's path below the source; null if the store is not inside. */
  readonly storeInside: string | null
}

/** `into` is the snapshot's directory in the store. */
export type RsyncRun = {readonly source: RsyncSource; readonly into: string} & (
  | {readonly stage: 'compare'}
  /** Copies a source that is a file. `linkFrom` is the snapshot that may hold the same file. */
  | {readonly stage: 'file'; readonly linkFrom: string | null}
  /** Copies these names (Latin-1). Only directories among them may exist already. */
  | {readonly stage: 'listed'; readonly linkFrom: string | null; readonly names: readonly string[]}
  /** Lists the entries directly in the source. */
  | {readonly stage: 'look'}
  /** Sets the metadata of the source's own directory. */
  | {readonly stage: 'root'}
)

/** A filter rule that matches this directory only. */
function ruleFor(path: string): string {
  // In a pattern without wildcards, rsync takes a backslash literally.
  const escaped = /[*?[]/.test(path) ? path.replace(/[\\*?[]/g, '\\$&') : path
  return `/${escaped}/`
}

/** rsync resolves a relative --link-dest from the destination directory. */
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

/**
 * A destination that does not exist gets a trailing slash even for a file. Otherwise rsync would look
 * in its parent directory.
 */
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
