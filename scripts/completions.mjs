// Completion scripts for bash, zsh and fish, made from the compiled commands.
import {readCommands} from './commands.mjs'
import {bash} from './completions/bash.mjs'
import {fish} from './completions/fish.mjs'
import {zsh} from './completions/zsh.mjs'

function describe({name, summary, flags, args}) {
  const help = {name: 'help', char: 'h', type: 'boolean', summary: 'Show help.'}
  const byName = ([a], [b]) => (a < b ? -1 : 1)
  const sorted = Object.entries(flags).sort(byName)
  return {
    name,
    summary: summary.replace(/\.$/, ''),
    flags: [...sorted.map(([flag, facts]) => ({...facts, name: flag})), help],
    args: Object.entries(args).map(([arg, facts]) => ({...facts, name: arg})),
  }
}

/** The scripts by the names of their files. */
export async function completions() {
  const commands = (await readCommands()).map(describe)
  const text = (lines) => `${lines.join('\n')}\n`
  return {
    'cura-te-ipsum.bash': text(bash(commands)),
    '_cura-te-ipsum': text(zsh(commands)),
    'cura-te-ipsum.fish': text(fish(commands)),
  }
}
