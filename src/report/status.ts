// The text of status: where things stand, the table of snapshots, and the health of the store.
import {printable} from '../base/escape.js'
import {age, count, counted, localTime, size} from '../base/units.js'
import {ownerText} from '../store/lock-judge.js'
import type {LockStatus, StatusResult} from '../operations/status.js'
import {endingText, unreadText, type Problem} from '../operations/status-health.js'
import type {PastRun} from '../operations/status-runs.js'
import {lines} from './backup.js'
import type {Screen} from './screen.js'
import {snapshotTable} from './snapshot-table.js'

function storeLine({storeDir, space}: StatusResult): string {
  const {filesystem, freeInodes, totalInodes} = space
  const inodes = totalInodes > 0 ? `, ${count(freeInodes)} inodes free` : ''
  return `Store ${printable(storeDir)}: ${filesystem}${inodes}.`
}

function lockLine({state, owner}: LockStatus): string {
  switch (state) {
    case 'held':
      return `Locked by ${ownerText(owner)}.`
    case 'stale':
      return 'A lock without an owner was left behind; the next run removes it.'
    case 'odd':
      return (
        'Something named .backups_lock that is not a lock blocks the store: inspect it and ' +
        'remove it.'
      )
  }
}

const leftoverText = (lock: LockStatus | null): string =>
  lock?.state === 'held' ? 'Work in progress' : 'Left by an interrupted run'

const day_ms = 24 * 60 * 60_000

/** '17:15 today', '17:15 yesterday', '2026-11-21 17:15'. */
function momentText(at: Date, now: Date): string {
  const textOf = (date: Date): string => localTime(date.getTime() / 1000)
  const [day = '', time = ''] = textOf(at).split(' ')
  if (day === textOf(now).split(' ')[0]) return `${time} today`
  const noon = new Date(now).setHours(12)
  return day === textOf(new Date(noon - day_ms)).split(' ')[0] ? `${time} yesterday` : textOf(at)
}

/** 'Last run 17:15 today, 4 min ago: no changes'. */
function runLine({lastRun, now}: StatusResult): string[] {
  if (lastRun === null) return []
  const moment = momentText(new Date(lastRun.end), now)
  return [`Last run ${moment}, ${age(lastRun.age_ms)} ago: ${endingText(lastRun)}`]
}

function snapshotLine({lastSnapshot}: StatusResult): string {
  if (lastSnapshot === null) return 'Last snapshot: none yet'
  const {name, age_ms, errors} = lastSnapshot
  const unread = errors > 0 ? `; ${unreadText(errors)}` : ''
  return `Last snapshot ${name}, ${age(age_ms)} ago${unread}`
}

/** 'Verified: oldest reading 12 d ago, 3 files never read'. */
function scrubLine({scrub, now}: StatusResult): string[] {
  if (scrub === null) return []
  const {oldest_s, unreadInodes} = scrub
  const read =
    oldest_s === null
      ? 'no file was read yet'
      : `oldest reading ${age(Math.max(0, now.getTime() - oldest_s * 1000))} ago`
  const left = unreadInodes > 0 ? `, ${counted(unreadInodes, 'file')} never read` : ''
  return [`Verified: ${read}${left}`]
}

/** Root may use more than df shows, which matters only once the rest is nearly gone. */
function reserveText({space: {freeBytes, availableBytes}}: StatusResult): string {
  const reserved = freeBytes - availableBytes
  return reserved > availableBytes ? ` (and ${size(reserved)} reserved for root)` : ''
}

/** '2 snapshots in 2.5 GB · 72 GB free of 271 GB'. */
function amountLine(result: StatusResult, separator: string): string {
  const {verdicts, storedBytes, space} = result
  const finished = verdicts.filter(({snapshot}) => snapshot.finished).length
  const stored = storedBytes === null || finished === 0 ? '' : ` in ${size(storedBytes)}`
  const free = `${size(space.availableBytes)} free of ${size(space.totalBytes)}`
  const number = finished === 0 ? 'no snapshots' : counted(finished, 'snapshot')
  return `${number}${stored}${separator}${free}${reserveText(result)}`
}

const runText = (run: PastRun): string => `last run ${age(run.age_ms)} ago: ${endingText(run)}`

function problemLine({text, isGrave}: Problem, hasSigns: boolean): string {
  if (hasSigns) return `${isGrave ? '✗' : '!'} ${text}`
  return `${isGrave ? 'problem' : 'warning'}: ${text}`
}

/** One line if all is well, else a line for each problem. */
function healthLines(result: StatusResult, {hasSigns}: Screen, separator: string): string[] {
  const {problems, lastRun, lastSnapshot} = result
  if (problems.length > 0) return problems.map((problem) => problemLine(problem, hasSigns))
  const last =
    lastRun === null ? `last snapshot ${age(lastSnapshot?.age_ms ?? 0)} ago` : runText(lastRun)
  return [`${hasSigns ? '✓ ' : ''}healthy${separator}${last}`]
}

/** What is wrong, for the user who wants to read nothing else. */
export const problemsText = ({problems}: StatusResult): string =>
  lines(problems.filter(({isGrave}) => isGrave).map(({text}) => `cura-te-ipsum: ${text}`))

export async function statusReport(result: StatusResult, screen: Screen): Promise<string> {
  const {verdicts, leftovers, lock, hints, now} = result
  const separator = screen.hasSigns ? ' · ' : ', '
  const rows = [...verdicts].reverse()
  const shown = rows.length === 0 ? [] : await snapshotTable(rows, {now, sizes: null, screen})
  return lines([
    storeLine(result),
    ...runLine(result),
    snapshotLine(result),
    ...scrubLine(result),
    ...(lock === null ? [] : [lockLine(lock)]),
    ...leftovers.map((name) => `${leftoverText(lock)}: ${name}.`),
    ...hints.map(printable),
    ...(shown.length === 0 ? [] : ['', ...shown, '']),
    amountLine(result, separator),
    ...healthLines(result, screen, separator),
  ])
}
