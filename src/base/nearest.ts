// Finds the word that the user most likely meant to type.

/** How many letters must be inserted, removed or replaced to turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({length: b.length + 1}, (_, column) => column)
  for (let at = 1; at <= a.length; at += 1) {
    const next = [at]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (a[at - 1] === b[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** How many letters two words have in common at their beginning. */
function commonStart(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length += 1
  return length
}

/**
 * The most similar word; among several, the one with the longest common beginning. Null if more than
 * half of the letters differ.
 */
export function nearest(word: string, words: readonly string[]): string | null {
  const limit = Math.ceil(word.length / 2)
  const [best] = words
    .map((other) => ({
      other,
      distance: editDistance(word, other),
      start: commonStart(word, other),
    }))
    .filter(({distance}) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || b.start - a.start)
  return best?.other ?? null
}
