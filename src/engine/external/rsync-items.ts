// Understands what rsync prints of each entry. Names are bytes: a text here is Latin-1, one
// character a byte.
import type {Change, ChangeKind} from '../../native/native.js'

/** What `parseItem` takes apart. No relative name has two slashes in a row, so they end it. */
export const itemFormat = '%i %l %n//%L'

/** Above this a line is no item: a name and a target have 4,096 bytes each, escaped four times that. */
const lineLimit_bytes = 64 * 1024

export interface Item {
  /** Bytes below the source, '' for the source itself. */
  readonly name: string
  readonly type: Change['type']
  /** Null: as it was. */
  readonly kind: Exclude<ChangeKind, 'renamed'> | null
  /** Size of a regular file, else 0. */
  readonly bytes: number
  /** It is linked to another name, so it needs no inode of its own. */
  readonly follows: boolean
  /** The name it is linked to, where that is to be done anew. */
  readonly leader: string | null
}

const types: Readonly<Record<string, Change['type']>> = {
  f: 'file',
  d: 'directory',
  L: 'symlink',
  D: 'special',
  S: 'special',
}

// How it is done, type, what differs, size, name and what follows it.
const pattern = /^(?:(\*deleting) {2}|([<>ch.])([fdLDS])([.+? a-zA-Z]{9})) (\d+) (.*)$/s

/** Turns rsync's `\#ooo` back into bytes: control characters, and a backslash that looks like one. */
export const unescapeName = (text: string): string =>
  text.replace(/\\#([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))

/** The name without the slash that marks a directory, and '.' as what it stands for. */
function plainName(text: string): string {
  const name = unescapeName(text.endsWith('/') ? text.slice(0, -1) : text)
  return name === '.' ? '' : name
}

/** Size, content, target and time make another entry of anything but a directory. */
function kindOf(update: string, type: Change['type'], flags: string, leader: string | null) {
  if (flags.includes('+')) return 'new'
  if (flags.trim() === '') return leader === null ? null : 'metadata'
  if (type === 'directory') return 'metadata'
  const another = update === '<' || update === '>' || /[cstT]/.test(flags)
  return another ? 'changed' : 'metadata'
}

/** Null for a line that is about something else than an entry. */
export function parseItem(line: string): Item | null {
  const match = pattern.exec(line)
  if (match === null) return null
  const [, deleting, update = '', letter = '', flags = '', size = '', rest = ''] = match
  const end = rest.indexOf('//')
  if (end === -1) return null
  const isDirectory = letter === 'd' || (deleting !== undefined && rest.startsWith('///', end))
  const name = plainName(rest.slice(0, end))
  if (deleting !== undefined) {
    const type = isDirectory ? 'directory' : 'file'
    return {name, type, kind: 'deleted', bytes: 0, follows: false, leader: null}
  }
  const type = types[letter] ?? 'special'
  const behind = rest.slice(end + (isDirectory ? 3 : 2))
  const leader = behind.startsWith(' => ') ? plainName(behind.slice(4)) : null
  const kind = kindOf(update, type, flags, leader)
  const bytes = type === 'file' ? Number(size) : 0
  return {name, type, kind, bytes, follows: update === 'h', leader}
}

/** Hands on line by line what comes in pieces; a line that is too long is left out. */
export class LineSplitter {
  private rest = ''
  private skipping = false

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    const lines = (this.rest + chunk.toString('latin1')).split('\n')
    this.rest = lines.pop() ?? ''
    for (const line of lines) this.take(line)
    if (this.rest.length <= lineLimit_bytes) return
    this.rest = ''
    this.skipping = true
  }

  /** Hands on what has come without an end of line. */
  end(): void {
    if (this.rest !== '') this.take(this.rest)
    this.rest = ''
  }

  private take(line: string): void {
    const isWhole = !this.skipping && line.length <= lineLimit_bytes
    this.skipping = false
    if (isWhole) this.onLine(line)
  }
}
