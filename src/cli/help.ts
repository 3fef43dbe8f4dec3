// The help of the program and of its commands, made by oclif, arranged for new users in 80 columns.
import type {Command, Interfaces} from '@oclif/core'
import {Config} from '@oclif/core/config'
import {CommandHelp, Help} from '@oclif/core/help'
import {settings} from './settings.js'

type Flag = Command.Flag.Any
type Section = ReturnType<CommandHelp['sections']>[number]

/** The sections of a command's help, in order: its purpose comes before its many flags. */
const order = ['USAGE', 'DESCRIPTION', 'ARGUMENTS', 'FLAGS', 'EXAMPLES']

/** Flags that every command has come last. */
const lastGroup = 'OUTPUT'

const variablesText =
  'CURA_JSON=1 means --json, and CURA_BACKUPS_DIR=/mnt/backups means -b /mnt/backups. Flags ' +
  'override variables. An unknown CURA_ variable is an error.'

/** Flags that choose snapshots and ask questions have no variables. */
function environmentText(flags: readonly Flag[]): string {
  const having = flags.filter(({env}) => env !== undefined)
  if (having.length === flags.length) {
    return `Every flag also has an environment variable: ${variablesText}`
  }
  const names = having.map(({name}) => `--${name}`)
  const last = names.pop() ?? ''
  return (
    `Only ${names.join(', ')} and ${last} also have an environment variable: ${variablesText} ` +
    'The other flags have none, so that an answer does not depend on the environment.'
  )
}

/** Commands on whole lines, so that they can be copied. */
function exampleLines(example: Command.Example): string[] {
  if (typeof example === 'string') return [`  $ ${example}`]
  return [example.description, ...example.command.split('\n').map((line) => `  $ ${line}`)]
}

/** --wait=TIME → --wait[=TIME] */
const withOptionalValue = (left: string): string =>
  left.replace(/--([a-z-]+)=(\S+)/, (text, name: string, value: string) =>
    settings[name]?.alone === undefined ? text : `--${name}[=${value}]`,
  )

class CommandPage extends CommandHelp {
  protected override sections(): Section[] {
    const sections = super.sections()
    return [
      ...order.flatMap((name) => sections.filter(({header}) => header === name)),
      {
        header: 'ENVIRONMENT',
        generate: () => this.wrap(environmentText(Object.values(this.command.flags))),
      },
    ]
  }

  /** Without the summary, which is at the top. */
  protected override description(): string | undefined {
    return this.command.description === undefined ? undefined : this.wrap(this.command.description)
  }

  /** Brackets as in USAGE: oclif need not require what an operation asks for in a better sentence. */
  protected override args(
    args: Command.Arg.Any[],
  ): Array<[string, string | undefined]> | undefined {
    const usage = String(this.command.usage)
    const isOptional = ({name}: Command.Arg.Any) => usage.includes(`[${name.toUpperCase()}`)
    return super.args(args.map((arg) => ({...arg, required: !isOptional(arg)})))
  }

  /** Without the variables, because most flags would not fit on a line with them. */
  protected override flags(flags: Flag[]): Array<[string, string | undefined]> | undefined {
    const rows = super.flags(flags.map((flag) => ({...flag, env: ''})))
    return rows?.map(([left, right]) => [withOptionalValue(left), right])
  }

  protected override groupFlags(flags: Flag[]): ReturnType<CommandHelp['groupFlags']> {
    const {mainFlags, flagGroups} = super.groupFlags(flags)
    const {[lastGroup]: last = [], ...others} = flagGroups
    return {mainFlags, flagGroups: {...others, [lastGroup]: last}}
  }

  protected override examples(examples: Command.Example[] | undefined): string | undefined {
    return examples?.flatMap(exampleLines).join('\n')
  }
}

class Page extends Help {
  protected override CommandHelpClass = CommandPage
  private readonly names: readonly string[]

  constructor(config: Interfaces.Config, names: readonly string[]) {
    super(config, {flagSortOrder: 'none'})
    this.names = names
  }

  protected override get sortedCommands(): Command.Loadable[] {
    return super.sortedCommands.sort((a, b) => this.names.indexOf(a.id) - this.names.indexOf(b.id))
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- oclif's signature
  protected override async showRootHelp(): Promise<void> {
    const {bin, pjson} = this.config
    const commands = this.sortedCommands
    const examples = commands.flatMap((command) => command.examples?.slice(0, 1) ?? [])
    const sections = [
      pjson.description,
      this.section('USAGE', rootUsage.map((line) => `$ ${bin} ${line}`).join('\n')),
      this.formatCommands(commands),
      this.section('EXAMPLES', examples.flatMap(exampleLines).join('\n')),
      this.section('MORE', `${bin} COMMAND --help, man ${bin} (with the exit codes)`),
    ]
    this.log(`${sections.join('\n\n')}\n`)
  }
}

const rootUsage = ['COMMAND [FLAGS] ...', '-b STORE [FLAGS] SOURCE...   (as backup)']

/** Prints the help that `argv` asks for; `names` are the commands, the most used first. */
export async function showHelp(
  argv: readonly string[],
  names: readonly string[],
  options: Interfaces.LoadOptions,
): Promise<void> {
  await new Page(await Config.load(options), names).showHelp([...argv])
}
