// Which flags and operands a command needs, and which ones contradict each other.
import type {Arguments, CommandFacts} from './arguments.js'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {noStoreGiven, orList} from './hints.js'

function refuse(message: string): never {
  throw new CuraError('usage', message)
}

/** Flags that say the opposite of each other. */
const opposites = [
  ['quiet', 'verbose'],
  ['force', 'wait'],
] as const

const isOn = (text: string): boolean => /^(true|1|yes|y)$/i.test(text)

/** What gave a flag its value: the flag itself or its variable. Null if neither did. */
function originOf(
  name: string,
  {flags}: CommandFacts,
  {values}: Pick<Arguments, 'values'>,
  environment: NodeJS.ProcessEnv,
): string | null {
  if (values.has(name)) return `--${name}`
  const {env, type} = flags[name] ?? {}
  if (env === undefined) return null
  const text = environment[env] ?? ''
  return (type === 'boolean' ? isOn(text) : text !== '') ? env : null
}

function checkOperands({args, name, usage}: CommandFacts, operands: readonly string[]): void {
  const known = Object.entries(args)
  const line = `write cura-te-ipsum ${usage}`
  const [missing] = known.slice(operands.length).filter(([, arg]) => arg.required === true)
  if (missing !== undefined) refuse(`${name} needs a ${missing[0]}: ${line}`)
  for (const [index, [arg, {options}]] of known.entries()) {
    const value = operands[index]
    if (options === undefined || value === undefined || options.includes(value)) continue
    refuse(`the ${arg} "${printable(value)}" is unknown: use ${orList(options)}`)
  }
  const extra = known.some(([, {multiple}]) => multiple) ? undefined : operands[known.length]
  if (extra !== undefined) refuse(`"${printable(extra)}" is one word too many: ${line}`)
}

/** Throws a CuraError for words that make no sense together. */
export function checkArguments(
  given: Arguments,
  command: CommandFacts,
  environment: NodeJS.ProcessEnv,
): void {
  const origin = (name: string): string | null => originOf(name, command, given, environment)
  for (const [one, other] of opposites) {
    const [first, second] = [origin(one), origin(other)]
    if (first === null || second === null) continue
    refuse(`${first} and ${second} contradict each other: give only one of them`)
  }
  const needed = Object.entries(command.flags).filter(([, {required}]) => required === true)
  const missing = needed.find(([name]) => origin(name) === null)
  if (missing?.[0] === 'backups-dir') throw noStoreGiven(environment)
  if (missing !== undefined) refuse(`${command.name} needs --${missing[0]}`)
  checkOperands(command, given.operands)
}

/**
 * The message with variables instead of flags that nobody typed: CURA_KEEP_DAILY=abc is wrong, not
 * --keep-daily "abc".
 */
export function withVariables(
  message: string,
  command: CommandFacts,
  given: Pick<Arguments, 'values'>,
  environment: NodeJS.ProcessEnv,
): string {
  return message.replace(/(?<![\w-])--([a-z-]+[a-z])( ")?/g, (text, name: string, quote = '') => {
    const origin = originOf(name, command, given, environment)
    if (origin === null || origin === `--${name}`) return text
    return `${origin}${quote === '' ? '' : '="'}`
  })
}
