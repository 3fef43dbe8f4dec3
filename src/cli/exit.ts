// How a failed run ends: the sentence for people, the object for programs, the exit code.
import {beforeDashes} from './command-line.js'
import {CuraError} from '../base/errors.js'
import {printable, toJson} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'

interface Outcome {
  /** A name from the table of exit codes, or 'bug'. */
  readonly code: string
  readonly message: string
  readonly exit: number
}

/** Lines that oclif puts around what it has to say. */
const parserPadding = /^(The following errors? occurred:|See more help with --help)$/
// eslint-disable-next-line no-control-regex -- colours are control characters
const colours = /\u001b\[\d*m/g

/** Makes one sentence of oclif's lines, which may hold what the user typed. */
function parserMessage(message: string): string {
  const texts = message
    .replace(colours, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !parserPadding.test(line))
  return `${printable(texts.join('; '))} (see --help)`
}

/** The exit code that oclif put on an error of its own, or null for any other error. */
function parserExit(error: Error): number | null {
  if (!('oclif' in error)) return null
  const {exit} = error.oclif as {exit?: unknown}
  return typeof exit === 'number' ? exit : null
}

/** Null when there is nothing to say: oclif ends help by throwing. */
export function outcomeOf(error: unknown): Outcome | null {
  if (error instanceof CuraError) {
    return {code: error.code, message: error.message, exit: exitCode({error: error.code})}
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

/** Whether the user asked for JSON: known even where the flags could not be parsed. */
export function wantsJson(argv: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  return (
    beforeDashes(argv).includes('--json') || /^(true|1|yes|y)$/i.test(environment.CURA_JSON ?? '')
  )
}

/** Sets the exit code, and says why: no such command, or a program that cannot be loaded. */
export function endWith(error: unknown, argv: readonly string[]): void {
  const outcome = outcomeOf(error)
  process.exitCode = outcome?.exit ?? 0
  if (outcome === null) return
  if (wantsJson(argv, process.env)) process.stdout.write(`${toJson(outcome)}\n`)
  else process.stderr.write(`cura-te-ipsum: ${outcome.message}\n`)
}
