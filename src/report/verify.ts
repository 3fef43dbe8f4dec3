// The output of verify: what was checked, what is damaged, what to do; and JSON.
import {resolve} from 'node:path'
import {lines} from './backup.js'
import {noteLines} from './notes.js'
import {pathJson, printable, shellWord} from '../base/escape.js'
import {count, counted, size, timeJson} from '../base/units.js'
import type {MarkerDamage, VerifyResult} from '../operations/verify.js'
import type {Rotten} from '../operations/verify-sources.js'
import type {Damage} from '../native/native.js'
import type {Screen} from './screen.js'
import {failuresJson, notesJson} from '../store/marker.js'

type Found = Damage | MarkerDamage

/** More damages than this are only counted without -v. */
const damagesShown = 100
/** So many paths of one damage are shown without -v. */
const pathsShown = 3

const what: Readonly<Record<Found['kind'], string>> = {
  content: 'its content is damaged',
  unreadable: 'the disk cannot read it',
  replaced: 'it was replaced or cut',
  metadata: 'its metadata changed',
  missing: 'it is missing',
  extra: 'the record does not have it',
  links: 'its hardlinks are broken',
  record: 'the record of the snapshot is damaged',
  marker: 'the marker of the snapshot is damaged',
}

/** What no copy of a file repairs. */
const beyondCopies: ReadonlySet<Found['kind']> = new Set(['extra', 'record', 'marker'])

const reasonOf = ({kind, detail}: Found): string =>
  detail === '' ? what[kind] : `${what[kind]} (${printable(detail)})`

/** 'docs/a.txt' with the snapshots that have it there. */
function pathsOf({paths}: Found): Array<{path: string; snapshots: string[]}> {
  const byPath = new Map<string, string[]>()
  for (const {snapshot, path} of paths) {
    const text = printable(path)
    const snapshots = byPath.get(text) ?? []
    snapshots.push(snapshot)
    byPath.set(text, snapshots)
  }
  return [...byPath].map(([path, snapshots]) => ({path, snapshots: snapshots.sort()}))
}

function snapshotsText(snapshots: readonly string[], verbose: boolean): string {
  const [first = '', ...rest] = snapshots
  const last = rest.at(-1)
  if (last === undefined) return `in ${first}`
  if (verbose) return `in ${snapshots.join(', ')}`
  return `in ${snapshots.length} snapshots, ${first} to ${last}`
}

function damageLines(damage: Found, {hasSigns}: Screen, verbose: boolean): string[] {
  const [first, ...others] = pathsOf(damage)
  if (first === undefined) return []
  const sign = damage.healed ? (hasSigns ? '✓' : 'healed:') : hasSigns ? '✗' : 'damaged:'
  const amount = damage.bytes > 0 ? `, ${size(damage.bytes)}` : ''
  const name = first.path === '' ? (first.snapshots[0] ?? '') : first.path
  const shown = verbose ? others : others.slice(0, pathsShown)
  const left = others.length - shown.length
  return [
    `${sign} ${name}: ${reasonOf(damage)}${amount}`,
    ...(first.path === '' ? [] : [`    ${snapshotsText(first.snapshots, verbose)}`]),
    ...shown.map(({path, snapshots}) => `    also ${path} ${snapshotsText(snapshots, verbose)}`),
    ...(left > 0 ? [`    and ${counted(left, 'more path')}`] : []),
    ...(damage.donor === null
      ? []
      : [`    healed with the content of ${printable(damage.donor.path)}`]),
  ]
}

/** Where the good content is, and how to restore it. */
function remedyLines({snapshot, command, isStoredGood}: Rotten): string[] {
  if (!isStoredGood) return [`    The stored copy in ${snapshot} is damaged, too.`]
  const start = `    ${snapshot} still has the good content`
  if (command !== null) return [`${start}:`, `    ${command}`]
  return [`${start}, but no command can name this file: restore its directory.`]
}

const rottenLines = (rotten: Rotten, {hasSigns}: Screen): string[] => [
  `${hasSigns ? '✗' : 'damaged:'} ${printable(rotten.live)}: the source itself is damaged`,
  '    Its content changed, but size, date, ctime and inode did not.',
  ...remedyLines(rotten),
]

function readLine({checked, reads}: VerifyResult): string[] {
  const {checkedInodes, checkedBytes, unreadInodes, undigestedInodes} = checked
  const read = `Read ${counted(checkedInodes, 'file')} (${size(checkedBytes)}).`
  const left = `${counted(unreadInodes, 'file')} ${unreadInodes === 1 ? 'was' : 'were'} never read yet.`
  return [
    ...(reads || checkedInodes > 0 ? [read] : []),
    ...(unreadInodes > 0 ? [left] : []),
    ...(undigestedInodes > 0 && reads
      ? [`${counted(undigestedInodes, 'file')} had no recorded digest; reading records one.`]
      : []),
  ]
}

function sourceLine({sources}: VerifyResult): string[] {
  if (sources === null) return []
  const {files, bytes, unknown} = sources
  const skipped = unknown > 0 ? `; ${count(unknown)} without a digest were not compared` : ''
  return [`Compared ${counted(files, 'live file')} (${size(bytes)}) with the store${skipped}.`]
}

/** What to do about the damage that is left. */
function adviceLines({damages, heals, dryRun, storeDir}: VerifyResult): string[] {
  const left = damages.filter(({healed}) => !healed)
  if (left.length === 0) return []
  const command = ['cura-te-ipsum', 'verify', '-b', resolve(storeDir), '--heal']
  const line = command.map(shellWord).join(' ')
  if (!heals || dryRun) return ['', 'To repair what can be repaired:', `  ${line}`]
  const others = left.filter(({kind}) => beyondCopies.has(kind)).length
  const copies = left.length - others
  return [
    '',
    ...(copies > 0
      ? [
          `No good copy was found for ${counted(copies, 'damage')}. With another store: --replica STORE.`,
        ]
      : []),
    ...(others > 0
      ? [
          `No copy can heal ${counted(others, 'damage')}: remove added names, or delete the snapshot.`,
        ]
      : []),
  ]
}

function verdictLine({damages, checked, sources}: VerifyResult, {hasSigns}: Screen): string {
  const healed = damages.filter((damage) => damage.healed).length
  const left = damages.length - healed + (sources?.rotten.length ?? 0)
  if (left > 0) {
    const also = healed > 0 ? `, ${count(healed)} healed` : ''
    return `${hasSigns ? '✗ ' : ''}${counted(left, 'damage')} found and not healed${also}`
  }
  if (healed > 0) return `${hasSigns ? '✓ ' : ''}${counted(healed, 'damage')} healed`
  const all = checked.isPartial ? 'nothing damaged in this slice' : 'nothing damaged'
  return `${hasSigns ? '✓ ' : ''}${all}`
}

/** The text of a verification; the problems are printed even with -q. */
export function verifyReport(
  result: VerifyResult,
  {screen, verbose}: {readonly screen: Screen; readonly verbose: boolean},
): {summary: string; problems: string} {
  const {checked, damages, sources, snapshots, warnings} = result
  const shown = verbose ? damages : damages.slice(0, damagesShown)
  const more = damages.length - shown.length
  const entries = counted(checked.entries, 'entry', 'entries')
  const found = [
    ...shown.flatMap((damage) => damageLines(damage, screen, verbose)),
    ...(more > 0 ? [`and ${counted(more, 'more damage')}; -v lists all`] : []),
    ...(sources?.rotten ?? []).flatMap((rotten) => rottenLines(rotten, screen)),
  ]
  const healedOnly = damages.every(({healed}) => healed) && (sources?.rotten.length ?? 0) === 0
  return {
    summary: lines([
      `Checked ${counted(snapshots, 'snapshot')} with ${entries}.`,
      ...readLine(result),
      ...sourceLine(result),
      ...noteLines(checked.notes, verbose).map((line) => line.trim()),
      ...(healedOnly ? found : []),
      verdictLine(result, screen),
    ]),
    problems: lines([
      ...(healedOnly ? [] : [...found, ...adviceLines(result)]),
      ...warnings.map((text) => `cura-te-ipsum: ${text}`),
    ]),
  }
}

export const damageJson = (damage: Found): object => ({
  kind: damage.kind,
  detail: damage.detail,
  sha256: damage.sha256,
  actual_sha256: damage.actualSha256,
  bytes: damage.bytes,
  paths: damage.paths.map(({snapshot, path}) => ({snapshot, ...pathJson(path)})),
  healed: damage.healed,
  donor: damage.donor && {kind: damage.donor.kind, ...pathJson(damage.donor.path)},
})

const rottenJson = (rotten: Rotten): object => ({
  ...pathJson(rotten.live),
  bytes: rotten.bytes,
  sha256: rotten.sha256,
  actual_sha256: rotten.actualSha256,
  snapshot: rotten.snapshot,
  command: rotten.command,
})

export function verifyJson({checked, sources, ...result}: VerifyResult): object {
  const left = result.damages.filter(({kind, healed}) => kind === 'marker' && !healed)
  return {
    store: result.storeDir,
    snapshots: result.snapshots,
    entries: checked.entries,
    inodes: checked.inodes,
    bytes: checked.bytes,
    checked_inodes: checked.checkedInodes,
    checked_bytes: checked.checkedBytes,
    unread_inodes: checked.unreadInodes,
    undigested_inodes: checked.undigestedInodes,
    oldest_verification: timeJson(checked.oldest_s),
    damaged_inodes: checked.damagedInodes + left.length,
    complete: !checked.isPartial,
    recorded: checked.unrecorded === null,
    healed: result.damages.filter((damage) => damage.healed).length,
    ...(sources !== null && {
      compared_files: sources.files,
      compared_bytes: sources.bytes,
      rotten: sources.rotten.map(rottenJson),
    }),
    warnings: result.warnings,
    errors: failuresJson(checked.failures),
    notes: notesJson(checked.notes),
  }
}
