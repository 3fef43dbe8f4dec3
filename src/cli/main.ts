// Starts a command or its help.
import type {Interfaces} from '@oclif/core'
import Backup from './commands/backup.js'
import Completion from './commands/completion.js'
import Diff from './commands/diff.js'
import Delete from './commands/delete.js'
import Digests from './commands/digests.js'
import Find from './commands/find.js'
import History from './commands/history.js'
import Ls from './commands/ls.js'
import Pin from './commands/pin.js'
import Prune from './commands/prune.js'
import Restore from './commands/restore.js'
import Snapshots from './commands/snapshots.js'
import Size from './commands/size.js'
import Status from './commands/status.js'
import Tag from './commands/tag.js'
import Verify from './commands/verify.js'
import Unpin from './commands/unpin.js'
import {endWith} from './exit.js'
import {firstSteps} from './first-steps.js'
import {unknownCommand} from './hints.js'
import {packageJson, packageRoot} from '../base/package.js'

/** The commands by name, the most used first; package.json tells oclif to look for them here. */
export const commands = {
  backup: Backup,
  restore: Restore,
  prune: Prune,
  status: Status,
  find: Find,
  history: History,
  snapshots: Snapshots,
  ls: Ls,
  diff: Diff,
  size: Size,
  delete: Delete,
  pin: Pin,
  unpin: Unpin,
  tag: Tag,
  verify: Verify,
  digests: Digests,
  completion: Completion,
}

/** For `npm run generate`. */
export {exitMeanings} from '../base/errors.js'
export {completionValues} from './completion-values.js'
export {operands, settings} from './settings.js'
export {queryTables} from './query-settings.js'

// oclif would search the home directory for plugins, and it may not be readable.
const noPlugins = {userPlugins: false, devPlugins: false}

/** The facts of package.json without its commands, so that oclif does not load the other ones. */
function facts(): Interfaces.LoadOptions {
  const {name, version, oclif} = packageJson()
  const pjson = {name, version, oclif: {bin: oclif.bin}}
  return {root: packageRoot, isRoot: true, pjson, ...noPlugins}
}

async function run(argv: readonly string[], wantsHelp: boolean): Promise<void> {
  const [name, ...rest] = argv
  if (name === undefined) {
    process.stdout.write(firstSteps())
    return
  }
  if (!wantsHelp && Object.hasOwn(commands, name)) {
    const command = commands[name as keyof typeof commands]
    command.id = name
    await command.run(rest, facts())
    return
  }
  const isCommand = name.startsWith('-') || Object.hasOwn(commands, name)
  if (!isCommand) throw unknownCommand(name)
  const options = {root: packageRoot, ...noPlugins}
  const {showHelp} = await import('./help.js')
  await showHelp(argv, Object.keys(commands), options)
}

/**
 * Sets the exit code and never rejects, because the entry point is a separate bundle with its own
 * CuraError class and would not recognize ours.
 */
export async function main(argv: readonly string[], wantsHelp: boolean): Promise<void> {
  await run(argv, wantsHelp).catch((error: unknown) => {
    endWith(error, argv)
  })
}
