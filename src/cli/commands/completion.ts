// `cura-te-ipsum completion`: prints a script that makes a shell complete command lines.
import * as Args from '@oclif/core/args'
import {BaseCommand} from '../base-command.js'
import {formatOf} from '../exit.js'
import {packageRoot} from '../../base/package.js'
import {operands} from '../settings.js'

/** `npm run generate` makes them. */
const files = {bash: 'cura-te-ipsum.bash', fish: 'cura-te-ipsum.fish', zsh: '_cura-te-ipsum'}
const shells = ['bash', 'fish', 'zsh'] as const

export default class Completion extends BaseCommand {
  static override summary = 'Print a completion script for a shell.'
  static override description =
    'Source it in ~/.bashrc for bash, or in ~/.zshrc after compinit for zsh. For fish, save it ' +
    'as a file.'

  static override usage = `completion ${shells.join('|')}`
  static override examples = [
    {
      description: 'In ~/.bashrc (for zsh, in ~/.zshrc):',
      command: 'source <(<%= config.bin %> completion bash)',
    },
    {
      description: 'Once for fish:',
      command:
        'cd ~/.config/fish/completions\n' +
        '<%= config.bin %> completion fish > <%= config.bin %>.fish',
    },
  ]

  static override args = {
    shell: Args.custom<(typeof shells)[number]>({options: shells})({
      description: operands.shell.summary,
      ignoreStdin: true,
      required: true,
    }),
  }

  /** A shell runs this as it starts: a variable meant for another command must not break it. */
  protected override get environment(): NodeJS.ProcessEnv {
    return {}
  }

  /** The same for CURA_JSON. */
  override jsonEnabled(): boolean {
    return formatOf(this.argv, {}) !== 'text'
  }

  async run(): Promise<object> {
    const {args} = await this.parse(Completion)
    const {readFile} = await import('node:fs/promises')
    const script = await readFile(`${packageRoot}completions/${files[args.shell]}`, 'utf8')
    if (!this.jsonEnabled()) this.print(script)
    return {shell: args.shell, script, exit: 0}
  }
}
