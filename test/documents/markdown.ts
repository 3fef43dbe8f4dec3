// Finds the commands in a document: in fenced blocks and in sentences.

/** One fenced block, from the opening line to the closing one. */
export interface Block {
  /** The language after the opening fence; empty for pictures and forms. */
  readonly language: string
  /** The line of the opening fence, from 1. */
  readonly line: number
  readonly text: string
  /** Whether only empty lines separate it from the block before it. */
  readonly follows: boolean
}

/** A command of the program in backticks within a sentence. */
export interface Mention {
  readonly line: number
  readonly command: string
}

interface Parts {
  readonly blocks: readonly Block[]
  /** The lines outside blocks. Lines of blocks are empty, so that line numbers stay. */
  readonly prose: readonly string[]
}

export function partsOf(document: string): Parts {
  const blocks: Block[] = []
  const prose: string[] = []
  let open: {language: string; line: number; lines: string[]; indent: number} | null = null
  let follows = false
  for (const [index, line] of document.split('\n').entries()) {
    const [, indent = '', language = ''] = /^( *)```(.*)$/.exec(line) ?? []
    const isFence = /^ *```/.test(line)
    prose.push(open === null && !isFence ? line : '')
    if (open === null) {
      if (isFence) open = {language, line: index + 1, lines: [], indent: indent.length}
      else if (line.trim() !== '') follows = false
    } else if (isFence) {
      const text = open.lines.map((inside) => `${inside}\n`).join('')
      blocks.push({language: open.language, line: open.line, text, follows})
      open = null
      follows = true
    } else open.lines.push(line.slice(open.indent))
  }
  if (open !== null) throw new Error(`the block that begins in line ${open.line} has no end`)
  return {blocks, prose}
}

/** The values that a reader would insert for words in capitals. */
const meanings: ReadonlyArray<readonly [RegExp, string]> = [
  [/\[SNAPSHOT\]|\bSNAPSHOT\b/g, '2026-11-22_22-00-00'],
  [/\bSTORE\b/g, '/mnt/backups'],
  [/\bSOURCE…/g, '/home/ann /etc'],
  [/\bPATTERN\b/g, "'*.txt'"],
  [/\bPATH\b/g, '/home/ann/letter.txt'],
]

/** Fills in all words. A command's bare name becomes a call for its help. */
function filledIn(command: string): string {
  const filled = meanings.reduce((text, [word, meaning]) => text.replaceAll(word, meaning), command)
  return /^cura-te-ipsum \w+$/.test(filled) ? `${filled} --help` : filled
}

/** Commands in sentences, and in blocks without a language, where two spaces end a command. */
export function mentionsIn(document: string): Mention[] {
  const {blocks, prose} = partsOf(document)
  const inProse = [...prose.join('\n').matchAll(/`(cura-te-ipsum\s[^`]*)`/g)].map((match) => ({
    line: prose.join('\n').slice(0, match.index).split('\n').length,
    command: String(match[1]).replaceAll(/\s+/g, ' '),
  }))
  const inForms = blocks
    .filter(({language}) => language === '')
    .flatMap(({line, text}) =>
      text.split('\n').map((form, index) => ({
        line: line + 1 + index,
        command: /^(?:\$ )?(cura-te-ipsum .*?)(?: {2}.*|$)/.exec(form)?.[1] ?? '',
      })),
    )
    .filter(({command}) => command !== '')
  return [...inProse, ...inForms].map(({line, command}) => ({line, command: filledIn(command)}))
}
