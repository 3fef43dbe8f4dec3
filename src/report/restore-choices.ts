// What restore asks on a terminal: the versions of a path, and where to restore one.
import {printable} from '../base/escape.js'
import {count, counted, localTime, size} from '../base/units.js'
import type {RestoreChoice} from '../operations/restore-choices.js'
import {table, type Align} from './table.js'

const aligns: readonly Align[] = ['right', 'left', 'right', 'left', 'left']

function row({version, history}: RestoreChoice, at: number): string[] {
  const {last, entry} = version
  const bytes = entry.type === 'file' ? size(entry.bytes) : '-'
  const label = history === null ? '' : printable(history)
  return [String(at + 1), last, bytes, localTime(entry.mtime_s), label]
}

/** The versions, newest first, with their numbers; only the first `shown` ones. */
export function choicesText(choices: readonly RestoreChoice[], shown: number): string {
  const path = choices[0]?.version.entry.path ?? ''
  const heading = ['', 'Snapshot', 'Size', 'Modified', '']
  const rows = table([heading, ...choices.slice(0, shown).map(row)], aligns)
  const all = choices.length
  const more = all - shown
  return [
    `${printable(path)}: ${counted(choices.length, 'version')}`,
    ...rows.map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${count(more)} older ones: --at TIME lists those up to a time`] : []),
    `Which one? (1${all > 1 ? ` to ${all}` : ''}${all > 9 ? ' and Enter' : ''}, q to leave) `,
  ].join('\n')
}

/** Where the version can go; `name` is the one it would have beside the place. */
export function placesText(place: Buffer | null, name: Buffer | null): string {
  const here =
    place === null || name === null
      ? []
      : [`  i  in place: ${printable(place)}`, `  b  beside it, as ${printable(name)}`]
  return [
    'Restore it',
    ...here,
    '  t  into a directory that you type',
    `Where? (${here.length > 0 ? 'i, b or t' : 't'}, q to leave) `,
  ].join('\n')
}
