// The limits of the store or source that a backup reports: one line for each kind.
import {printable} from '../base/escape.js'
import type {Note} from '../native/native.js'
import {counted} from '../base/units.js'

/** Reported without -v, because a restore would lack something or the store needs more room. */
const sentences = new Map<string, (entries: string) => string>(
  Object.entries({
    link: (entries: string) => `${entries} could not be linked (EPERM) and were copied`,
    clone: (entries: string) =>
      `${entries} could not be cloned (EIO, ENOSPC or too short) and were copied`,
    mode: (entries: string) => `Permissions of ${entries} are not kept in the store`,
    symlink: (entries: string) => `The store cannot hold symlinks: ${entries}`,
    fsync: (entries: string) =>
      `The store's filesystem does not sync ${entries}: a power cut may destroy them`,
    damaged: (entries: string) =>
      `Stored copies of ${entries} are damaged, so these were stored anew (see verify --heal)`,
    'xattr:lost': (entries: string) => `Extended attributes of ${entries} could not be healed`,
    'xattr:system': (entries: string) => `ACLs of ${entries} are not kept`,
    'xattr:security': (entries: string) =>
      `Capabilities or security labels of ${entries} are not kept`,
    'xattr:unlisted': (entries: string) =>
      `Without /proc, attributes of ${entries} could not be read`,
  }),
)

const lostXattr = (kind: string, entries: string): string | undefined =>
  kind.startsWith('xattr:')
    ? `Extended attributes (${printable(kind.slice('xattr:'.length))}.*) of ${entries} are not kept`
    : undefined

/** Null for a note that is reported only with -v. */
function sentence({kind, count: times, path}: Note): string | null {
  if (kind === 'store') {
    return `The store lies inside a source and was excluded: ${printable(path)}.`
  }
  if (kind === 'rules') {
    return (
      'The exclusion rules are longer than 256 KiB and were not recorded: a restore will not know ' +
      'what they excluded.'
    )
  }
  const entries = counted(times, 'entry', 'entries')
  const text = sentences.get(kind)?.(entries) ?? lostXattr(kind, entries)
  return text === undefined ? null : `${text}, first ${printable(path)}.`
}

function plainSentence({kind, count: times, path}: Note): string {
  if (kind === 'proofs') return 'Note proofs: not kept, so the next run compares again.'
  return path.length === 0
    ? `Note ${printable(kind)}: none, because this Node has no SHA-256.`
    : `Note ${printable(kind)}: ${counted(times, 'entry', 'entries')}, first ${printable(path)}.`
}

export function noteLines(notes: readonly Note[], verbose: boolean): string[] {
  return notes.flatMap((note) => {
    const text = sentence(note) ?? (verbose ? plainSentence(note) : null)
    return text === null ? [] : [`  ${text}`]
  })
}
