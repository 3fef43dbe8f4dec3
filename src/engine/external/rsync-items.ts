// Parses the line that rsync prints for each entry. Names are bytes, so texts here are Latin-1, with
// one character for each byte.
import type {Change, ChangeKind} from '../../native/native.js'

/** The format that `parseItem` reads. A relative name never contains '//', so '//' ends it. */
export const itemFormat = '%i %l %n//%L'

/** No item is longer: a name and a target have up to 4,096 bytes each, and escapes quadruple that. */
const lineLimit_bytes = 64 * 1024

export interface Item {
  /** Bytes below the source, '' for the source itself. */
  readonly name: string
  readonly type: Change['type']
  /** Null: unchanged. */
  readonly kind: Exclude<ChangeKind, 'renamed'> | null
  /** Size of a regular file, else 0. */
  readonly bytes: number
  /** It is a hardlink to another name, so it needs no new inode. */
  readonly follows: boolean
  /** The name to link it to; null if no new link is needed. */
  readonly leader: string | null
}

const types: Readonly<Record<string, Change['type']>> = {
  f: 'file',
  d: 'directory',
  L: 'symlink',
  D: 'special',
  S: 'special',
}

// Update type, file type, differences, size, then the name and what follows it.
const pattern = /^(?:(\*deleting) {2}|([<>ch.])([fdLDS])([.+? a-zA-Z]{9})) (\d+) (.*)$/s

/** Decodes rsync's `\#ooo`, which stands for a control character or an ambiguous backslash. */
export const unescapeName = (text: string): string =>
  text.replace(/\\#([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))

/** The name without the trailing slash of a directory; '.' becomes ''. */
function plainName(text: string): string {
  const name = unescapeName(text.endsWith('/') ? text.slice(0, -1) : text)
  return name === '.' ? '' : name
}

/** A directory only changes its metadata. Size, content, target or time change any other entry. */
function kindOf(update: string, type: Change['type'], flags: string, leader: string | null) {
  if (flags.includes('+')) return 'new'
  if (flags.trim() === '') return leader === null ? null : 'metadata'
  if (type === 'directory') return 'metadata'
  const another = update === '<' || update === '>' || /[cstT]/.test(flags)
  return another ? 'changed' : 'metadata'
}

/** Null for a line that is not about an entry. */
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

/** Splits a stream of chunks into lines; skips a line that is too long. */
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

  /** Passes on a last line that has no newline. */
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
