#!/usr/bin/env node
// The entry: answers --version at once, accepts the old command line, and hands over to oclif.
import {fileURLToPath} from 'node:url'
import {commandLine} from './command-line.js'
import {toJson} from './escape.js'
import {outcomeOf, wantsJson} from './outcome.js'
import {tolerateOutputErrors} from './output.js'
import {version} from './version.js'

/** Loads oclif, which is most of the start-up time, only when it is needed. */
async function run(argv: string[]): Promise<void> {
  const {run: runCommand} = await import('@oclif/core/run')
  const root = fileURLToPath(import.meta.url)
  // Plugins of the user would be looked for in the home directory, which may not be readable.
  await runCommand(argv, {root, userPlugins: false, devPlugins: false})
}

/** Ends the process for an error that came before a command could, such as an unknown one. */
function end(error: unknown, argv: readonly string[]): void {
  const outcome = outcomeOf(error)
  process.exitCode = outcome?.exit ?? 0
  if (outcome === null) return
  if (wantsJson(argv, process.env)) process.stdout.write(`${toJson(outcome)}\n`)
  else process.stderr.write(`cura-te-ipsum: ${outcome.message}\n`)
}

tolerateOutputErrors()

const {argv, wantsVersion} = commandLine(process.argv.slice(2))
if (wantsVersion) {
  process.stdout.write(`cura-te-ipsum ${version()}\n`)
} else {
  await run(argv).catch((error: unknown) => {
    end(error, argv)
  })
}
