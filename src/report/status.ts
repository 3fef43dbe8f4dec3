// The text of status.
import {printable} from '../base/escape.js'
import {ownerText} from '../store/lock-judge.js'
import {reasonsText} from './prune.js'
import {lines} from './backup.js'
import type {Verdict} from '../retention/retention.js'
import type {LockStatus, StatusResult} from '../operations/status.js'
import type {Snapshot} from '../store/store.js'
import {table, type Align} from './table.js'
import {age, count, duration, size} from '../base/units.js'

const heading = [
  'Snapshot',
  'Files',
  'Size',
  'Added',
  'Time',
  'Errors',
  'Kept by',
  'Remarks',
] as const
const numbers: readonly Align[] = ['right', 'right', 'right', 'right', 'right']
const aligns: readonly Align[] = ['left', ...numbers, 'left', 'left']

function remarks(snapshot: Snapshot): string {
  const {damaged, marker, tags, tagsUnreadable} = snapshot
  const carried = (marker?.sources ?? []).filter((source) => source.carried === true)
  const names = carried.map(({name}) => printable(name)).join(', ')
  return [
    ...(carried.length > 0 ? [`${names} carried over`] : []),
    ...(damaged ? ['marker damaged'] : []),
    ...(tagsUnreadable === true ? ['.backup_tags damaged'] : []),
    ...(tags.length > 0 ? [`tags ${tags.map(printable).join(', ')}`] : []),
  ].join('; ')
}

/** A dash stands for an amount that the marker does not contain. */
function amounts({marker}: Snapshot): string[] {
  if (marker === null) return numbers.map(() => '-')
  return [
    count(marker.counts.files),
    size(marker.bytes.total),
    size(marker.bytes.added),
    duration(Date.parse(marker.end) - Date.parse(marker.start)),
    count(marker.errors.count),
  ]
}

/** Omits the name of the history, because the heading above has it. */
const shortly = ({series}: Snapshot, reasons: readonly string[]): string[] =>
  reasons.map((reason) =>
    series?.length === 1 ? reason.replace(/^newest with .*$/s, 'newest') : reason,
  )

const row = ({snapshot, keep, reasons}: Verdict<Snapshot>): string[] => [
  snapshot.name,
  ...amounts(snapshot),
  keep ? reasonsText({reasons: shortly(snapshot, reasons)}) : 'not kept',
  remarks(snapshot),
]

function spaceLine({storeDir, space}: StatusResult): string {
  const {filesystem, freeBytes, totalBytes, freeInodes, totalInodes} = space
  const inodes = totalInodes > 0 ? `, ${count(freeInodes)} inodes free` : ''
  const bytes = `${size(freeBytes)} of ${size(totalBytes)} free`
  return `Store ${printable(storeDir)}: ${filesystem}, ${bytes}${inodes}.`
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

function lastSuccessLine({lastSuccess}: StatusResult): string {
  if (lastSuccess === null) return 'Last success: none yet.'
  return `Last success: ${lastSuccess.name}, ${age(lastSuccess.age_ms)} ago.`
}

/** 'docs, etc': the histories that a snapshot belongs to. */
const seriesText = ({snapshot: {series}}: Verdict<Snapshot>): string =>
  series === undefined || series === null ? 'unknown' : [...series].sort().map(printable).join(', ')

/** The table, with a part for each history; the one of the newest snapshot comes first. */
function snapshotLines(verdicts: ReadonlyArray<Verdict<Snapshot>>): string[] {
  if (verdicts.length === 0) return []
  const [head = '', ...texts] = table([heading, ...verdicts.map(row)], aligns)
  const parts = new Map<string, string[]>()
  for (const [at, verdict] of verdicts.entries()) {
    const series = seriesText(verdict)
    parts.set(series, [...(parts.get(series) ?? []), texts[at] ?? ''])
  }
  if (parts.size === 1) return ['', head, ...texts]
  return ['', head, ...[...parts].flatMap(([series, some]) => ['', `${series}:`, ...some])]
}

export function statusReport(result: StatusResult): string {
  const {verdicts, leftovers, lock, hints} = result
  return lines([
    spaceLine(result),
    lastSuccessLine(result),
    ...(lock === null ? [] : [lockLine(lock)]),
    ...leftovers.map((name) => `${leftoverText(lock)}: ${name}.`),
    ...hints.map(printable),
    ...snapshotLines(verdicts),
  ])
}
