// Limits the length of C++ files and functions; eslint does the same for TypeScript.
import {expect} from 'chai'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {packageRoot} from '../src/base/package.js'

const limits = {file: 400, function: 50, depth: 3}

interface Block {
  /** The line that opens the block, and its number. */
  readonly head: string
  readonly at: number
  readonly indent: number
}

const indentOf = (line: string): number => line.length - line.trimStart().length

/** A namespace, a type and a table may be as long as their contents. */
const isList = ({head}: Block): boolean =>
  /^\s*(namespace|class|struct|union|enum|extern)\b/.test(head) || head.endsWith(' = {')

const isControl = ({head}: Block): boolean =>
  /^\s*(\} )?(if|else|for|while|do|switch|case)\b/.test(head)

/**
 * The excesses in a text formatted by clang-format, where a block ends at the indent where it
 * began.
 */
function excesses(file: string, text: string): string[] {
  const lines = text.trimEnd().split('\n')
  const found = lines.length > limits.file ? [`${file} has ${lines.length} lines`] : []
  const open: Block[] = []
  for (const [index, line] of lines.entries()) {
    const at = index + 1
    if (/^\s*\}/.test(line)) {
      while ((open.at(-1)?.indent ?? -1) > indentOf(line)) open.pop()
      const block = open.pop()
      const length = at - (block?.at ?? at) - 1
      if (block !== undefined && !isList(block) && length > limits.function)
        found.push(`${file}:${block.at} has ${length} lines`)
    }
    if (line.endsWith('{')) open.push({head: line, at, indent: indentOf(line)})
    if (open.filter(isControl).length > limits.depth) found.push(`${file}:${at} is too deep`)
  }
  return found
}

/** A function with the given number of lines and levels. */
function planted(length: number, depth: number): string {
  const pad = (level: number): string => '  '.repeat(level)
  const levels = Array.from({length: depth}, (_, level) => level + 1)
  return [
    'void Planted() {',
    ...levels.map((level) => `${pad(level)}if (level > ${level}) {`),
    ...Array.from({length: length - 2 * depth}, () => `${pad(depth + 1)}Do();`),
    ...levels.reverse().map((level) => `${pad(level)}}`),
    '}',
  ].join('\n')
}

describe('proportions of C++', () => {
  it('are kept', () => {
    const files = ['native', 'test', 'scripts']
      .flatMap((folder) =>
        readdirSync(join(packageRoot, folder), {recursive: true, encoding: 'utf8'}).map((name) =>
          join(folder, name),
        ),
      )
      .filter((file) => /\.(cc|h)$/.test(file))
    expect(files).to.include('native/jobs/backup.cc')
    const read = (file: string): string => readFileSync(join(packageRoot, file), 'utf8')
    expect(files.flatMap((file) => excesses(file, read(file)))).to.deep.equal([])
  })

  it('are the ones in CONTRIBUTING.md', () => {
    const text = readFileSync(join(packageRoot, 'CONTRIBUTING.md'), 'utf8').replaceAll(/\s+/g, ' ')
    expect(text).to.include(`C++ files ${limits.file}, functions ${limits.function}.`)
  })

  it('are reported if exceeded', () => {
    expect(excesses('a.cc', planted(50, 3))).to.deep.equal([])
    expect(excesses('a.cc', planted(51, 3))).to.deep.equal(['a.cc:1 has 51 lines'])
    expect(excesses('a.cc', planted(9, 4))).to.include('a.cc:5 is too deep')
    expect(excesses('a.cc', '\n'.repeat(400) + planted(1, 0))).to.deep.equal(['a.cc has 403 lines'])
  })
})
