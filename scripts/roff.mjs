// The language of man pages: man(7), as both groff and mandoc read it.

const escapes = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
}

const isolated = (line) => line.replace(/^\./, '\\&.')

/** A text without special characters of roff. */
export const escaped = (text) =>
  isolated(text.replace(/[\\\-'"`^~]/g, (character) => escapes[character]))

export const bold = (text) => `\\fB${escaped(text)}\\fR`
export const italic = (text) => `\\fI${escaped(text)}\\fR`

/** Flags, variables and words in backticks are set in bold. */
const marks = /`([^`]+)`|(?<![\w-])(--?[a-z][\w-]*)|\b(CURA_[A-Z_]+)\b/g

/** Text in which flags and the like are bold. */
export function prose(text) {
  let [done, at] = ['', 0]
  for (const match of text.matchAll(marks)) {
    done += escaped(text.slice(at, match.index)) + bold(match[1] ?? match[2] ?? match[3])
    at = match.index + match[0].length
  }
  return wrapped(done + escaped(text.slice(at)))
}

/** Broken between words, so that a changed word is a changed line in a diff. */
function wrapped(text) {
  const lines = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < 80) lines.push(`${lines.pop()} ${word}`)
    else lines.push(word)
  }
  return lines.map(isolated).join('\n')
}

export const section = (title, ...lines) => [`.SH ${escaped(title)}`, ...lines.flat()]
export const subsection = (title, ...lines) => [`.SS ${escaped(title)}`, ...lines.flat()]

/** Empty lines in the text separate paragraphs. */
export const paragraphs = (text) => text.split('\n\n').map(prose).join('\n.PP\n')

/** A word or flag with its explanation. */
export const item = (tag, text) => ['.TP', tag, prose(text)]

/** Lines as the user types them. */
export const verbatim = (lines) => ['.RS 4', '.EX', ...lines.map(escaped), '.EE', '.RE']
