// JSON that may be longer than the longest string: written piece by piece, lists item by item.
import {toJson} from '../base/escape.js'

/** How many characters a piece has at least. */
const pieceLength = 65_536

/** A list whose items become JSON one at a time, so that the whole text is never in memory. */
export class JsonList<T> implements Iterable<unknown> {
  constructor(
    private readonly items: readonly T[],
    private readonly jsonOf: (item: T) => unknown,
  ) {}

  *[Symbol.iterator](): Generator {
    for (const item of this.items) yield this.jsonOf(item)
  }
}

/** A newline in JSON is layout, because strings escape theirs. */
const indented = (json: string, indent: string): string => json.replaceAll('\n', `\n${indent}`)

function* listTexts(list: Iterable<unknown>): Generator<string> {
  let separator = '[\n    '
  for (const item of list) {
    yield `${separator}${indented(toJson(item ?? null), '    ')}`
    separator = ',\n    '
  }
  yield separator.startsWith('[') ? '[]' : '\n  ]'
}

const isList = (value: unknown): value is Iterable<unknown> =>
  Array.isArray(value) || value instanceof JsonList

function* fieldTexts(value: object): Generator<string> {
  let separator = '{\n  '
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue
    yield `${separator}${toJson(key)}: `
    if (isList(field)) yield* listTexts(field)
    else yield indented(toJson(field), '  ')
    separator = ',\n  '
  }
  yield separator.startsWith('{') ? '{}' : '\n}'
}

/** The same text as `toJson` of an object; lists directly in it may have any length. */
export function* jsonPieces(value: object): Generator<string> {
  let piece = ''
  for (const text of fieldTexts(value)) {
    piece += text
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
  }
  yield piece
}
