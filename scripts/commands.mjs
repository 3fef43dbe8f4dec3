// What the compiled commands take; run by itself, writes it into the fixture that tests hold it to.
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {format, resolveConfig} from 'prettier'
import {isMain, root} from './tools.mjs'

const fixture = join(root, 'test/fixtures/commands.json')

const bundle = () => import(new URL('../dist/main.cjs', import.meta.url).href)

/** The compiled commands in their order, each with what it says of itself and all its flags. */
export async function readCommands() {
  const {commands} = await bundle()
  return Object.entries(commands).map(([name, command]) => {
    const {summary, description, usage, examples, args, baseFlags} = command
    const flags = {...baseFlags, ...command.flags}
    return {name, summary, description, usage, examples, args, baseFlags, flags}
  })
}

/** What the exit codes mean, by the codes. */
export const readExitMeanings = async () => (await bundle()).exitMeanings

const sorted = (object) =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
const mapped = (object, map) =>
  sorted(Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)])))

/** What scripts and crontabs of users depend on; null where there is none. */
function flagContract(flag) {
  const {type, char, env, default: value, multiple, options, required} = flag
  return {
    type,
    char: char ?? null,
    env: env ?? null,
    default: value ?? null,
    multiple: multiple ?? false,
    options: options ?? null,
    required: required ?? false,
  }
}

const argContract = ({multiple, options, required, default: value}) => ({
  multiple: multiple ?? false,
  options: options ?? null,
  required: required ?? false,
  default: value ?? null,
})

/** Each command's flags and arguments as plain values. */
export async function contract() {
  const commands = await readCommands()
  const entries = commands.map(({name, flags, args}) => [
    name,
    {flags: mapped(flags, flagContract), args: mapped(args, argContract)},
  ])
  return Object.fromEntries(entries)
}

if (isMain(import.meta.url)) {
  const text = JSON.stringify(await contract())
  writeFileSync(fixture, await format(text, {...(await resolveConfig(fixture)), filepath: fixture}))
}
