// The output of diff: one line for each change, the counts, and JSON.
import {pathJson, printable} from '../base/escape.js'
import {size} from '../base/units.js'
import {countsText} from './backup.js'
import type {ChangeKind} from '../native/native.js'
import type {DiffChange, DiffResult} from '../operations/diff.js'

const signs: Readonly<Record<ChangeKind, string>> = {
  new: '+',
  changed: 'M',
  metadata: 'm',
  renamed: 'R',
  deleted: '-',
}

function changeLine({kind, type, path, from, content}: DiffChange): string {
  const slash = type === 'directory' ? '/' : ''
  const old = from === undefined ? '' : `${printable(from)}${slash} -> `
  return `${signs[kind]} ${old}${printable(path)}${slash}\n${content ?? ''}`
}

export const diffLines = (page: readonly DiffChange[]): string => page.map(changeLine).join('')

export const nameLines = (page: readonly DiffChange[]): string =>
  page.map(({path}) => `${printable(path)}\n`).join('')

/** '2026-11-21_22-00-00 -> 2026-11-22_22-00-00'. */
export const comparedLine = ({from, to}: Pick<DiffResult, 'from' | 'to'>): string =>
  `${from} -> ${to ?? 'the sources as they are now'}\n`

export function diffJson({kind, type, path, from, bytes, content}: DiffChange): object {
  const old = from === undefined ? undefined : pathJson(from)
  return {
    kind,
    type,
    ...pathJson(path),
    from_path: old?.path ?? null,
    ...(old?.path_b64 !== undefined && {from_path_b64: old.path_b64}),
    bytes,
    ...(content !== undefined && {content}),
  }
}

const lineWidth = 80

/** Breaks after commas and semicolons. */
function wrapped(text: string): string {
  const lines: string[] = []
  for (const word of text.split(/(?<=[,;]) /)) {
    const line = lines.at(-1)
    const longer = `${line ?? ''} ${word}`
    if (line === undefined || longer.length > lineWidth) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return `${lines.join('\n')}\n`
}

/** 'files: 3 new, 2 changed; directories: 1 renamed; 12.4 MB new or changed'. */
export function diffSummary({counts, bytes}: Pick<DiffResult, 'counts' | 'bytes'>): string {
  const parts = countsText(counts.files, counts.directories)
  if (parts.length === 0) return 'no differences\n'
  const hasBytes = counts.files.new > 0 || counts.files.changed > 0
  return wrapped([...parts, ...(hasBytes ? [`${size(bytes)} new or changed`] : [])].join('; '))
}
