// What status says to people.
import {printable} from './escape.js'
import {ownerText} from './lock.js'
import {lines} from './report.js'
import type {LockStatus, StatusResult} from './status.js'
import type {Snapshot} from './store.js'
import {table, type Align} from './table.js'
import {age, count, duration, size} from './units.js'

const heading = ['Snapshot', 'Files', 'Size', 'Added', 'Time', 'Errors', 'Remarks'] as const
const aligns: readonly Align[] = ['left', 'right', 'right', 'right', 'right', 'right', 'left']

function remarks(snapshot: Snapshot): string {
  const {finished, damaged, future, marker} = snapshot
  const tags = marker?.tags ?? []
  return [
    ...(finished ? [] : ['unfinished']),
    ...(damaged ? ['marker damaged'] : []),
    ...(future ? ['dated in the future'] : []),
    ...(tags.length > 0 ? [`tags ${tags.map(printable).join(', ')}`] : []),
  ].join('; ')
}

/** A dash stands for what the marker does not say. */
function row(snapshot: Snapshot): string[] {
  const {name, marker} = snapshot
  if (marker === null) return [name, '-', '-', '-', '-', '-', remarks(snapshot)]
  const took_ms = Date.parse(marker.end) - Date.parse(marker.start)
  return [
    name,
    count(marker.counts.files),
    size(marker.bytes.total),
    size(marker.bytes.added),
    duration(took_ms),
    count(marker.errors.count),
    remarks(snapshot),
  ]
}

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
      return 'A lock without an owner was left behind; the next backup removes it.'
    case 'odd':
      return 'Something called .backups_lock is in the way, and it is no lock.'
  }
}

const leftoverText = (lock: LockStatus | null): string =>
  lock?.state === 'held' ? 'Work in progress' : 'Left by a run that was cut off'

function lastSuccessLine({lastSuccess}: StatusResult): string {
  if (lastSuccess === null) return 'Last success: none yet.'
  return `Last success: ${lastSuccess.name}, ${age(lastSuccess.age_ms)} ago.`
}

export function statusReport(result: StatusResult): string {
  const {snapshots, leftovers, lock} = result
  const rows = [heading, ...snapshots.map(row)]
  return lines([
    spaceLine(result),
    lastSuccessLine(result),
    ...(lock === null ? [] : [lockLine(lock)]),
    ...leftovers.map((name) => `${leftoverText(lock)}: ${name}.`),
    ...(snapshots.length === 0 ? [] : ['', ...table(rows, aligns)]),
  ])
}
