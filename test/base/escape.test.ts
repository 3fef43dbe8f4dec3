// File names in text and in JSON.
import {expect} from 'chai'
import fc from 'fast-check'
import {pathJson, printable, printableText, toJson} from '../../src/base/escape.js'

// The name, and its printed form.
const table: ReadonlyArray<[string, string | number[], string]> = [
  ['plain text', 'documents/a.txt', 'documents/a.txt'],
  ['letters of any script', 'Größe/日本/🙂', 'Größe/日本/🙂'],
  ['a backslash', 'a\\n', 'a\\\\n'],
  ['a newline', 'a\nb', 'a\\x0ab'],
  ['escape and delete', '\u001b[31m\u007f', '\\x1b[31m\\x7f'],
  ['a control of C1', 'a\u009bb', 'a\\u{9b}b'],
  ['text turned round', 'a\u202egpj.exe', 'a\\u{202e}gpj.exe'],
  ['isolates and marks', '\u2066\u200f\u061c', '\\u{2066}\\u{200f}\\u{61c}'],
  ['line separators', '\u2028\u2029', '\\u{2028}\\u{2029}'],
  ['a byte that is no UTF-8', [0x61, 0xff, 0x62], 'a\\xffb'],
  ['a character cut short', [0xe2, 0x82], '\\xe2\\x82'],
  ['good and bad together', [0xc3, 0xa4, 0x80, 0x0a], 'ä\\x80\\x0a'],
  ['an overlong slash', [0xc0, 0xaf], '\\xc0\\xaf'],
  ['a surrogate in UTF-8', [0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
]

// eslint-disable-next-line no-control-regex -- the test looks for control characters
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** Decodes printable text, to prove that nothing is lost. */
function unescape(text: string): Buffer {
  const parts = text.match(/\\\\|\\x[0-9a-f]{2}|\\u\{[0-9a-f]+\}|[^\\]+/gu) ?? []
  return Buffer.concat(
    parts.map((part) => {
      if (part === '\\\\') return Buffer.from('\\')
      if (part.startsWith('\\x')) return Buffer.from(part.slice(2), 'hex')
      if (part.startsWith('\\u')) {
        return Buffer.from(String.fromCodePoint(Number.parseInt(part.slice(3, -1), 16)))
      }
      return Buffer.from(part)
    }),
  )
}

describe('escape', () => {
  for (const [what, name, shown] of table) {
    it(`shows ${what}`, () => {
      const raw = typeof name === 'string' ? Buffer.from(name) : Buffer.from(name)
      expect(printable(raw)).to.equal(shown)
    })
  }

  it('passes no control character, and loses no byte', () => {
    expect(control.test('\u009b'), 'the check sees one').to.be.true
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 40}), (bytes) => {
        const text = printable(Buffer.from(bytes))
        expect(control.test(text)).to.be.false
        expect(unescape(text)).to.deep.equal(Buffer.from(bytes))
      }),
      {numRuns: 2000},
    )
  })

  it('keeps tabs and backslashes in the lines of a file', () => {
    expect(printableText('a\t\\b\u001b[2J\r\u202e')).to.equal('a\t\\b\\x1b[2J\\x0d\\u{202e}')
  })

  it('adds the exact bytes to the readable path in JSON', () => {
    const bad = Buffer.from([0x61, 0xff])
    expect(pathJson(bad)).to.deep.equal({path: 'a\ufffd', path_b64: 'Yf8='})
    expect(pathJson(Buffer.from('ä'))).to.deep.equal({path: 'ä'})
  })

  it('writes JSON that parses to the same value and is safe on a terminal', () => {
    const value = {path: 'a\u009b\u202e\u007f\n\u2028'}
    const json = toJson(value)
    expect(control.test(json.replaceAll('\n', ''))).to.be.false
    expect(JSON.parse(json)).to.deep.equal(value)
  })
})
