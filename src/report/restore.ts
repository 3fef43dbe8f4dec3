// The output of restore: the plan, its list, the summary with the way back, problems, and JSON.
import {lines, type Report} from './backup.js'
import {JsonList} from './json-pieces.js'
import {restoreNoteLines} from './restore-notes.js'
import {pathJson, printable} from '../base/escape.js'
import {age, count, counted, duration, size} from '../base/units.js'
import {errnoText} from '../native/failure.js'
import type {Failure, RestoreChange, RestorePlan} from '../native/native.js'
import type {RestoreAbout} from '../operations/events.js'
import type {RestoreResult} from '../operations/restore-options.js'
import {undoIntroduction} from '../operations/restore-undo.js'
import {failuresJson, notesJson} from '../store/marker.js'

const failuresShown = 20

const counters = ['restored', 'updated', 'deleted', 'kept', 'unchanged'] as const
type Counts = Pick<RestorePlan, (typeof counters)[number]>

const futureWords: Readonly<Record<(typeof counters)[number], string>> = {
  restored: 'to restore',
  updated: 'to update',
  deleted: 'to delete',
  kept: 'kept',
  unchanged: 'unchanged',
}

/** '12 to restore, 3 to update, 4,102 unchanged', without what there is none of. */
function countsText(counts: Counts, wordOf: (name: (typeof counters)[number]) => string): string {
  const parts = counters
    .filter((name) => counts[name] > 0)
    .map((name) => `${count(counts[name])} ${wordOf(name)}`)
  return parts.length === 0 ? 'nothing to restore' : parts.join(', ')
}

/** Several places are those that the sources were backed up from. */
const placeText = (target: Buffer | null): string =>
  target === null ? 'where it was' : printable(target)

/** In a dry run also of what and where to. */
export function planLine(plan: RestorePlan, about: RestoreAbout): string {
  const {snapshot, age_ms, target, dryRun} = about
  const bytes = plan.bytes > 0 ? `; ${size(plan.bytes)}` : ''
  const counts = `${countsText(plan, (name) => futureWords[name])}${bytes}\n`
  if (!dryRun) return counts
  return `Would restore from ${snapshot} (${age(age_ms)} old) to ${placeText(target)}:\n${counts}`
}

export const planJson = ({bytes, ...plan}: RestorePlan, about: RestoreAbout): object => ({
  ...Object.fromEntries(counters.map((name) => [name, plan[name]])),
  bytes,
  snapshot: about.snapshot,
  target: targetJson(about.target),
})

const targetJson = (target: Buffer | null): string | null => target?.toString() ?? null

/** The list is printed before anything is done. */
const verbs: Readonly<Record<RestoreChange['action'], string>> = {
  restored: 'restore',
  updated: 'update',
  deleted: 'delete',
  kept: 'keep',
}

function changeLine({action, type, path, bytes}: RestoreChange): string {
  const amount = type === 'file' && action !== 'deleted' ? size(bytes) : ''
  return `${verbs[action].padEnd(7)}  ${type.padEnd(9)}  ${amount.padStart(7)}  ${printable(path)}`
}

export const restoreChangeLines = (changes: readonly RestoreChange[]): string =>
  lines(changes.map(changeLine))

export const restoreChangeJson = ({action, type, path, bytes}: RestoreChange): object => ({
  ...pathJson(path),
  action,
  type,
  bytes,
})

/** What the codes mean in a restore. */
const ownTexts: Readonly<Record<string, string>> = {
  CHANGED: 'changed during the restore, so it was left as it is',
  DAMAGED: 'damaged in the store, and there is no good copy',
  EXISTS: 'a directory is there: move it away, or add --delete to replace it',
  UNREAD: 'the snapshot does not hold it, because it could not be read then',
}

const failureLine = ({path, code, syscall}: Failure): string =>
  `  ${printable(path)}: ${ownTexts[code] ?? errnoText(code)}${syscall === '' ? '' : ` (${syscall})`}`

function failureLines(list: readonly Failure[], total: number, verbose: boolean): string[] {
  const shown = verbose ? list : list.slice(0, failuresShown)
  const more = total - shown.length
  return [...shown.map(failureLine), ...(more > 0 ? [`  and ${count(more)} more`] : [])]
}

/** What --to found in its way. */
function keptLines({keptPaths, kept, dryRun}: RestoreResult, verbose: boolean): string[] {
  if (keptPaths.length === 0) return []
  const shown = verbose ? keptPaths : keptPaths.slice(0, failuresShown)
  const more = kept - shown.length
  const isOne = kept === 1
  const kind = isOne ? '1 entry exists' : `${count(kept)} entries exist`
  const verb = dryRun ? 'would be kept' : `${isOne ? 'was' : 'were'} kept`
  return [
    `${kind} and ${verb}; --overwrite if-changed replaces ${isOne ? 'it' : 'them'}:`,
    ...shown.map((path) => `  ${printable(path)}`),
    ...(more > 0 ? [`  and ${count(more)} more`] : []),
  ]
}

function problemLines(result: RestoreResult, verbose: boolean, quiet: boolean): string[] {
  const {failures, warnings, notices, refusal, dryRun} = result
  const of = (warning: boolean): Failure[] =>
    failures.list.filter((failure) => failure.warning === warning)
  const [entries, gone] = [failures.errors, failures.warnings].map((some) => {
    return counted(some, 'entry', 'entries')
  })
  const verb = dryRun || refusal !== null ? 'cannot be' : 'could not be'
  return [
    ...(failures.errors === 0
      ? []
      : [`${entries} ${verb} restored:`, ...failureLines(of(false), failures.errors, verbose)]),
    ...(failures.warnings === 0
      ? []
      : [`${gone} vanished during the restore:`, ...failureLines(of(true), failures.warnings, verbose)]), // prettier-ignore
    ...keptLines(result, verbose),
    ...warnings,
    ...(quiet ? [] : notices),
    ...(refusal === null ? [] : [`cura-te-ipsum: ${refusal}`]),
  ]
}

/** What the digests say about the files that were written. */
function verifiedLines({target, snapshot, verified, unverified, donated}: RestoreResult): string[] {
  const isAll = verified > 0 && unverified === 0
  const files = counted(unverified, 'file')
  const it = unverified === 1 ? 'it' : 'them'
  const those = verified === 1 ? 'The file was verified as it was' : 'All files were verified as they were' // prettier-ignore
  return [
    `  From ${snapshot} to ${placeText(target)}.`,
    ...(isAll ? [`  ${those} written.`] : []),
    ...(unverified > 0
      ? [`  ${files} could not be verified: the snapshot has no digest of ${it}.`]
      : []),
    ...(donated > 0
      ? [
          `  ${counted(donated, 'file')} came from another snapshot, because of damage in the store.`,
        ]
      : []),
  ]
}

const placesShown = 3

/** 'remove /a and /b' */
function removalText(places: RestoreResult['emptyPlaces']): string {
  const texts = places
    .slice(0, placesShown)
    .map(({path, isThere}) => `${isThere ? 'everything in ' : ''}${printable(path)}`)
  const more = places.length - texts.length
  const rest = more > 0 ? [`${count(more)} more ${more === 1 ? 'place' : 'places'}`] : []
  const all = [...texts, ...rest]
  return [all.slice(0, -1).join(', '), ...all.slice(-1)].filter((text) => text !== '').join(' and ')
}

function undoLines({undo, emptyPlaces, restored}: RestoreResult): string[] {
  if (undo !== null) return [undoIntroduction, `  ${undo}`]
  if (emptyPlaces.length === 0 || restored === 0) return []
  return [
    'Nothing was there before, so there is nothing to bring back: to undo, remove',
    `  ${removalText(emptyPlaces)}`,
  ]
}

/** The list that -v prints has them all. */
function deletedLines({deleted, deletedPaths, failures}: RestoreResult, verbose: boolean) {
  if (verbose || deleted === 0 || failures.errors > 0) return []
  const more = deleted - deletedPaths.length
  return [
    'Deleted:',
    ...deletedPaths.map((path) => `  ${printable(path)}`),
    ...(more > 0 ? [`  and ${count(more)} more: -v lists them`] : []),
  ]
}

function doneLines(result: RestoreResult): string[] {
  const {start, end, bytes, snapshot, restored, updated, deleted, kept} = result
  if (restored + updated + deleted === 0) {
    const rest = kept > 0 ? 'what exists there was kept' : `all is as in ${snapshot}`
    return [`Nothing was restored: ${rest}.`]
  }
  const took = duration(end.getTime() - start.getTime())
  const amount = bytes > 0 ? `; ${size(bytes)}` : ''
  const done = countsText({...result, unchanged: 0}, (name) => name)
  return [`Done in ${took}: ${done}${amount}.`, ...verifiedLines(result)]
}

/** The plan is printed before. */
export function restoreReport(result: RestoreResult, verbose: boolean, quiet: boolean): Report {
  const summary =
    result.dryRun || result.refusal !== null
      ? []
      : [
          ...doneLines(result),
          ...deletedLines(result, verbose),
          ...restoreNoteLines(result.notes, verbose),
          ...undoLines(result),
        ]
  return {summary: lines(summary), problems: lines(problemLines(result, verbose, quiet))}
}

/** `changes` are null if they have had lines of their own. */
export function restoreJson(result: RestoreResult, changes: readonly RestoreChange[]): object {
  const {failures, notes, refusal, exit, end, start} = result
  return {
    restored: result.restored,
    updated: result.updated,
    unchanged: result.unchanged,
    deleted: result.deleted,
    kept: result.kept,
    failed: failures.errors,
    bytes: result.bytes,
    verified: result.verified,
    unverified: result.unverified,
    damaged: result.damaged,
    donated: result.donated,
    dry_run: result.dryRun,
    snapshot: result.snapshot,
    target: targetJson(result.target),
    guard: result.guard,
    undo: result.undo,
    start,
    end,
    rebuilt: result.rebuilt,
    entries: new JsonList(changes, restoreChangeJson),
    errors: failuresJson(failures),
    notes: notesJson(notes),
    notices: result.notices,
    warnings: result.warnings,
    ...(refusal !== null && {code: 'refused', message: refusal}),
    exit,
  }
}
