// How the process ends for an error that no command could answer.
import {toJson} from './escape.js'
import {outcomeOf, wantsJson} from './outcome.js'

/** Sets the exit code, and says why: no such command, or a program that cannot be loaded. */
export function endWith(error: unknown, argv: readonly string[]): void {
  const outcome = outcomeOf(error)
  process.exitCode = outcome?.exit ?? 0
  if (outcome === null) return
  if (wantsJson(argv, process.env)) process.stdout.write(`${toJson(outcome)}\n`)
  else process.stderr.write(`cura-te-ipsum: ${outcome.message}\n`)
}
