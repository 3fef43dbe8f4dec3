// What the completion scripts of all shells share.

/** The command of a command line that names none. */
export const oldForm = 'backup'

export const indent = (lines, by = '  ') => lines.map((line) => `${by}${line}`)
export const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`

/** The words to complete a flag or an argument with. */
export const wordsOf = ({options, examples}) => options ?? examples ?? []

/**
 * A pipeline that prints the tags in markers and .backup_tags of the files given to it. Others than
 * plain words are not offered, because a shell might expand them.
 */
export const tagsFrom = (files) =>
  String.raw`sed -n -e '/^ "tags": \[$/,/^ \]/s/^  \(".*"\),\{0,1\}$/\1/p' ` +
  String.raw`-e 's/^\[\(".*"\)\]$/\1/p' ${files} 2>/dev/null | ` +
  String.raw`tr ',' '\n' | tr -d '"' | LC_ALL=C grep '^[A-Za-z0-9_.][A-Za-z0-9_.+-]*$' | sort -u`

/** Directories complete a source, too, behind its NAME=. */
export const takesDirectory = ({complete}) => complete === 'directory' || complete === 'source'

export const summaryOf = ({summary}) => summary.replace(/\.$/, '')
export const namesOf = ({char, name}) => [...(char === undefined ? [] : [`-${char}`]), `--${name}`]
/** A flag whose value is optional completes as a switch. */
export const takesValue = ({type, alone}) => type === 'option' && alone === undefined
export const present = (lines) => lines.filter((line) => line !== null)

export const made = 'Made by `npm run generate` from the commands: do not edit.'
