// The events of a running operation as lines: of text for people, of JSON for programs.
import {pathJson, toJsonLine} from '../base/escape.js'
import {changeLines, omissionLines} from './backup.js'
import {changeJson, omissionJson} from '../store/marker.js'
import type {Failure, Progress} from '../native/native.js'
import type {OperationEvent} from '../operations/events.js'
import {verdictJson} from './json.js'
import {planJson, planLine, restoreChangeJson, restoreChangeLines} from './restore.js'

/** The lists as text; what else happens shows in the summary. */
export function eventText(event: OperationEvent): string {
  if (event.event === 'change') return changeLines(event.changes)
  if (event.event === 'omission') return omissionLines(event.omissions)
  if (event.event === 'plan') return planLine(event.plan, event.about)
  if (event.event === 'restore') return restoreChangeLines(event.changes)
  return ''
}

const failureJson = ({path, code, syscall, warning}: Failure): object => ({
  ...pathJson(path),
  code,
  syscall,
  warning,
})

const progressJson = ({phase, entries, bytes, totalEntries, totalBytes}: Progress): object => ({
  phase,
  entries,
  bytes,
  total_entries: totalEntries,
  total_bytes: totalBytes,
})

/** One object for each item of the event. */
function itemsOf(event: OperationEvent): readonly object[] {
  switch (event.event) {
    case 'change':
      return event.changes.map(changeJson)
    case 'omission':
      return event.omissions.map(omissionJson)
    case 'failure':
      return event.failures.map(failureJson)
    case 'plan':
      return [planJson(event.plan, event.about)]
    case 'restore':
      return event.changes.map((change) => ({...restoreChangeJson(change), planned: true}))
    case 'entry':
      return event.verdicts.map(verdictJson)
    case 'progress':
      return [progressJson(event.progress)]
    case 'phase':
      return [{phase: event.phase}]
    case 'wait':
      return [{text: event.text}]
  }
}

/** {"event":"change","kind":"new",…}, one line for each item. */
export function eventJsonLines(event: OperationEvent): string {
  // For programs, what a restore does are changes as well.
  const name = event.event === 'restore' ? 'change' : event.event
  return itemsOf(event)
    .map((item) => toJsonLine({event: name, ...item}))
    .join('')
}

/** Lists of the result whose items have had lines of their own. */
const longLists: ReadonlySet<string> = new Set([
  'changes',
  'digests',
  'entries',
  'excluded',
  'histories',
  'matches',
  'snapshots',
  'versions',
])

/** The last line: the object of --json without its long lists. */
export function summaryJsonLine(json: object): string {
  const fields = Object.entries(json).filter(([key]) => !longLists.has(key))
  const summary = fields.map(([key, field]: [string, unknown]) =>
    key === 'errors' ? [key, {...(field as object), list: undefined}] : [key, field],
  )
  return toJsonLine({event: 'summary', ...Object.fromEntries(summary)})
}
