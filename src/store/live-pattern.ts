// A pattern for paths of this machine, as one for paths in the snapshots of a source. Pure.

const special = /[.+^${}()|\\]/g

/** A component of a .gitignore pattern without '**' as a regular expression. */
function componentRule(pattern: string, ignoreCase: boolean): RegExp {
  const text = pattern.replace(/\\(.)|\[(!?)([^\]]*)\]|\*+|\?|[^\\*?[]/g, (part, ...found) => {
    const [escaped, negated, set] = found as Array<string | undefined>
    if (escaped !== undefined) return escaped.replace(/\W/, '\\$&')
    if (set !== undefined)
      return `[${negated === '!' ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`
    if (part.startsWith('*')) return '[^/]*'
    return part === '?' ? '[^/]' : part.replace(special, '\\$&')
  })
  return new RegExp(`^${text}$`, ignoreCase ? 'iu' : 'u')
}

const literal = (name: string): string => name.replace(/[*?[\]\\]/g, '\\$&')
const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '')

/**
 * The pattern below a source named `name` that is at `place` on this machine; null if it cannot match
 * anything there. '/home/ann/*.txt' at '/home/ann' → '/ann/*.txt'.
 */
export function patternBelow(
  pattern: string,
  {name, place, ignoreCase}: {name: string; place: string; ignoreCase: boolean},
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
    if (!componentRule(part, ignoreCase).test(component)) return null
  }
  return `${keeps}/${[literal(name), ...parts.slice(partsOf(place).length)].join('/')}${end}`
}
