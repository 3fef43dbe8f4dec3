// `cura-te-ipsum completion`: prints the script that makes a shell complete our command lines.
import * as Args from '@oclif/core/args'
import {BaseCommand} from '../base-command.js'
import {wantsJson} from '../outcome.js'
import {packageRoot} from '../package.js'

/** Made by scripts/completions.mjs. */
const files = {bash: 'cura-te-ipsum.bash', fish: 'cura-te-ipsum.fish', zsh: '_cura-te-ipsum'}
const shells = ['bash', 'fish', 'zsh'] as const

export default class Completion extends BaseCommand {
  static override summary = 'Print the completion script of a shell.'
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/<%= config.bin %>.fish',
  ]

  static override args = {
    shell: Args.custom<(typeof shells)[number]>({options: shells})({
      description: 'The shell.',
      ignoreStdin: true,
      required: true,
    }),
  }

  /** Shells read this at their start, where CURA_JSON may be set for other reasons. */
  override jsonEnabled(): boolean {
    return wantsJson(this.argv, {})
  }

  async run(): Promise<object> {
    const {args} = await this.parse(Completion)
    const {readFile} = await import('node:fs/promises')
    const script = await readFile(`${packageRoot}completions/${files[args.shell]}`, 'utf8')
    if (!this.jsonEnabled()) this.print(script)
    return {shell: args.shell, script, exit: 0}
  }
}
