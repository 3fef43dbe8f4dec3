// How a failed run ends: the sentence for people, the object for programs, the exit code.
import {beforeDashes} from './command-line.js'
import {CuraError} from '../base/errors.js'
import {printable, toJson, toJsonLine} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import {paletteFor, type ColourChoice} from '../report/colour.js'

export interface Outcome {
  /** A name from the table of exit codes, or 'bug'. */
  readonly code: string
  readonly message: string
  readonly exit: number
}

/** Lines that oclif adds around its message. */
const parserPadding = /^(The following errors? occurred:|See more help with --help)$/
// eslint-disable-next-line no-control-regex -- colours are control characters
const colours = /\u001b\[\d*m/g

/** Joins oclif's lines into one sentence; they may contain words of the user. */
function parserMessage(message: string): string {
  const texts = message
    .replace(colours, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !parserPadding.test(line))
  return `${printable(texts.join('; '))} (see --help)`
}

/** The exit code of oclif's own errors; null for any other error. */
function parserExit(error: Error): number | null {
  if (!('oclif' in error)) return null
  const {exit} = error.oclif as {exit?: unknown}
  return typeof exit === 'number' ? exit : null
}

/** Null if nothing is to be reported, because oclif ends its help by throwing. */
export function outcomeOf(error: unknown): Outcome | null {
  if (error instanceof CuraError) {
    const {code, message, details} = error
    return {code, message, ...details, exit: exitCode({error: code})}
  }
  if (!(error instanceof Error))
    return {code: 'bug', message: String(error), exit: exitCode({error: 'failed'})}
  const exit = parserExit(error)
  if (exit === 0) return null
  if (exit !== null) {
    return {code: 'usage', message: parserMessage(error.message), exit: exitCode({error: 'usage'})}
  }
  const trace = (error.stack ?? error.message).split('\n').map(printable).join('\n')
  return {
    code: 'bug',
    message: `unexpected error, please report it: ${trace}`,
    exit: exitCode({error: 'failed'}),
  }
}

/** 'json' prints one object at the end, 'lines' one object per line. */
export type Format = 'text' | 'json' | 'lines'

const isOn = (text = ''): boolean => /^(true|1|yes|y)$/i.test(text)

/** The format the user asked for; it works even if the flags cannot be parsed. */
export function formatOf(argv: readonly string[], environment: NodeJS.ProcessEnv): Format {
  const words = beforeDashes(argv)
  if (words.includes('--json-lines')) return 'lines'
  if (words.includes('--json')) return 'json'
  if (isOn(environment.CURA_JSON_LINES)) return 'lines'
  return isOn(environment.CURA_JSON) ? 'json' : 'text'
}

const choices: readonly string[] = ['always', 'auto', 'never'] satisfies ColourChoice[]

/** When to colour; as formatOf, it works even if the flags cannot be parsed. */
export function colourOf(argv: readonly string[], environment: NodeJS.ProcessEnv): ColourChoice {
  const words = beforeDashes(argv)
  const at = words.findLastIndex((word) => /^--color(=|$)/.test(word))
  const word = words[at] ?? ''
  const given = word === '--color' ? words[at + 1] : word.replace(/^--color=/, '')
  const choice = given || environment.CURA_COLOR || ''
  return choices.includes(choice) ? (choice as ColourChoice) : 'auto'
}

/** Sets the exit code and prints the error: an unknown command, or a file that cannot be loaded. */
export function endWith(error: unknown, argv: readonly string[]): void {
  const outcome = outcomeOf(error)
  process.exitCode = outcome?.exit ?? 0
  if (outcome === null) return
  const format = formatOf(argv, process.env)
  const {stderr, env} = process
  const {error: red} = paletteFor(colourOf(argv, env), stderr, env)
  if (format === 'text') stderr.write(red(`cura-te-ipsum: ${outcome.message}\n`))
  else if (format === 'json') process.stdout.write(`${toJson(outcome)}\n`)
  else process.stdout.write(toJsonLine({event: 'summary', ...outcome}))
}
