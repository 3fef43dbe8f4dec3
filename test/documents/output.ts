// Compares the actual output of a command with the output in a document.

/** Values that no document can know: times of day, durations, sizes, digests. */
const loose: ReadonlyArray<readonly [RegExp, string]> = [
  [/\d\d-\d\d-\d\d(?!\d)(?<=_\d\d-\d\d-\d\d)/g, 'TIME'],
  [/\b[0-9a-f]{64}\b/g, 'DIGEST'],
  [/\b\d+ (seconds? ago|min)\b/g, 'AGE'],
  [/\d[\d.,]* (B|[kMGT]B|m?s)\b/g, 'AMOUNT'],
  [/\s+/g, ' '],
]

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) =>
      loose.reduce((loosened, [what, word]) => loosened.replaceAll(what, word), line).trim(),
    )

/** Inode numbers at the start of lines differ on every machine, but equal ones must stay equal. */
class Inodes {
  private readonly known = new Map<string, string>()

  agree(written: string, seen: string): boolean {
    const partner = this.known.get(`written ${written}`) ?? seen
    const other = this.known.get(`seen ${seen}`) ?? written
    this.known.set(`written ${written}`, seen).set(`seen ${seen}`, written)
    return partner === seen && other === written
  }
}

function sameLine(written: string, seen: string, inodes: Inodes): boolean {
  const [, number, rest = written] = /^(\d+) (.*)$/.exec(written) ?? []
  const [, seenNumber, seenRest = seen] = /^(\d+) (.*)$/.exec(seen) ?? []
  if (number !== undefined && seenNumber !== undefined && !inodes.agree(number, seenNumber)) {
    return false
  }
  if ((number === undefined) !== (seenNumber === undefined)) return false
  const pattern = rest.split('…').map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
  return new RegExp(`^${pattern.join('.*')}$`).test(seenRest)
}

const sameLines = (written: readonly string[], seen: readonly string[]): boolean => {
  const inodes = new Inodes()
  return (
    written.length === seen.length &&
    written.every((line, index) => sameLine(line, String(seen[index]), inodes))
  )
}

/** Splits lines at each line that is only `…`, which stands for any number of lines. */
function piecesOf(lines: readonly string[]): string[][] {
  const pieces: string[][] = [[]]
  for (const line of lines) {
    if (line === '…') pieces.push([])
    else pieces.at(-1)?.push(line)
  }
  return pieces
}

/** Compares line by line. Within a line `…` stands for any text. */
export function sameOutput(written: string, seen: string): boolean {
  const there = linesOf(seen.trimEnd())
  const [first = [], ...others] = piecesOf(linesOf(written.trimEnd()))
  const last = others.pop()
  if (last === undefined) return sameLines(first, there)
  const end = there.length - last.length
  if (!sameLines(first, there.slice(0, first.length))) return false
  let from = first.length
  for (const piece of others) {
    while (
      from + piece.length <= end &&
      !sameLines(piece, there.slice(from, from + piece.length))
    ) {
      from += 1
    }
    from += piece.length
  }
  return from <= end && sameLines(last, there.slice(end))
}
