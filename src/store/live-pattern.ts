// A pattern for paths of this machine, as one for paths in the snapshots of a source. Pure.

/** Whether a pattern without slashes matches a name. */
type Matches = (pattern: string, name: string) => boolean

const literal = (name: string): string => name.replace(/[*?[\]\\]/g, '\\$&')
const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '')

/**
 * The pattern below a source named `name` that is at `place` on this machine; null if it cannot match
 * anything there. '/home/ann/*.txt' at '/home/ann' → '/ann/*.txt'.
 */
export function patternBelow(
  pattern: string,
  {name, place}: {readonly name: string; readonly place: string},
  matches: Matches,
): string | null {
  const keeps = pattern.startsWith('!') ? '!' : ''
  const path = pattern.slice(keeps.length)
  if (!path.startsWith('/')) return null
  const parts = partsOf(path)
  const end = path.endsWith('/') ? '/' : ''
  for (const [at, component] of partsOf(place).entries()) {
    const part = parts[at]
    if (part === undefined) return null
    // Everything below, however deep.
    if (part === '**') return `${keeps}/${[literal(name), ...parts.slice(at)].join('/')}${end}`
    if (!matches(part, component)) return null
  }
  return `${keeps}/${[literal(name), ...parts.slice(partsOf(place).length)].join('/')}${end}`
}
