// Starts the command that the command line names, or its help; what is no command is left to oclif.
import type {Interfaces} from '@oclif/core'
import Backup from './commands/backup.js'
import Completion from './commands/completion.js'
import Digests from './commands/digests.js'
import Prune from './commands/prune.js'
import Status from './commands/status.js'
import {endWith} from './exit.js'
import {packageJson, packageRoot} from '../base/package.js'

/** The commands by name, the most used first; package.json tells oclif to look for them here. */
export const commands = {
  backup: Backup,
  prune: Prune,
  status: Status,
  digests: Digests,
  completion: Completion,
}

/** For `npm run generate`. */
export {exitMeanings} from '../base/errors.js'
export {operands, settings} from './settings.js'

// Plugins of the user would be looked for in the home directory, which may not be readable.
const noPlugins = {userPlugins: false, devPlugins: false}

/** This package as a command sees it: with no commands named, oclif does not load the others. */
function facts(): Interfaces.LoadOptions {
  const {name, version, oclif} = packageJson()
  const pjson = {name, version, oclif: {bin: oclif.bin}}
  return {root: packageRoot, isRoot: true, pjson, ...noPlugins}
}

async function run(argv: readonly string[], wantsHelp: boolean): Promise<void> {
  const [name = '', ...rest] = argv
  if (!wantsHelp && Object.hasOwn(commands, name)) {
    await commands[name as keyof typeof commands].run(rest, facts())
    return
  }
  const options = {root: packageRoot, ...noPlugins}
  if (wantsHelp || argv.length === 0) {
    const {showHelp} = await import('./help.js')
    await showHelp(argv, Object.keys(commands), options)
    return
  }
  const {run: runOclif} = await import('@oclif/core/run')
  await runOclif([...argv], options)
}

/**
 * Sets the exit code and never rejects: the entry is a bundle of its own, with a CuraError of its own,
 * and would not know ours.
 */
export async function main(argv: readonly string[], wantsHelp: boolean): Promise<void> {
  await run(argv, wantsHelp).catch((error: unknown) => {
    endWith(error, argv)
  })
}
