// What a man page is written in: man(7), as both groff and mandoc take it.

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

/** A text that stands for itself, wherever it is. */
export const escaped = (text) =>
  isolated(text.replace(/[\\\-'"`^~]/g, (character) => escapes[character]))

export const bold = (text) => `\\fB${escaped(text)}\\fR`
export const italic = (text) => `\\fI${escaped(text)}\\fR`

/** Flags, variables and what is in backticks are set in bold. */
const marks = /`([^`]+)`|(?<![\w-])(--?[a-z][\w-]*)|\b(CURA_[A-Z_]+)\b/g

/** A sentence or more, in which flags and the like stand out. */
export function prose(text) {
  let [done, at] = ['', 0]
  for (const match of text.matchAll(marks)) {
    done += escaped(text.slice(at, match.index)) + bold(match[1] ?? match[2] ?? match[3])
    at = match.index + match[0].length
  }
  return wrapped(done + escaped(text.slice(at)))
}

/** Divided where words end, so that a change of a word is a change of a line. */
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

/** Paragraphs, which empty lines divide in the text. */
export const paragraphs = (text) => text.split('\n\n').map(prose).join('\n.PP\n')

/** A word or flag, and what is to be said of it beside or below. */
export const item = (tag, text) => ['.TP', tag, prose(text)]

/** Lines as they are typed. */
export const verbatim = (lines) => ['.RS 4', '.EX', ...lines.map(escaped), '.EE', '.RE']
