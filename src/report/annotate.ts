// The output of pin, unpin and tag: one line for each snapshot.
import {printable} from '../base/escape.js'
import type {Annotated, Annotation, AnnotateResult} from '../operations/annotate.js'
import {lines} from './backup.js'

function pinText({pinned, changed}: Annotated): string {
  if (pinned) return changed ? 'pinned' : 'already pinned'
  return changed ? 'no longer pinned' : 'was not pinned'
}

const listOf = (tags: readonly string[]): string => tags.map(printable).join(', ')

function tagText({tags, isRepaired, had = [], lacked = []}: Annotated): string {
  const text = tags.length === 0 ? 'no tags' : `tags ${listOf(tags)}`
  const notes = [
    ...(isRepaired ? ['replaces a damaged .backup_tags'] : []),
    ...(had.length > 0 ? [`it already had ${listOf(had)}`] : []),
    ...(lacked.length > 0 ? [`it did not have ${listOf(lacked)}`] : []),
  ]
  return notes.length === 0 ? text : `${text} (${notes.join('; ')})`
}

export function annotateReport(
  {dryRun, snapshots}: AnnotateResult,
  kind: Annotation['kind'],
): string {
  const textOf = kind === 'pin' ? pinText : tagText
  return lines([
    ...snapshots.map((snapshot) => `${snapshot.name}: ${textOf(snapshot)}`),
    ...(dryRun ? ['Nothing was changed, because this was a dry run.'] : []),
  ])
}

export const annotateJson = ({dryRun, snapshots, exit}: AnnotateResult): object => ({
  dry_run: dryRun,
  snapshots: snapshots.map(({name, pinned, tags}) => ({name, pinned, tags})),
  exit,
})
