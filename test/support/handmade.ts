// Snapshots made without the product, in the format of either tool.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

const isOldName = (name: string): boolean => /^\d{8}_\d{6}$/.test(name)

/** The marker for a line: JSON with its instant and tags, or an empty one. */
function markerText(words: readonly string[]): string {
  const instant = words.find((word) => word.startsWith('@'))?.slice(1)
  const tags = words.filter((word) => word.startsWith('#')).map((word) => word.slice(1))
  if (instant === undefined) return ''
  const start = new Date(instant).toISOString()
  return JSON.stringify({format: 1, start, end: start, tags})
}

/**
 * Makes a snapshot with one file from a line such as '20250115_103000' or '2025-01-15_10-30-00
 * @2025-01-15T09:30:00Z #tag pinned unfinished'. Returns its name.
 */
export function makeByHand(store: string, line: string): string {
  const [name = '', ...words] = line.split(' ')
  mkdirSync(join(store, name, 'docs'), {recursive: true})
  writeFileSync(join(store, name, 'docs', 'a.txt'), name)
  const marker = isOldName(name) ? `.backup_finished_${name}` : '.backup_finished'
  if (!words.includes('unfinished')) {
    writeFileSync(join(store, name, marker), markerText(words))
  }
  if (words.includes('pinned')) writeFileSync(join(store, name, '.backup_pinned'), '')
  return name
}
