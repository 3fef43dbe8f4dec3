// What the completion scripts of all shells share.

/** The command of a command line that names none. */
export const oldForm = 'backup'

export const indent = (lines, by = '  ') => lines.map((line) => `${by}${line}`)
export const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`

/** The words to complete a flag or an argument with. */
export const wordsOf = ({options}) => options ?? []

/** Directories complete a source, too, behind its NAME=. */
export const takesDirectory = ({complete}) => complete === 'directory' || complete === 'source'

export const summaryOf = ({summary}) => summary.replace(/\.$/, '')
export const namesOf = ({char, name}) => [...(char === undefined ? [] : [`-${char}`]), `--${name}`]
/** A flag whose value is optional completes as a switch. */
export const takesValue = ({type, alone}) => type === 'option' && alone === undefined
export const present = (lines) => lines.filter((line) => line !== null)

export const made = 'Made by `npm run generate` from the commands: do not edit.'
