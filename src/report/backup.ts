// The text of a backup: its changes, its summary, and its problems.
import type {BackupResult, Carried} from '../operations/backup-result.js'
import {printable} from '../base/escape.js'
import {parseRemote} from '../store/remote.js'
import {errnoText} from '../native/failure.js'
import type {Change, ChangeKind, Failure, Omission} from '../native/native.js'
import type {Removal} from '../operations/removal.js'
import {noteLines} from './notes.js'
import {count, counted, duration, size} from '../base/units.js'

const failuresShown = 20

/** Two texts, because problems go to stderr. Either may be empty; lines end in newlines. */
export interface Report {
  readonly summary: string
  readonly problems: string
}

export const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')

/** 'Removed 2 snapshots: 260,034 entries, 1.2 GB freed.' */
export function removalLine({names, entries, bytes}: Removal, dryRun: boolean): string {
  if (names.length === 0) return `No snapshot ${dryRun ? 'would be' : 'was'} removed.`
  const what = counted(names.length, 'snapshot')
  const amount = `${counted(entries, 'entry', 'entries')}, ${size(bytes)}`
  return dryRun
    ? `Would remove ${what}: ${amount} would be freed.`
    : `Removed ${what}: ${amount} freed.`
}

/** 'Kept until the next run because another process reads it: NAME.' */
export function leasedLines({leased}: Removal): string[] {
  if (leased.length === 0) return []
  const what = leased.length === 1 ? 'it' : 'them'
  return [`Kept until the next run because another process reads ${what}: ${leased.join(', ')}.`]
}

const kindWords: ReadonlyArray<readonly [ChangeKind, string]> = [
  ['new', 'new'],
  ['changed', 'changed'],
  ['metadata', 'with changed permissions or dates'],
  ['renamed', 'renamed'],
  ['deleted', 'deleted'],
]

/** '1,203 new, 34 changed, 2 deleted', without the kinds that have none. */
const kindsText = (counts: Readonly<Record<ChangeKind, number>>): string =>
  kindWords
    .filter(([kind]) => counts[kind] > 0)
    .map(([kind, word]) => `${count(counts[kind])} ${word}`)
    .join(', ')

/** 'files: 3 new, 2 changed', without a name that has no changes. */
export function countsText(
  files: Readonly<Record<ChangeKind, number>>,
  directories: Readonly<Record<ChangeKind, number>>,
): string[] {
  const parts = [
    ['files', kindsText(files)],
    ['directories', kindsText(directories)],
  ] as const
  return parts.filter(([, text]) => text !== '').map(([name, text]) => `${name}: ${text}`)
}

const changesText = ({fileChanges, directoryChanges}: BackupResult): string =>
  countsText(fileChanges, directoryChanges).join('; ') || 'nothing changed'

/** One line for one change: kind, type, size, path. */
function changeLine({kind, type, path, from, bytes}: Change): string {
  const amount = type === 'file' && kind !== 'deleted' ? size(bytes) : ''
  const where = from === undefined ? '' : `${printable(from)} -> `
  return `${kind.padEnd(8)}  ${type.padEnd(9)}  ${amount.padStart(7)}  ${where}${printable(path)}`
}

/** A directory that moved with everything in it is one line. */
function movedLine(change: Change, from: Buffer, below: number): string {
  const line = changeLine({...change, kind: 'renamed', from})
  return below === 0 ? line : `${line} (+ ${counted(below, 'entry', 'entries')})`
}

export const changeLines = (changes: readonly Change[]): string =>
  lines(
    changes
      .filter(({inMove}) => inMove !== true)
      .map((change) =>
        change.movedFrom === undefined
          ? changeLine(change)
          : movedLine(change, change.movedFrom, change.movedEntries ?? 0),
      ),
  )

/** The rule that excluded an entry, or another reason. */
function reasonText({reason, rule, origin, line}: Omission): string {
  const text = printable(rule)
  if (reason === 'tag') return `contents excluded by ${text}`
  if (reason === 'size') return 'larger than --exclude-larger-than'
  if (reason === 'filesystem') return 'on another filesystem'
  if (reason === 'attribute') return `has the attribute ${text}`
  const place = line === 0 ? '' : `, line ${line}`
  return `"${text}" (${printable(origin)}${place})`
}

/** The same columns as for a change. */
function omissionLine(omission: Omission): string {
  const {path, isDirectory} = omission
  const type = (isDirectory ? 'directory' : '').padEnd(9)
  return `excluded  ${type}  ${''.padStart(7)}  ${printable(path)}: ${reasonText(omission)}`
}

export const omissionLines = (omissions: readonly Omission[]): string =>
  lines(omissions.map(omissionLine))

function omittedLines({omitted}: BackupResult): string[] {
  if (omitted === 0) return []
  const [what, verb] = [counted(omitted, 'entry', 'entries'), omitted === 1 ? 'was' : 'were']
  return [`  ${what} ${verb} excluded.`]
}

/** Says with which snapshot the rest is shared, if there is a rest. */
function sharedText({totals, previous, addedBytes}: BackupResult): string {
  const isAllNew = addedBytes > 0 && addedBytes >= totals.bytes
  return previous === null || isAllNew ? '' : `, the rest shared with ${previous}`
}

function madeSummary(result: BackupResult, name: string): string[] {
  const {totals, previous, addedBytes, start, end} = result
  const took = duration(end.getTime() - start.getTime())
  const added = size(addedBytes)
  const files = counted(totals.files, 'file')
  return [
    `Snapshot ${name} is complete: ${files}, ${size(totals.bytes)}, in ${took}.`,
    previous === null
      ? `  First snapshot: ${added} added.`
      : `  ${changesText(result)}; ${added} added${sharedText(result)}.`,
  ]
}

function dryRunSummary(result: BackupResult): string[] {
  const {totals, addedBytes} = result
  const whole = `${counted(totals.files, 'file')}, ${size(totals.bytes)}`
  return [
    `Would make a snapshot of ${whole}: ${changesText(result)}.`,
    `Would add ${size(addedBytes)}${sharedText(result)}.`,
  ]
}

function mainSummary(result: BackupResult): string[] {
  if (result.snapshot !== null) return madeSummary(result, result.snapshot)
  if (result.differs) return dryRunSummary(result)
  const since = result.previous === null ? '' : ` since ${result.previous}`
  const made = result.dryRun ? 'would be made' : 'was made'
  return [`Nothing has changed${since}: no snapshot ${made}.`]
}

function rebuiltLines({rebuilt, previous}: BackupResult): string[] {
  if (rebuilt === null || previous === null) return []
  const reason = printable(rebuilt)
  return [`  Read the tree of ${previous}, because its manifest could not be used: ${reason}.`]
}

const failureLine = ({path, code, syscall}: Failure): string =>
  `  ${printable(path)}: ${errnoText(code)}${syscall === '' ? '' : ` (${syscall})`}`

function failureLines(failures: readonly Failure[], total: number, verbose: boolean): string[] {
  const shown = verbose ? failures : failures.slice(0, failuresShown)
  const more = total - shown.length
  return [...shown.map(failureLine), ...(more > 0 ? [`  and ${count(more)} more`] : [])]
}

/** Advice about an unreadable source, by its cause; '' if the reason already contains it. */
function adviceFor({code, path}: Carried, isSelective: boolean): string {
  if (code === 'EMPTIED') {
    const cause = isSelective
      ? 'Does a pattern exclude too much, or is its disk not mounted?'
      : 'Is its disk mounted?'
    return `${cause} To back it up as it is, use --allow-empty.`
  }
  if (code === 'UNREACHABLE') return 'The other sources are backed up.'
  if (code === 'EACCES' || code === 'EPERM') {
    return 'Run as a user who can read it, or remove it from the command.'
  }
  if (code === 'ENOENT' && parseRemote(path) !== null) return ''
  return 'Is its disk mounted? If the source is gone for good, remove it from the command.'
}

/** The snapshot that an unreadable source is carried over from, and what to do. */
function carriedLine(source: Carried, isSelective: boolean): string {
  const {name, from, reason} = source
  const stays =
    from === null ? 'no snapshot contains it yet' : `${printable(name)} is kept as in ${from}`
  return `${reason}; ${stays}. ${adviceFor(source, isSelective)}`.trimEnd()
}

/** Everything that went wrong, errors first; `verbose` lists all known entries. */
function problemLines(result: BackupResult, verbose: boolean, quiet: boolean): string[] {
  const {carried} = result
  const {warnings} = result.failures
  const errors = result.failures.errors - carried.length
  const list = result.failures.list.slice(carried.length) // the carried ones come first
  const of = (warning: boolean): Failure[] => list.filter((failure) => failure.warning === warning)
  const problems: string[] = carried.map((source) => carriedLine(source, result.omitted > 0))
  if (errors > 0) {
    problems.push(`${counted(errors, 'entry', 'entries')} could not be backed up:`)
    problems.push(...failureLines(of(false), errors, verbose))
  }
  if (warnings > 0) {
    problems.push(`${counted(warnings, 'entry', 'entries')} vanished during the backup:`)
    problems.push(...failureLines(of(true), warnings, verbose))
  }
  for (const name of result.future) {
    problems.push(`${name} is dated in the future and was ignored: is the clock right?`)
  }
  if (result.shortage !== null)
    problems.push(`The store has no room for this snapshot: ${result.shortage}.`)
  const rest = [...result.warnings, ...(result.pruned?.problems ?? [])]
  return [...problems, ...rest, ...(quiet ? [] : result.notices.map(printable))]
}

/** The removed snapshots; empty if none was removed. */
function prunedLines({pruned, madeRoom, dryRun}: BackupResult): string[] {
  if (pruned === null) return []
  if (pruned.names.length === 0) return leasedLines(pruned)
  const what = `${removalLine(pruned, dryRun)} They are: ${pruned.names.join(', ')}.`
  if (madeRoom.length === 0) return [what, ...leasedLines(pruned)]
  return [
    what,
    ...leasedLines(pruned),
    `The store was full, so these were removed before the backup: ${madeRoom.join(', ')}.`,
  ]
}

/** `quiet` omits notices, because they are not problems. */
export function backupReport(result: BackupResult, verbose: boolean, quiet = false): Report {
  return {
    summary: lines([
      ...mainSummary(result),
      ...omittedLines(result),
      ...rebuiltLines(result),
      ...noteLines(result.notes, verbose),
      ...prunedLines(result),
    ]),
    problems: lines(problemLines(result, verbose, quiet)),
  }
}
