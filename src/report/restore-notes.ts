// What a restore could not bring back as it was: one line for each kind.
import {printable} from '../base/escape.js'
import {counted} from '../base/units.js'
import type {Note} from '../native/native.js'

const sentences = new Map<string, (entries: string) => string>(
  Object.entries({
    owner: (entries: string) => `The owners of ${entries} could not be set`,
    mode: (entries: string) => `The permissions of ${entries} could not be set`,
    time: (entries: string) => `The times of ${entries} could not be set`,
    suid: (entries: string) => `The set-user-ID and set-group-ID bits of ${entries} were dropped`,
    link: (entries: string) =>
      `${entries} could not be hardlinked to their other names and were copied`,
    device: (entries: string) => `Devices could not be made: ${entries}`,
    fifo: (entries: string) => `FIFOs could not be made: ${entries}`,
    fsync: (entries: string) =>
      `The filesystem does not sync ${entries}: a power cut may destroy them`,
    'xattr:lost': (entries: string) =>
      `The store does not hold all extended attributes of ${entries}`,
    'xattr:system': (entries: string) => `The ACLs of ${entries} could not be set`,
    'xattr:security': (entries: string) =>
      `Capabilities or security labels of ${entries} could not be set`,
  }),
)

function sentence({kind, count: times, path}: Note): string | null {
  const entries = counted(times, 'entry', 'entries')
  const known = sentences.get(kind)?.(entries)
  const isXattr = kind.startsWith('xattr:')
  const xattr = `Extended attributes (${printable(kind.slice(6))}.*) of ${entries} could not be set`
  const text = known ?? (isXattr ? xattr : null)
  return text === null ? null : `${text}, first ${printable(path)}.`
}

/** `verbose` adds kinds that have no sentence. */
export const restoreNoteLines = (notes: readonly Note[], verbose: boolean): string[] =>
  notes.flatMap((note) => {
    const plain = `Note ${printable(note.kind)}: ${counted(note.count, 'entry', 'entries')}.`
    const text = sentence(note) ?? (verbose ? plain : null)
    return text === null ? [] : [`  ${text}`]
  })
