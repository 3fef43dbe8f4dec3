// Reads the flags and arguments of the compiled commands.

const bundle = () => import(new URL('../dist/main.cjs', import.meta.url).href)

/** The same tables as one, because a shell completes a flag in the same way in every command. */
const mergedFrom = (tables) => Object.assign({}, ...tables)

const pick = ({complete, examples, alone} = {}) => ({complete, examples, alone})

/**
 * Adds to each flag or argument what a shell completes it with, and what it means alone; `of` finds
 * its row in a table.
 */
const withCompletion = (facts, of) =>
  Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, {...fact, ...pick(of(name, fact))}]),
  )

/** The compiled commands in their order, each with its texts, flags and arguments. */
export async function readCommands() {
  const {commands, completionValues, operands, settings, queryTables} = await bundle()
  const table = mergedFrom([...queryTables, settings])
  const row = (flag) => ({...table[flag], ...completionValues[flag]})
  return Object.entries(commands).map(([name, command]) => {
    const {summary, description, usage, examples, baseFlags} = command
    const flags = withCompletion({...baseFlags, ...command.flags}, row)
    // Several arguments may be of one kind.
    const rows = Object.values(operands)
    const args = withCompletion(command.args ?? {}, (_, fact) =>
      rows.find((row) => row.summary === fact.description),
    )
    return {name, summary, description, usage, examples, args, baseFlags, flags}
  })
}

/** What the exit codes mean, by the codes. */
export const readExitMeanings = async () => (await bundle()).exitMeanings

const sorted = (object) =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
const mapped = (object, map) =>
  sorted(Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)])))

/** The facts that scripts and crontabs of users depend on; null where there is none. */
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
