// Parses rsync's output for entries: with any bytes in names, and split anywhere.
import {expect} from 'chai'
import fc from 'fast-check'
import {parseErrorLine} from '../../../src/engine/external/rsync-errors.js'
import {LineSplitter, parseItem, type Item} from '../../../src/engine/external/rsync-items.js'

/** Escapes a name as rsync prints it: control characters and ambiguous backslashes. */
function escaped(name: Buffer): string {
  // eslint-disable-next-line no-control-regex -- these are what it escapes
  const control = /[\x00-\x08\x0a-\x1f]/g
  return name
    .toString('latin1')
    .replace(/\\(?=#\d{3})/g, '\\#134')
    .replace(control, (c) => `\\#${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** The lines of a text that arrives in chunks of these sizes. */
function split(text: Buffer, sizes: readonly number[]): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => void lines.push(line))
  let at = 0
  for (const size of sizes) {
    splitter.push(text.subarray(at, at + size))
    at += size
  }
  splitter.push(text.subarray(at))
  splitter.end()
  return lines
}

const item = (line: string): Item => {
  const parsed = parseItem(line)
  if (parsed === null) throw new Error(`no item: ${line}`)
  return parsed
}

const oddNames = [
  'nl\nx', 'tab\t', '\\#012', '\\#01', '\\\\#134#012', 'a => b', 'a -> b', 'end ', ' start', '\x7f', '\x1b[2J', '-rf',
] // prettier-ignore

describe('external/rsync-items', () => {
  it('does not decode an octal number above 255', () => {
    expect(item('>f+++++++++ 7 a\\#777\\#377//').name).to.equal('a\\#777\xff')
  })

  // The line, its kind, type, bytes and name.
  const table: ReadonlyArray<[string, Item['kind'], Item['type'], number, string]> = [
    ['>f+++++++++ 7 a//', 'new', 'file', 7, 'a'],
    ['>f.st...... 7 sub/a//', 'changed', 'file', 7, 'sub/a'],
    ['>f..t...... 7 a//', 'changed', 'file', 7, 'a'],
    ['.f...p..... 7 a//', 'metadata', 'file', 7, 'a'],
    ['.f....og.ax 7 a//', 'metadata', 'file', 7, 'a'],
    ['cf...p..... 7 a//', 'metadata', 'file', 7, 'a'],
    ['.f          7 a//', null, 'file', 7, 'a'],
    ['.d          40 .///', null, 'directory', 0, ''],
    ['.d..t...... 40 sub///', 'metadata', 'directory', 0, 'sub'],
    ['cd+++++++++ 40 sub/x///', 'new', 'directory', 0, 'sub/x'],
    ['cL+++++++++ 3 l// -> t//x', 'new', 'symlink', 0, 'l'],
    ['cLc.t...... 3 l// => -> t', 'changed', 'symlink', 0, 'l'],
    ['.L..t...... 3 l// -> t', 'changed', 'symlink', 0, 'l'],
    ['cS+++++++++ 0 p//', 'new', 'special', 0, 'p'],
    ['cD+++++++++ 0 null//', 'new', 'special', 0, 'null'],
    ['*deleting   0 a//', 'deleted', 'file', 0, 'a'],
    ['*deleting   0 d///', 'deleted', 'directory', 0, 'd'],
    ['hf          7 a//', null, 'file', 7, 'a'],
  ]
  for (const [line, kind, type, bytes, name] of table) {
    it(`reads ${line}`, () => {
      expect(item(line)).to.include({kind, type, bytes, name})
    })
  }

  it('reads which names are linked', () => {
    expect(item('hf+++++++++ 7 a// => d/b')).to.include({kind: 'new', leader: 'd/b', follows: true})
    expect(item('hf          7 a// => b')).to.include({
      kind: 'metadata',
      leader: 'b',
      follows: true,
    })
    expect(item('cL+++++++++ 7 a// -> b')).to.include({leader: null, follows: false})
  })

  it('ignores any other line', () => {
    for (const line of [
      '',
      'created directory ./x',
      'IO error encountered -- skipping file deletion',
      'skipping non-regular file "null"',
      '>f+++++++++ 7 a',
      '>f+++++++++ x a//',
      '>f++++++++ 7 a//',
      '>q+++++++++ 7 a//',
      'Welcome, >f+++++++++ 7 a//',
    ]) {
      expect(parseItem(line), line).to.equal(null)
    }
  })

  const nameByte = fc.integer({min: 1, max: 255}).filter((byte) => byte !== 0x2f)
  const component = fc
    .oneof(
      {
        weight: 3,
        arbitrary: fc.array(nameByte, {minLength: 1, maxLength: 30}).map((b) => Buffer.from(b)),
      },
      {weight: 1, arbitrary: fc.constantFrom(...oddNames).map((n) => Buffer.from(n))},
    )
    .filter((name) => !['.', '..'].includes(name.toString('latin1')))
  const path = fc
    .array(component, {minLength: 1, maxLength: 4})
    .map((names) => Buffer.from(names.map((n) => n.toString('latin1')).join('/'), 'latin1'))

  it('returns every name byte for byte, wherever the chunks are split', () => {
    const one = fc.record({
      name: path,
      target: path,
      form: fc.constantFrom('file', 'directory', 'symlink', 'follower', 'deleted'),
    })
    const forms: Readonly<Record<string, (name: string, target: string) => string>> = {
      file: (name) => `>f+++++++++ 1 ${name}//`,
      directory: (name) => `cd+++++++++ 1 ${name}///`,
      symlink: (name, target) => `cL+++++++++ 1 ${name}// -> ${target}`,
      follower: (name, target) => `hf+++++++++ 1 ${name}// => ${target}`,
      deleted: (name) => `*deleting   0 ${name}//`,
    }
    fc.assert(
      fc.property(
        fc.array(one, {maxLength: 8}),
        fc.array(fc.integer({min: 0, max: 40}), {maxLength: 40}),
        (entries, sizes) => {
          const lines = entries.map(({name, target, form}) =>
            forms[form]?.(escaped(name), escaped(target)),
          )
          const text = Buffer.from(lines.map((line) => `${String(line)}\n`).join(''), 'latin1')
          const items = split(text, sizes).map(item)
          expect(items.map(({name}) => name)).to.deep.equal(
            entries.map(({name}) => name.toString('latin1')),
          )
          expect(items.map(({leader}) => leader)).to.deep.equal(
            entries.map(({target, form}) =>
              form === 'follower' ? target.toString('latin1') : null,
            ),
          )
        },
      ),
      {numRuns: 500},
    )
  })

  it('never throws, whatever the input', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({maxLength: 100})), (pieces) => {
        const splitter = new LineSplitter((line) => {
          parseItem(line)
          parseErrorLine(line)
        })
        for (const piece of pieces) splitter.push(Buffer.from(piece))
        splitter.end()
      }),
    )
  })

  it('skips only the line that is too long', () => {
    const long = 'x'.repeat(200_000)
    const sizes = Array.from({length: 30}, () => 8192)
    expect(split(Buffer.from(`a\n${long}\nb\nc`), sizes)).to.deep.equal(['a', 'b', 'c'])
  })
})
