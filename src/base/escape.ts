// Turns raw bytes into text that is safe to print, and into text that JSON can carry exactly.
import {isUtf8} from 'node:buffer'

/** Bidirectional controls and line separators, because they can disguise a name on a terminal. */
const deceptive = '\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069'
const unsafe = new RegExp(`[\\u0000-\\u001f\\u007f-\\u009f${deceptive}\\\\]`, 'gu')
const unsafeInShell = new RegExp(`[\\u0000-\\u001f\\u007f-\\u009f${deceptive}]`, 'gu')
const unsafeInJson = new RegExp(`[\\u007f-\\u009f${deceptive}]`, 'gu')

const byteText = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`

/** C0 controls and DEL become a byte (\xNN), other characters a code point (\u{N}). */
function escapeCharacter(character: string): string {
  if (character === '\\') return '\\\\'
  const point = character.codePointAt(0) ?? 0
  return point < 0x80 ? byteText(point) : `\\u{${point.toString(16)}}`
}

/** How many bytes the UTF-8 character at `offset` has, or 0 if there is none. */
function characterLength(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset] ?? 0
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  const end = offset + length
  return end <= bytes.length && isUtf8(bytes.subarray(offset, end)) ? length : 0
}

/** Escapes a name that is not UTF-8: each invalid byte becomes \xNN. */
function escapeBadUtf8(bytes: Buffer): string {
  let text = ''
  for (let offset = 0; offset < bytes.length;) {
    const length = characterLength(bytes, offset)
    text +=
      length === 0
        ? byteText(bytes[offset] ?? 0)
        : bytes.toString('utf8', offset, offset + length).replace(unsafe, escapeCharacter)
    offset += Math.max(length, 1)
  }
  return text
}

/** Text for a terminal or a log: one line, without control or deceptive characters. */
export function printable(raw: Buffer | string): string {
  const bytes = typeof raw === 'string' ? Buffer.from(raw) : raw
  if (!isUtf8(bytes)) return escapeBadUtf8(bytes)
  return bytes.toString('utf8').replace(unsafe, escapeCharacter)
}

const unsafeInText = new RegExp(`[\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f${deceptive}]`, 'gu')

/** A line of a file for a terminal: tabs and backslashes stay. */
export const printableText = (line: string): string =>
  line.replace(unsafeInText, (character) => escapeCharacter(character))

/** A path in JSON: readable, and exact in base64 if it is not UTF-8. */
export interface PathJson {
  readonly path: string
  readonly path_b64?: string
}

export function pathJson(path: Buffer): PathJson {
  const text = path.toString('utf8')
  return isUtf8(path) ? {path: text} : {path: text, path_b64: path.toString('base64')}
}

const unicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** JSON that is safe to show on a terminal: the same value, every control character escaped. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(unsafeInJson, unicodeEscape)
}

/** The same on one line, with its newline. */
export function toJsonLine(value: unknown): string {
  return `${JSON.stringify(value).replace(unsafeInJson, unicodeEscape)}\n`
}

/** A word for a shell: exact, on one line, and safe to show on a terminal. */
export function shellWord(word: string): string {
  if (/^[\w./:@%+=,-]+$/.test(word)) return word
  if (word.search(unsafeInShell) === -1) return `'${word.replaceAll("'", String.raw`'\''`)}'`
  const escaped = word
    .replace(/[\\']/g, String.raw`\$&`)
    .replace(unsafeInShell, (character) => [...Buffer.from(character)].map(byteText).join(''))
  return `$'${escaped}'`
}
